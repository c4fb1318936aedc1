"""What docs/assignment.md shows is what happens: its blocks are run in their order."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from bpsym.cli.main import main
from bpsym.verify.assignment.task import SOLUTION, STUDENT, TESTS

TEXT = (Path(__file__).parents[2] / "docs" / "assignment.md").read_text(encoding="utf-8")


def blocks() -> list[tuple[str, str]]:
    """The fenced blocks, each with its language."""
    return re.findall(r"^```(console|python)\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def written(source: str, functions: str) -> str:
    """A student's file with some functions written, by name."""
    for each in re.split(r"\n\n(?=def )", functions.strip()):
        name = re.match(r"def (\w+)", each)
        assert name is not None
        pattern = rf"^def {name[1]}\(.*?(?=\n\n\n)"
        assert re.search(pattern, source, re.MULTILINE | re.DOTALL)
        new = each.strip()
        source = re.sub(pattern, lambda _, new=new: new, source, flags=re.MULTILINE | re.DOTALL)
    return source


def ran(command: str, folder: Path) -> str:
    """What a command of the documentation prints."""
    program, *arguments = shlex.split(command)
    if program == "bpsym":
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        return done.output
    assert program == "python"
    run = [sys.executable, "-B", *arguments]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_tour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "kit"
    commands = 0
    for language, text in blocks():
        if language == "console":
            marks = [match.start() for match in re.finditer(r"^\$ ", text, re.MULTILINE)]
            for start, end in pairwise([*marks, len(text)]):
                command, _, expected = text[start:end].partition("\n")
                assert ran(command.removeprefix("$ "), folder) == expected
                commands += 1
        elif text.startswith("# in assignment.py\n"):
            student = folder / STUDENT
            functions = text.removeprefix("# in assignment.py\n")
            student.write_text(written(student.read_text(), functions))
        elif text.startswith("# in a notebook\n"):
            monkeypatch.syspath_prepend(str(folder))
            solution: dict[str, object] = {"__name__": "notebook"}
            exec((folder / SOLUTION).read_text(), solution)
            (folder / STUDENT).write_text((folder / STUDENT).read_text() + "\ndel compute_delta2\n")
            exec(text, solution)
            for name in (STUDENT, TESTS):
                monkeypatch.delitem(sys.modules, name.removesuffix(".py"))
        else:
            assert text in (folder / STUDENT).read_text()
    assert commands == 4


def test_every_option_of_the_documentation_exists() -> None:
    told = " ".join(
        CliRunner().invoke(main, [name, "--help"]).output for name in ("assignment", "verify")
    )
    for option in set(re.findall(r"`(--[a-z-]+)", TEXT)):
        assert option in told, option
