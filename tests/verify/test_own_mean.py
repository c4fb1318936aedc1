"""The right line has 1/m where the user has it, so that pasted it is the end of the mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bpsym
from bpsym.verify.diagnosis.own_mean import means
from bpsym.verify.report import Report, Verdict

CODE = """
import numpy as np

def backprop(params, X, Y):
    m = X.shape[0]
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    a1 = 1 / (1 + np.exp(-(X @ W1.T + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2.T + b2)))
    C = ((a2 - Y) ** 2).sum() / (2 * m)
    delta2 = {delta2}
    delta1 = delta2 @ W2 * a1 * (1 - a1)
    {body}
"""
DELTA = "(a2 - Y) * a2 * (1 - a2)"
RETURNED = 'return C, {"W1": %s, "b1": %s, "W2": %s, "b2": %s}'
BARE = ("delta1.T @ X", "delta1.sum(axis=0)", "delta2.T @ a1", "delta2.sum(axis=0)")
# With 1/m in the gradients, in three spellings, and in the deltas.
OVER = RETURNED % tuple(f"{each} / m" for each in BARE)
AHEAD = RETURNED % tuple(f"1 / m * ({each})" for each in BARE)
MEANS = RETURNED % (BARE[0] + " / m", "delta1.mean(axis=0)", "delta2.T @ a1 / m", "delta2.mean(0)")
PLAIN = RETURNED % BARE
WRONG_DELTA = "(Y - a2) * a2 * (1 - a2)"


def _judged(source: str, folder: Path) -> Report:
    path = folder / f"code{len(list(folder.iterdir()))}.py"
    path.write_text(source, encoding="utf-8")
    return bpsym.verify("2-3-1", f"{path}:backprop", prove=False, in_process=True)


def _mended(source: str, line: str) -> str:
    """The source with the line of the fix in the place of the student's."""
    left, right = line.split(" = ", 1)
    entry = re.fullmatch(r'grads\["d?(\w+)"\]', left) or re.fullmatch(r"d([Wb]\d)", left)
    if entry is None:
        return re.sub(rf"(?m)^    {left} = .*$", f"    {line}", source)
    return re.sub(rf'("{entry[1]}": ).*?(?=[,}}] ?"?b?W?)', rf"\g<1>{right}", source, count=1)


@pytest.mark.parametrize(
    ("delta2", "body"),
    [
        (WRONG_DELTA, OVER),
        (WRONG_DELTA, AHEAD),
        (WRONG_DELTA, MEANS),
        (f"{WRONG_DELTA} / m", PLAIN),
        (f"{DELTA} / m", OVER),
        (DELTA, PLAIN),
        (DELTA, RETURNED % (BARE[0] + " / m / m", *(f"{each} / m" for each in BARE[1:]))),
        (f"{DELTA} / m", RETURNED % (f"-({BARE[0]})", *BARE[1:])),
    ],
)
def test_the_line_of_the_fix_mends_the_code(delta2: str, body: str, tmp_path: Path) -> None:
    source = CODE.format(delta2=delta2, body=body)
    report = _judged(source, tmp_path)
    assert report.verdict is Verdict.FAIL
    found = report.diagnosis[0]
    whole = found.changes[-1].text if found.changes else _mended(source, found.line)
    again = _judged(whole, tmp_path)
    assert again.verdict is Verdict.PASS, f"{found.line}\n{again}"


def test_where_nobody_knows_the_fix_says_so(tmp_path: Path) -> None:
    hidden = CODE.format(delta2=WRONG_DELTA, body=OVER).replace("/ m", "* np.power(len(X), -1.0)")
    source = hidden.replace("(2 * m)", "(2 * len(X))")
    assert means(f"{tmp_path / 'code.py'}:backprop") == frozenset()  # no such file
    # In a file the line is tried, and has the one place that is right.
    [found] = _judged(source, tmp_path).diagnosis
    assert found.line == f"delta2 = {DELTA}"
    space: dict[str, object] = {}
    exec(source, space)  # our own text
    [found] = bpsym.verify("2-3-1", space["backprop"], prove=False, in_process=True).diagnosis
    assert found.line.endswith("/ m")
    assert "leave it out" in found.fix


def test_code_for_one_sample_has_no_1_m() -> None:
    import numpy as np

    def backprop(params, x, y):
        a1 = 1 / (1 + np.exp(-(params["W1"] @ x + params["b1"])))
        a2 = 1 / (1 + np.exp(-(params["W2"] @ a1 + params["b2"])))
        d2 = (y - a2) * a2 * (1 - a2)
        d1 = params["W2"].T @ d2 * a1 * (1 - a1)
        return {"W1": np.outer(d1, x), "b1": d1, "W2": np.outer(d2, a1), "b2": d2}

    [found] = bpsym.verify("3-4-2", backprop, samples="one", prove=False).diagnosis
    assert found.line == "delta2 = (a2 - Y) * a2 * (1 - a2)"


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("spoiled", "line"),
    [
        ("W2", ("np.outer(delta2, a1)", "np.outer(a1, delta2)")),
        ("W1", ("np.outer(delta1, X)", "np.outer(X, delta1)")),
        ("b1", ("delta1", "delta1")),
    ],
)
def test_lines_for_one_vector_can_run(spoiled: str, line: tuple[str, str], *, turned: bool) -> None:
    import numpy as np

    def backprop(params, x, y):
        if x.ndim != 1:
            raise ValueError(x.shape)
        W1, W2 = (params[n].T if turned else params[n] for n in ("W1", "W2"))
        a1 = 1 / (1 + np.exp(-(W1 @ x + params["b1"])))
        a2 = 1 / (1 + np.exp(-(W2 @ a1 + params["b2"])))
        d2 = (a2 - y) * a2 * (1 - a2)
        d1 = W2.T @ d2 * a1 * (1 - a1)
        grads = {"W1": np.outer(d1, x), "b1": d1, "W2": np.outer(d2, a1), "b2": d2}
        grads[spoiled] = -grads[spoiled]
        return {n: g.T if turned else g for n, g in grads.items()}

    weights = "in,out" if turned else "out,in"
    report = bpsym.verify("3-4-2", backprop, samples="one", weights=weights, prove=False)
    assert report.diagnosis[0].line.split(" = ")[1] == line[turned]
