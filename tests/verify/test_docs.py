"""What docs/verify.md shows is what happens."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from bpsym.cli.main import main

TEXT = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")

# What the adapters of the documentation adapt: code in shapes that are not read without help.
MINE = """
import numpy as np


def _both(W1, b1, W2, b2, X, Y):
    a1 = 1 / (1 + np.exp(-(X @ W1.T + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2.T + b2)))
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2 * a1 * (1 - a1)
    return d1.T @ X, d1.sum(0), d2.T @ a1, d2.sum(0)


class Net:
    def __init__(self, *sizes):
        self.kept = None

    def load(self, values):
        self.kept = values

    def run(self, X, Y):
        self.found = _both(*self.kept, X, Y)

    def results(self):
        return self.found


def two_values(W2, b2, params, X, Y):
    found = _both(params["W1"], params["b1"], W2, b2[:, 0], X.T, Y.T)
    return found[0].T, found[1][:, None]


def gradient(params, x, y):
    values = (params[name] for name in ("W1", "b1", "W2", "b2"))
    return dict(zip(("W1", "b1", "W2", "b2"), _both(*values, x[None], y[None])))


def schedule_step(params, X, Y, epoch):
    names = ("W1", "b1", "W2", "b2")
    found = _both(*(params[name] for name in names), X, Y)
    return {name: params[name] - 0.01 * each for name, each in zip(names, found)}
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """The files that the documentation names in their first line."""
    found = {"mine.py": MINE}
    for text in (*blocks("python"), *blocks("latex")):
        name = re.match(r"[#%] (\w+\.\w+)\n", text)
        if name is not None:
            found[name[1]] = text
    return found


def runs() -> list[tuple[str, str]]:
    """Commands, each with what it is said to print."""
    found = []
    for text in blocks("console"):
        marks = [match.start() for match in re.finditer(r"^\$ ", text, re.MULTILINE)]
        for start, end in pairwise([*marks, len(text)]):
            command, _, printed = text[start:end].partition("\n")
            found.append((command.removeprefix("$ "), printed.rstrip()))
    return found


@pytest.mark.parametrize(("command", "expected"), runs(), ids=[command for command, _ in runs()])
def test_a_command_prints_what_is_shown(
    command: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(command)
    assert program == "bpsym"
    done = CliRunner().invoke(main, [*arguments, "--no-prove"])
    assert done.exit_code == {"PASS": 0, "FAIL": 3}[expected.split()[0]], done.output
    printed = done.stdout
    for part in expected.split("\n...\n"):
        assert part in printed


@pytest.mark.parametrize("name", ["columns"])
def test_an_adapter_that_gives_a_part_says_what_is_missing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file, text in files().items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["verify", "2-3-1", f"adapters.py:{name}", "--no-prove"])
    assert done.exit_code == 3
    assert re.search(r"^W1 +ok", done.stdout, re.MULTILINE)
    assert "not returned" in done.stdout


def test_every_option_of_the_documentation_exists() -> None:
    told = CliRunner().invoke(main, ["verify", "--help"]).output
    for option in set(re.findall(r"`?(--[a-z-]+)", TEXT)):
        assert option in told, option


def test_the_calls_in_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first block of Python, on the first file that is shown."""
    import bpsym

    code = next(text for text in blocks("python") if text.startswith("report = "))
    space: dict[str, object] = {"bpsym": bpsym}
    exec(files()["rows.py"], space)
    exec(code, space)
    assert space["report"].ok  # type: ignore[attr-defined]


def test_every_file_of_the_documentation_is_used() -> None:
    commands = " ".join(command for command, _ in runs())
    for name in files():
        assert name in commands or name == "mine.py", name
