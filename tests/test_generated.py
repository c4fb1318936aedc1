"""generated/ is what it would be rewritten to, and the check would see if it were not."""

import runpy
import subprocess
import sys

import pytest

from bpsym.emit.regenerate import FOLDER, MODULES, differences, expected, main, rewrite


@pytest.fixture(scope="module")
def texts():
    return expected()


def test_nothing_is_stale(texts):
    assert differences(texts, FOLDER) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.file)
def test_each_checks_itself(module, capsys):
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(FOLDER / module.file), run_name="__main__")
    assert stop.value.code == 0
    assert "FAIL" not in capsys.readouterr().out


def test_differences_are_seen(texts, tmp_path):
    rewrite(texts, tmp_path)
    assert differences(texts, tmp_path) == []
    first, second, *_ = texts
    (tmp_path / first).write_text(texts[first].replace("delta", "Delta", 1))
    (tmp_path / second).unlink()
    (tmp_path / "stray.py").touch()
    assert sorted(differences(texts, tmp_path)) == sorted(
        [f"different: {first}", f"missing: {second}", "extra: stray.py"]
    )


def test_rewriting_deletes_orphans(texts, tmp_path):
    (tmp_path / "stray.py").touch()
    rewrite(texts, tmp_path)
    assert not (tmp_path / "stray.py").exists()


def test_a_wrong_call_is_a_usage_error(capsys):
    assert main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_text_does_not_depend_on_the_process(texts):
    """Another hash seed gives the same bytes."""
    module = MODULES[-2]
    code = (
        "from bpsym.emit.regenerate import MODULES;import sys; sys.stdout.write(MODULES[-2].text())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "12345", "PYTHONPATH": str(FOLDER.parent)},
    )
    assert run.stdout == texts[module.file]
