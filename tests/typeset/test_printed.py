"""The document of a derivation from Python: every format, the command's options, and its errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import bpsym
from bpsym.cli.main import main
from bpsym.errors import EmitError
from bpsym.typeset.document import Figure
from bpsym.typeset.printed import printed_any_depth

OPTIONS = {"notation": "nielsen", "lang": "zh", "view": "matrix", "full": True}


def test_it_writes_itself() -> None:
    shown = bpsym.derive("2-2-1").document(**OPTIONS)  # type: ignore[arg-type]
    assert r"\documentclass" in shown.latex()
    assert shown.markdown().startswith("# ")
    assert "<math" in shown.html()
    assert "#set" in shown.typst()
    assert "误差逆传播" in shown.text()
    assert shown._repr_latex_().startswith("$$")
    assert "<svg" in shown._repr_html_()


def test_pdf() -> None:
    pytest.importorskip("typst")
    assert bpsym.derive("2-2-1").document(full=True).pdf().startswith(b"%PDF")


@pytest.mark.parametrize(
    "options",
    [{}, {"notation": "ng", "full": True, "weight": "W2[1,2]"}, {"view": "all", "steps": True}],
)
def test_the_command_prints_the_same(options: dict[str, object], tmp_path: Path) -> None:
    arguments = [
        part
        for name, value in options.items()
        for part in ([f"--{name}"] if value is True else [f"--{name}", str(value)])
    ]
    shown = bpsym.derive("2-2-1").document(**options)  # type: ignore[arg-type]
    result = CliRunner().invoke(main, ["derive", "2-2-1", *arguments, "--width", "80"])
    assert result.output == shown.text(width=80) + "\n"
    file = tmp_path / "notes.tex"
    CliRunner().invoke(main, ["derive", "2-2-1", *arguments, "--format", "latex", "-o", str(file)])
    assert file.read_text(encoding="utf-8") == shown.latex()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"notation": "nilsen"}, "Did you mean 'nielsen'"),
        ({"lang": "de"}, "one of en, zh"),
        ({"view": "matrices"}, "Did you mean 'matrix'"),
    ],
)
def test_an_unknown_name_is_an_error(options: dict[str, str], message: str) -> None:
    with pytest.raises(EmitError, match=message):
        bpsym.derive("2-2-1").document(**options)  # type: ignore[arg-type]
    with pytest.raises(EmitError, match=message):
        printed_any_depth(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("lang", "words"), [("en", "784 in all"), ("zh", "共 784 个")])
def test_the_picture_is_a_part_of_the_document(lang: str, words: str) -> None:
    shown = bpsym.derive("784-128-10").document(lang=lang, prove=False)
    figures = [each for each in shown.document.sections[0].blocks if isinstance(each, Figure)]
    assert len(figures) == 1
    assert words in shown.latex()
    assert words in shown._repr_html_()
    assert words not in shown.text()
