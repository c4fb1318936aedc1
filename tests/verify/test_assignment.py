"""The teacher's kit: blanks raise, the solution passes its tests, a wrong line fails them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bpsym.api import LayoutName
from bpsym.cli.assignment import assignment
from bpsym.errors import EmitError
from bpsym.verify.assignment import BEGIN, SOLUTION, STUDENT, TESTS, make_assignment
from bpsym.verify.diagnosis.observe import Language

NETWORKS = (
    ("2-3-2", ("delta2", "dW1")),
    ("3-4:relu-2:softmax,l2=0.1", ("delta1", "W2", "db1")),
    ("3-4:gelu-2", ()),
)


def outcome(folder: Path, source: str, tests: str) -> subprocess.CompletedProcess[str]:
    (folder / STUDENT).write_text(source, encoding="utf-8")
    (folder / TESTS).write_text(tests, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("spec", "blanks", "layout", "lang"),
    [
        *((*each, "rows", "en") for each in NETWORKS),
        ("2-3-1", ("delta2", "dW1"), "columns", "zh"),
        ("4-5:relu-3:softmax", (), "columns", "en"),
    ],
)
def test_the_solution_passes_and_the_blanks_do_not(
    spec: str, blanks: tuple[str, ...], layout: LayoutName, lang: Language, tmp_path: Path
) -> None:
    files = make_assignment(spec, blanks, layout=layout, lang=lang)
    assert files[STUDENT].count("    raise NotImplementedError") == (len(blanks) or 6)
    assert files[SOLUTION].count(BEGIN) == (len(blanks) or 6)
    right = outcome(tmp_path, files[SOLUTION], files[TESTS])
    assert right.returncode == 0, right.stdout
    blank = outcome(tmp_path, files[STUDENT], files[TESTS])
    assert "NotImplementedError" in blank.stdout


def test_a_wrong_line_fails(tmp_path: Path) -> None:
    files = make_assignment("2-3-2", ("delta2",))
    wrong = files[SOLUTION].replace("/ m\n", "\n")
    assert wrong != files[SOLUTION]
    found = outcome(tmp_path, wrong, files[TESTS])
    assert "the gradient in W1 is not right" in found.stdout


def test_the_blank_takes_its_formula_along() -> None:
    student = make_assignment("2-3-2", ("delta2", "dW1"))[STUDENT]
    assert "delta2[n,i] =" not in student
    assert "dW1[i,j]" not in student
    assert "# delta2 = dC/dz2, of shape (m, 2)" in student
    assert "# dW1 = dC/dW1, of shape (3, 2)" in student
    assert "DO NOT EDIT" not in student


def test_a_seed_gives_the_same_files_again() -> None:
    assert make_assignment("2-3-2", ("delta2",), seed=3) == make_assignment(
        "2-3-2", ("delta2",), seed=3
    )
    assert make_assignment("2-3-2", ())[TESTS] != make_assignment("2-3-2", (), seed=1)[TESTS]


def test_an_unknown_blank_is_refused() -> None:
    with pytest.raises(EmitError) as caught:
        make_assignment("2-3-2", ("delta9",))
    assert "delta2" in str(caught.value)


def test_the_command_does_not_overwrite(tmp_path: Path) -> None:
    run = CliRunner()
    arguments = ["2-3-2", "--blank", "delta2", "-o", str(tmp_path / "kit")]
    assert run.invoke(assignment, arguments).exit_code == 0
    again = run.invoke(assignment, arguments)
    assert again.exit_code == 1
    assert "--force" in again.output
    assert run.invoke(assignment, [*arguments, "--force"]).exit_code == 0
