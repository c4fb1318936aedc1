"""The commands that reproduce the five texts run, and print the lines that are shown below them."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from bpsym.cli.main import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "examples" / "sources" / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(
    r"^    bpsym ([^\n]+)\n\n```text\n(.*?)^```", README, re.MULTILINE | re.DOTALL
)


def test_every_command_is_followed_by_what_it_prints() -> None:
    assert len(COMMANDS) == README.count("    bpsym derive") == 10


@pytest.mark.parametrize(("command", "shown"), COMMANDS)
def test_a_text_is_reproduced(command: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, [*shlex.split(command), "--width", "110"])
    assert result.exit_code == 0, result.stderr
    printed = [line.strip() for line in result.stdout.splitlines()]
    for piece in pieces(shown):
        lines = [line.strip() for line in piece]
        runs = (printed[at : at + len(lines)] for at in range(len(printed)))
        assert lines in runs, "\n".join(lines)


@pytest.mark.parametrize(("command", "shown"), COMMANDS)
def test_no_side_is_shown_without_what_it_is_a_side_of(command: str, shown: str) -> None:
    for piece in pieces(shown):
        first = next(line for line in piece if "=" in line or len(piece) == 1)
        assert not first.strip().startswith(("=", "(")), f"{command}: {first}"


def pieces(shown: str) -> list[list[str]]:
    """The runs of lines between those that say that some are left out."""
    return [
        each.strip("\n").split("\n") for each in re.split(r"^\.\.\.$", shown, flags=re.MULTILINE)
    ]
