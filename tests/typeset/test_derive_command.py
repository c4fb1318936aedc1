"""``bpsym derive`` as a command: views, notations, languages, formats, files, and its errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bpsym.cli import derive as command
from bpsym.cli.main import main
from bpsym.typeset.documents.formats import FORMATS
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "sources" / "README.md"
COMMANDS = re.findall(r"^    bpsym (.+)$", EXAMPLES.read_text(encoding="utf-8"), re.MULTILINE)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["derive", *arguments])


@pytest.mark.parametrize("line", COMMANDS)
def test_every_example_runs(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, line.split())
    assert result.exit_code == 0, result.output


def test_every_notation_has_an_example() -> None:
    for name in NOTATIONS:
        assert any(f"--notation {name}" in line for line in COMMANDS)


def test_the_options_name_what_there_is() -> None:
    assert tuple(NOTATIONS) == command.NOTATIONS
    assert tuple(LANGUAGES) == command.LANGUAGES
    assert ("terminal", *FORMATS) == command.FORMATS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("to", ["latex", "markdown", "html", "typst"])
@pytest.mark.parametrize("spec", ["2-3-1", "any-depth"])
def test_it_writes_files(spec: str, to: str, language: str, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    options = ("--view", "all", "--notation", "nielsen", "--lang", language, "--format", to)
    result = run(spec, *options, "-o", str(file))
    assert result.exit_code == 0, result.output
    assert result.output == ""
    text = file.read_text(encoding="utf-8")
    if to == "html":  # the page has both languages, and begins with one
        assert f'<html lang="{language}" data-language="{language}">' in text
    else:
        assert ("误差逆传播" in text) is (language == "zh")


def test_views() -> None:
    scalar, index, matrix, both = (run("2-3-1", "--view", view).output for view in command.VIEWS)
    assert "W2[1,3] δ2[n,1]" in scalar
    assert "δ1[n,i]" in index
    assert "δ2 W2" not in index
    assert "δ1[n,i]" not in matrix
    assert "(δ2 W2) ⊙ σ′(z1)" in matrix
    assert "δ1[n,i]" in both
    assert "(δ2 W2) ⊙ σ′(z1)" in both


def test_the_chain_rule_is_written_out() -> None:
    assert "(∂C/∂a2[n,i]) (∂a2[n,i]/∂z2[n,i])" in run("2-3-1").output


def test_plain() -> None:
    assert run("2-3-1", "--notation", "watermelon", "--ascii").output.isascii()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("64-32-10", "--view", "scalar"), "at most 60 parameters"),
        (("2-3-1", "-o", "no/such/folder/file"), "cannot be written"),
        (("examples/networks/residual.toml", "--notation", "ng"), "no word"),
    ],
)
def test_errors_say_the_way_out(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = run(*arguments)
    assert result.exit_code == 1
    assert message.lower() in result.output.lower()


def test_a_proof_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from bpsym.errors import ProofError
    from bpsym.typeset.notations.prepare import Prepared

    def fails(self: Prepared) -> None:
        raise ProofError.single(
            where="here", what="fails", expected="a proof", got="none", way_out="none"
        )

    monkeypatch.setattr(Prepared, "require_proof", fails)
    assert run("2-3-1").exit_code == 1
    assert run("2-3-1", "--no-prove").exit_code == 0
