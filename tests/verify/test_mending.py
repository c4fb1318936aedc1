"""The statement that a report shows, in the place of the faulty one, gives right gradients."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

import pytest

import bpsym.verify
from bpsym.testing import assert_gradients_match
from bpsym.verify.mending.edits import Sight, changes
from bpsym.verify.mending.insertions import inserted
from bpsym.verify.mending.loops import loops_changed
from bpsym.verify.mending.places import places, texts
from bpsym.verify.mending.shown import as_shown
from bpsym.verify.mending.source import Patch, Source
from bpsym.verify.report import Report, Verdict

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "mutations"
sys.path.insert(0, str(BENCHMARK))
from planted import IMPLEMENTATIONS, Implementation, Planted  # noqa: E402
from planted_unseen import UNSEEN  # noqa: E402

sys.path.remove(str(BENCHMARK))

# A few of each: columns, lists in a loop, steps, skip connections, a flat vector.
SAMPLE = [
    (each, each.planted[at])
    for each in (*IMPLEMENTATIONS, *UNSEEN)
    for at in (0, len(each.planted) // 3, len(each.planted) // 2)
]
# Of the mistakes of the sample so many must come with a statement that was tried.
SHARE = 0.75

HOMEWORK = """import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def backprop(params, X, Y):
    hidden = sigmoid(X @ params["W1"].T + params["b1"])  # the first layer
    out = sigmoid(hidden @ params["W2"].T + params["b2"])
    top = (out - Y) * out * (1 - out) / len(X)
    low = top @ params["W2"] * hidden * (1 - hidden)
    return {"W1": low.T @ X, "b1": low.sum(0), "W2": top.T @ hidden, "b2": top.sum(0)}
