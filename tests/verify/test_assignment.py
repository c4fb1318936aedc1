"""The teacher's kit: each blank is judged by itself, and what is wrong is said."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import bpsym
from bpsym.api import LayoutName
from bpsym.cli.assignment import assignment
from bpsym.errors import EmitError
from bpsym.network import parse
from bpsym.verify.assignment.kit import make_assignment
from bpsym.verify.assignment.sheet import BEGIN, END
from bpsym.verify.assignment.task import SOLUTION, STUDENT, TESTS
from bpsym.verify.assignment.words import WORDS
from bpsym.verify.diagnosis.observe import Language

NETWORKS = Path(__file__).parents[2] / "examples" / "networks"
LABELS = """
name = "labels"
[inputs]
left = 3
right = 2
[[layer]]
name = "h"
units = 4
activation = "tanh"
from = ["left"]
[[layer]]
name = "g"
units = 4
activation = "gelu"
from = ["right"]
[[layer]]
name = "s"
kind = "add"
from = ["h", "g"]
[[layer]]
name = "ln"
kind = "layer_norm"
from = ["s"]
[[layer]]
name = "p"
units = 6
activation = "softmax"
[[layer]]
name = "q"
units = 1
activation = "identity"
from = ["ln"]
[[loss]]
of = "p"
kind = "cross_entropy"
targets = "labels"
[[loss]]
of = "q"
kind = "huber"
weight = 0.5
target = "t"
"""


def run(folder: Path, source: str, tests: str, *command: str) -> subprocess.CompletedProcess[str]:
    """A file of the kit run beside a solution, as a student runs it."""
    (folder / STUDENT).write_text(source, encoding="utf-8")
    (folder / TESTS).write_text(tests, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )


def solved(solution: str, **bodies: str) -> str:
    """The solution with other bodies for some functions."""
    for name, body in bodies.items():
        pattern = rf"(def compute_{name}\(.*?{BEGIN}\n).*?(    {END})"
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        changed = re.sub(
            pattern, lambda found, new=lines: found[1] + new + found[2], solution, flags=re.DOTALL
        )
        assert changed != solution, name
        solution = changed
    return solution


@pytest.mark.parametrize(
    ("spec", "blanks", "layout", "lang"),
    [
        ("2-3-2", ("delta2", "dW1"), "rows", "en"),
        ("3-4:relu-2:softmax,l2=0.1", ("all",), "rows", "zh"),
        ("3-4:gelu-2:sigmoid,loss=bce", ("all",), "columns", "en"),
        ("labels.toml", ("all",), "rows", "en"),
        ("labels.toml", ("all",), "columns", "zh"),
        (str(NETWORKS / "scorer.toml"), (), "columns", "en"),
        (str(NETWORKS / "residual.toml"), ("all",), "rows", "en"),
    ],
)
def test_the_solution_has_all_points_and_the_blanks_have_none(
    spec: str,
    blanks: tuple[str, ...],
    layout: LayoutName,
    lang: Language,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels.toml").write_text(LABELS)
    files = make_assignment(spec, blanks, layout=layout, lang=lang)
    count = files[STUDENT].count("    raise NotImplementedError")
    assert files[SOLUTION].count(BEGIN) == files[SOLUTION].count(END) == count > 0
    right = run(tmp_path, files[SOLUTION], files[TESTS], TESTS)
    assert right.returncode == 0, right.stderr
    *marks, points = right.stdout.splitlines()
    assert [line[:4] for line in marks] == ["ok  "] * (count + 1)
    assert points == WORDS[lang]["points"].format(got=count, most=count)
    empty = run(tmp_path, files[STUDENT], files[TESTS], TESTS)
    assert empty.stdout.endswith(WORDS[lang]["points"].format(got=0, most=count) + "\n")
    assert empty.stdout.count(WORDS[lang]["not written"]) >= count
    shown = run(tmp_path, files[SOLUTION], files[TESTS], STUDENT)
    assert shown.stderr == ""
    assert {line[:4] for line in shown.stdout.splitlines()} <= {"ok  "}


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("delta2", "return (a2 - Y) * a2 * (1 - a2)", "too large"),
        ("delta2", "return (a2 - Y) * a2 * (1 - a2) / len(Y) ** 2", "too small"),
        ("delta2", "return (Y - a2) * a2 * (1 - a2) / len(Y)", "wrong sign"),
        ("dW1", "return X.T @ delta1", "transposed"),
        ("dW2", "return 2 * delta2.T @ a1", "factor"),
        ("db1", "return delta1", "not summed"),
        ("db1", "return delta1.sum(axis=0, keepdims=True)", "reshaped"),
        ("db1", "return delta1.mean(axis=0)", "too small"),
        ("db1", "return np.zeros(3)", "zero"),
        ("z1", "return X @ W1.T + b1 * np.nan", "not finite"),
        ("C", "return 2 * np.mean((a2 - Y) ** 2)", "factor"),
        ("delta1", "delta2 @ W2", "nothing returned"),
        ("delta1", "return 'delta1'", "no numbers"),
        ("delta2", "a2 -= Y\nreturn a2", "changed"),
        ("dW1", "return delta1 @ X", None),
        ("delta1", "return delta2 @ W2", None),
        ("dW2", "found = delta2.T @ a1\nfound[0, 1] += 1e-3\nreturn found", "unknown"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_wrong_function_costs_its_own_points_and_no_others(
    name: str, body: str, said: str | None, lang: Language, tmp_path: Path
) -> None:
    files = _kit(lang)
    found = run(tmp_path, solved(files[SOLUTION], **{name: body}), files[TESTS], TESTS)
    marks = re.findall(r"^(ok|FAIL) +(\w+)", found.stdout, re.MULTILINE)
    assert {each for mark, each in marks if mark == "FAIL"} == {name, "whole"}, found.stdout
    assert len(marks) == 12
    if said is not None:
        words = re.split(r"\{\w+\}", WORDS[lang][said])
        assert all(each in found.stdout for each in words), found.stdout


_KITS: dict[Language, dict[str, str]] = {}


def _kit(lang: Language) -> dict[str, str]:
    if lang not in _KITS:
        _KITS[lang] = make_assignment("2-3-2", ("all",), lang=lang)
    return _KITS[lang]


def test_pytest_shows_the_worst_entry_and_not_the_test(tmp_path: Path) -> None:
    files = _kit("en")
    wrong = solved(files[SOLUTION], delta2="return (a2 - Y) * a2 * (1 - a2)")
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS)
    found = run(tmp_path, wrong, files[TESTS], *command)
    assert re.search(r"delta2\[\d, \d\] is \S+, expected \S+ \(m = 5\)", found.stdout)
    assert "1/m missing" in found.stdout
    assert "def compare" not in found.stdout
    assert "2 failed, 10 passed" in found.stdout


@pytest.mark.parametrize(("spec", "layout"), [("2-3-2", "rows"), ("4-5:relu-3:softmax", "columns")])
def test_the_examples_agree_with_the_emitted_module(spec: str, layout: LayoutName) -> None:
    """The module is written by other code, from the same derivation."""
    space: dict[str, object] = {}
    text = make_assignment(spec, ("all",), layout=layout)[TESTS]
    exec(text.replace("import assignment\n", ""), {"__name__": "kit"}, space)
    module = bpsym.load(spec, layout=layout)
    sizes = set()
    for example in space["EXAMPLES"]:  # type: ignore[attr-defined]
        values = {name: np.array(each) for name, each in example.items()}
        params = {name: values[name] for name in module.PARAM_SHAPES}
        C, grads = module.loss_and_grads(params, values["X"], values["Y"])
        assert np.isclose(C, values["C"], rtol=1e-10)
        for name, grad in grads.items():
            np.testing.assert_allclose(values[f"d{name}"], grad, rtol=1e-9, atol=1e-12)
        sizes.add(float(values["m"]))
    assert len(sizes) == 2


def test_a_blank_takes_its_formula_along() -> None:
    student = make_assignment("2-3-2", ("delta2", "dW1"))[STUDENT]
    assert "delta2[n,i] =" not in student
    assert "dW1[i,j]" not in student
    assert "def compute_delta2(a2, Y):" in student
    assert "Return delta2 = dC/dz2, of shape (m, 2)." in student
    assert "Return dW1 = dC/dW1, of shape (3, 2)." in student


def test_a_forward_blank_shows_its_formula_and_not_the_code() -> None:
    student = make_assignment("2-3-2", ("forward",))[STUDENT]
    assert "z1[n,i] = sum_j W1[i,j] X[n,j] + b1[i]" in student
    assert "X @ W1.T" not in student
    assert "np.sum((a2" not in student


def test_a_cost_gets_what_its_formula_reads() -> None:
    """The code takes the logarithm of a softmax from z2, the formula writes log a2."""
    student = make_assignment("2-3-2:softmax", ("loss",))[STUDENT]
    assert "def compute_C(z2, a2, Y):" in student


def test_a_value_without_samples_gets_their_number(tmp_path: Path) -> None:
    network = parse("2-3-1", loss="sum(k, a[k])")
    files = make_assignment(network, ("delta2",))
    found = run(tmp_path, files[SOLUTION], files[TESTS], TESTS)
    assert "1 of 1 points" in found.stdout, found.stderr


def test_chinese_students_read_chinese() -> None:
    files = make_assignment("2-3:relu-2:softmax,loss=ce", ("all",), lang="zh")
    for text in (files[STUDENT], files[TESTS]):
        for words in re.findall(r'"""(.*?)"""|# ([^\n]*)', text, flags=re.DOTALL)[1:]:
            said = "".join(words)
            code = re.fullmatch(r"\([m\d, ]*\)", said)
            assert code or re.search("[\u4e00-\u9fff]", said), said


def test_a_line_is_no_longer_than_it_may_be() -> None:
    many = str(NETWORKS / "residual.toml")
    for spec in ("3-4:relu-2:softmax,l2=0.1", "20-30:gelu-1:sigmoid,loss=bce", many):
        for text in make_assignment(spec, ("all",)).values():
            assert max(map(len, text.splitlines())) <= 100


def test_points_and_groups() -> None:
    text = make_assignment("2-3-2", ("deltas", "dW1=2.5", "b2=3"))[TESTS]
    found = dict(re.findall(r'^    "(\w+)": ([\d.]+),$', text, re.MULTILINE))
    assert found == {"delta2": "1", "delta1": "1", "dW1": "2.5", "db2": "3", "whole": "0"}


def test_a_seed_gives_the_same_files_again() -> None:
    first = make_assignment("2-3-2", ("delta2",), seed=3)
    assert first == make_assignment("2-3-2", ("delta2",), seed=3)
    assert first[TESTS] != make_assignment("2-3-2", ("delta2",), seed=1)[TESTS]


def test_all_unknown_blanks_are_refused_at_once() -> None:
    with pytest.raises(EmitError) as caught:
        make_assignment("2-3-2", ("detla2", "dW9", "dW1=many"))
    assert len(caught.value.problems) == 3
    assert "Did you mean 'delta2'?" in str(caught.value)


def test_an_example_that_is_too_large_is_refused() -> None:
    with pytest.raises(EmitError, match="too large"):
        make_assignment("300-100-2", ("delta2",))


def test_the_command_does_not_overwrite(tmp_path: Path) -> None:
    runner = CliRunner()
    arguments = ["2-3-2", "--blank", "delta2", "-o", str(tmp_path / "kit")]
    assert runner.invoke(assignment, arguments).exit_code == 0
    again = runner.invoke(assignment, arguments)
    assert again.exit_code == 1
    assert "--force" in again.output
    assert runner.invoke(assignment, [*arguments, "--force"]).exit_code == 0


def test_a_command_stays_in_its_comment() -> None:
    text = make_assignment("2-3-2", ("delta2",), command="bpsym\nraise SystemExit")[STUDENT]
    assert text.startswith("# bpsym raise SystemExit\n")


def test_the_command_of_a_file_is_the_one_that_was_given(tmp_path: Path) -> None:
    path = str(NETWORKS / "scorer.toml")
    arguments = [path, "--l2", "0.1", "--blank", "C", "--lang", "zh", "-o", str(tmp_path / "kit")]
    assert CliRunner().invoke(assignment, arguments).exit_code == 0
    text = (tmp_path / "kit" / STUDENT).read_text(encoding="utf-8")
    head = "".join(line[1:] for line in text.partition('"""')[0].splitlines())
    given = f"bpsym assignment {path} --l2 0.1 --blank C --lang zh --seed 0"
    assert head.split() == given.split()
