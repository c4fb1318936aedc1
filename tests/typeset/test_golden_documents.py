"""The golden documents are what they would be rewritten to, and the check would see otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bpsym.emit.regenerate import differences, rewrite
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from tests.typeset.golden_documents import FOLDER, expected, main


@pytest.fixture(scope="module")
def texts() -> Mapping[str, str]:
    return expected()


def test_no_document_has_changed(texts: Mapping[str, str]) -> None:
    hint = "run python -m tests.typeset.golden_documents, look at the pages, read the diff"
    assert differences(texts, FOLDER) == [], hint


def test_every_notation_and_language_is_there(texts: Mapping[str, str]) -> None:
    for name in NOTATIONS:
        for lang in LANGUAGES:
            assert f"2-3-3-1.{name}.{lang}.md" in texts


def test_differences_are_seen(texts: Mapping[str, str], tmp_path: Path) -> None:
    rewrite(texts, tmp_path)
    first, second, *_ = texts
    (tmp_path / first).write_text(texts[first] + "x", encoding="utf-8")
    (tmp_path / second).unlink()
    (tmp_path / "stray.md").touch()
    found = differences(texts, tmp_path)
    assert sorted(found) == sorted([f"different: {first}", f"missing: {second}", "extra: stray.md"])


def test_a_wrong_call_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err