"""
# What stands there, what is written instead, and the lines that mend it.
SLIPS = [
    ("(out - Y)", "(Y - out)", "top = (out - Y) * out * (1 - out) / len(X)"),
    (" / len(X)", "", "top = (out - Y) * out * (1 - out) / len(X)"),
    (' @ params["W2"] *', ' @ params["W2"] @ np.eye(3) * 2 *', None),
    ("hidden * (1 - hidden)\n", "1\n", None),
    ("* hidden * (1 - hidden)\n", "* (1 - hidden**2)\n", None),
    ("top.T @ hidden", "top.T @ sigmoid(hidden)", None),
    ("low.sum(0)", "low.mean(0)", None),
    ("low.T @ X", "low.T @ X * 3", None),
]


def judged(source: str, folder: Path, network: str = "2-3-1", name: str = "backprop") -> Report:
    """The report about a source."""
    path = folder / f"code{len(list(folder.iterdir()))}.py"
    path.write_text(source, encoding="utf-8")
    return bpsym.verify.verify(network, f"{path}:{name}", in_process=True, prove=False)


@pytest.mark.parametrize(("old", "new", "line"), SLIPS, ids=range(len(SLIPS)))
def test_a_slip_is_mended_in_the_users_own_names(
    old: str, new: str, line: str | None, tmp_path: Path
) -> None:
    source = HOMEWORK.replace(old, new)
    report = judged(source, tmp_path)
    [change, *_] = report.diagnosis[0].changes
    row = source.splitlines()[change.line - 1].strip()
    assert change.old.splitlines()[0] == row
    assert line is None or change.new == line
    assert judged(change.text, tmp_path).verdict is Verdict.PASS
    shown = str(report)
    assert f"{change.line} - {row}" in shown
    assert f"+ {change.new.splitlines()[0]}" in shown
    first = report.to_json()["diagnosis"][0]["changes"][0]  # type: ignore[index]
    assert first == {"line": change.line, "old": change.old, "new": change.new}


def test_two_mistakes_are_mended_one_after_the_other(tmp_path: Path) -> None:
    source = HOMEWORK.replace("(out - Y)", "(Y - out)").replace("low.sum(0)", "low.mean(0)")
    report = judged(source, tmp_path)
    assert [len(each.changes) for each in report.diagnosis] == [1, 1]
    assert judged(report.diagnosis[-1].changes[-1].text, tmp_path).verdict is Verdict.PASS


def test_what_was_not_tried_is_not_said_to_be_right(tmp_path: Path) -> None:
    """Two parts of two statements at once: no single change mends it, and none is shown."""
    random = 'return {"W1": np.sin(low.T @ X), "b1": np.sin(low.sum(0)), "W2": top.T @ top,'
    source = HOMEWORK.replace(
        'return {"W1": low.T @ X, "b1": low.sum(0), "W2": top.T @ hidden,', random
    )
    report = judged(source.replace("top.T @ top", "np.cos(top.T @ hidden)"), tmp_path)
    assert report.verdict is Verdict.FAIL
    assert not any(each.changes for each in report.diagnosis)
    assert "Tried" not in str(report)


def _planted(each: Implementation, one: Planted, folder: Path, source: str = "") -> Report:
    text = source or (BENCHMARK / "implementations" / f"{each.name}.py").read_text("utf-8")
    for old, new in () if source else one.edits:
        text = text.replace(old, new)
    network = folder / f"{each.name}.toml"
    declared = (BENCHMARK / "networks" / f"{each.name}.toml").read_text(encoding="utf-8")
    network.write_text(declared.replace("SCALE", "1.0"), encoding="utf-8")
    return judged(text, folder, str(network), each.target)


def test_planted_mistakes_are_mended(tmp_path: Path) -> None:
    mended = 0
    for each, one in SAMPLE:
        report = _planted(each, one, tmp_path)
        changes = [change for found in report.diagnosis for change in found.changes]
        if changes:
            mended += 1
            again = _planted(each, one, tmp_path, changes[-1].text)
            assert again.verdict is Verdict.PASS, f"{each.name} {one.code}: {changes[-1].new}"
    assert mended >= SHARE * len(SAMPLE)


def test_a_report_in_a_process_of_its_own_has_the_lines_too(tmp_path: Path) -> None:
    path = tmp_path / "homework.py"
    path.write_text(HOMEWORK.replace("(out - Y)", "(Y - out)"), encoding="utf-8")
    report = bpsym.verify.verify("2-3-1", f"{path}:backprop", prove=False)
    [change] = report.diagnosis[0].changes
    assert change.new == "top = (out - Y) * out * (1 - out) / len(X)"
    assert path.read_text(encoding="utf-8") == HOMEWORK.replace("(out - Y)", "(Y - out)")


def test_what_surrounds_a_change_keeps_its_look() -> None:
    source = Source("def f(a, b):\n    x = (1/2) * (a+b)   # half\n    return x\n")
    [sum_, _] = source.places
    inner = next(n for n in ast.walk(sum_.node) if isinstance(n, ast.Name) and n.id == "b")
    patch = source.patched(sum_, inner, ast.parse("a - b", mode="eval").body)
    assert patch is not None
    assert (patch.line, patch.old) == (2, "x = (1/2) * (a+b)   # half")
    assert patch.new == "x = (1/2) * (a+(a - b))   # half"


def test_places_and_names_are_those_that_are_computed_and_read() -> None:
    tree = ast.parse(
        "def f(self, c):\n    a = self.W[0] @ c['z']\n    return [a, a.T], {'b': -a}\n"
    )
    assert [ast.unparse(each.node) for each in places(tree)] == [
        "self.W[0] @ c['z']", "a", "a.T", "-a",
    ]  # fmt: skip
    assert {"self", "c", "a", "self.W[0]", "c['z']"} <= set(texts(tree))
    assert not any("." in each and "(" in each for each in texts(tree))


def test_likely_changes_come_first() -> None:
    root = ast.parse("(y - p) / m", mode="eval").body
    ranked = [ast.unparse(each.new) for each in changes(root, Sight({}, {}))]
    assert ranked[0] == "p - y"


SCRIPT = """import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
W1, b1 = np.random.randn(2, 3), np.zeros(3)
W2, b2 = np.random.randn(3, 1), np.zeros(1)
for epoch in range(60000):
    a1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    d2 = (y - a2) * a2 * (1 - a2)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    W2 += 0.5 * a1.T @ d2
    b2 += 0.5 * d2.sum(0)
    W1 += 0.5 * X.T @ d1
    b1 += 0.5 * d1.sum(0)
"""


@pytest.mark.parametrize(
    ("old", "new"), [("a1 * (1 - a1)", "(1 - a1)"), ("W1 += 0.5", "W1 -= 0.5")]
)
def test_a_script_is_mended_at_the_line_at_fault(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "xor.py"
    path.write_text(SCRIPT.replace(old, new), encoding="utf-8")
    report = bpsym.verify.verify(
        "2-3-1,reduction=sum", path, rate=0.5, in_process=True, prove=False
    )
    [change] = [change for each in report.diagnosis for change in each.changes]
    assert change.text == SCRIPT


STEP = """import numpy as np

def sig(z): return 1/(1+np.exp(-z))
def dsig(z): return sig(z) * (1 - sig(z))

def step(W1, b1, W2, b2, X, Y, lr):
    z1 = X @ W1 + b1
    h = sig(z1)
    z2 = h @ W2 + b2
    o = sig(z2)
    d2 = (o - Y) * dsig(z2) / len(X)
    d1 = (d2 @ W2.T) * dsig(z1)
    dW1 = X.T @ d1
    dW2 = h.T @ d2
    W1 = W1 - lr * dW1
    W2 = W2 - lr * dW2
    b1 = b1 - lr * d1.sum(0)
    b2 = b2 - lr * d2.sum(0)
    return W1, b1, W2, b2
"""
# Faults of one token: what the file had is what is shown.
TOKENS = [
    ("W1 - lr * dW1", "W1 + lr * dW1"),  # dW1 itself is right, and stays
    ("X @ W1 + b1", "X @ W1 - b1"),  # a forward pass has no gradient of its own
    ("dsig(z1)", "dsig(z2)"),  # of another shape
    ("dsig(z1)", "dsig(h)"),
    ("* dsig(z1)", ""),
    ("* dsig(z2) / len(X)", "/ len(X)"),
    ("np.exp(-z)", "np.exp(z)"),
    ("/ len(X)", "/ X.size"),
    ("X.T @ d1", "X.T @ (d2 @ W2.T)"),
]


@pytest.mark.parametrize(("right", "wrong"), TOKENS, ids=[each for _, each in TOKENS])
def test_the_statement_at_fault_is_changed_and_no_other(
    right: str, wrong: str, tmp_path: Path
) -> None:
    source = STEP.replace(right, wrong, 1)
    report = judged(source, tmp_path, name="step")
    [change] = [change for each in report.diagnosis for change in each.changes]
    at = next(n for n, row in enumerate(STEP.splitlines(), 1) if row not in source.splitlines())
    assert change.line == at
    if "/ " not in wrong and "@ (" not in wrong:  # there are several ways of writing that
        assert change.text.replace(" ", "") == STEP.replace(" ", "")


def test_right_scaled_adjoints_are_no_suspects(tmp_path: Path) -> None:
    """1/m stands at the gradients: that of W1 lacks it, and the delta is right without."""
    source = HOMEWORK.replace(" / len(X)", "").replace("top.T @ hidden", "top.T @ hidden / len(X)")
    source = source.replace("low.T @ X", "low.T @ X").replace("low.sum(0)", "low.sum(0) / len(X)")
    source = source.replace("top.sum(0)", "top.sum(0) / len(X)")
    report = judged(source, tmp_path)
    [change] = [change for each in report.diagnosis for change in each.changes]
    assert '"W1": low.T @ X / len(X)' in change.new
    assert change.old.startswith("return")


def test_two_changes_of_one_statement_are_shown_as_one(tmp_path: Path) -> None:
    source = HOMEWORK.replace("low.sum(0)", "-low.sum(0)").replace("top.sum(0)", "-top.sum(0)")
    report = judged(source, tmp_path)
    [change] = [change for each in report.diagnosis for change in each.changes]
    assert change.text == HOMEWORK


def test_lines_are_those_of_the_file_that_the_user_has() -> None:
    one = Patch(2, "a", "a\nb", "")
    gone = Patch(5, "c", "", "")
    last = Patch(9, "d", "e", "")
    assert [each.line for each in as_shown([[one], [gone, last]])[1]] == [4, 9]


@pytest.mark.parametrize("in_process", [False, True])
def test_a_function_of_this_process_is_mended_in_its_file(
    in_process: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_homework.py").write_text(HOMEWORK.replace("(out - Y)", "(Y - out)"), "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    backprop = importlib.import_module("my_homework").backprop
    try:
        with pytest.raises(AssertionError) as caught:
            assert_gradients_match("2-3-1", backprop, in_process=in_process, prove=False)
    finally:
        del sys.modules["my_homework"]
    assert "+ top = (out - Y) * out * (1 - out) / len(X)" in str(caught.value)
    assert "The lines are those of my_homework.py" in str(caught.value)


def test_what_a_loop_leaves_out_is_put_back() -> None:
    source = Source("def f(X, Y):\n    for x, y in zip(X[1:], Y[1:]):\n        g(x)\n")
    assert [each.new for each in loops_changed(source)] == ["for x, y in zip(X, Y):"]
    source = Source("for l in range(L - 1, 0, -1):\n    g(l)\n")
    assert "for l in range(L - 1, -1, -1):" in [each.new for each in loops_changed(source)]


def test_a_statement_is_written_as_in_the_other_layer() -> None:
    source = Source("def f():\n    G1[:, 1:] += c * T1[:, 1:]\n    G2 += c * T2\n")
    new = [each.new for each in inserted(source, "regularisation", (), {"W2"})]
    assert new[0] == "G2[:, 1:] += c * T2[:, 1:]"
