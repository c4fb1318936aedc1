"""Formulas in numpy notation: each judged on its own, through a door of its own."""

from __future__ import annotations

import json

import pytest

from bpsym.errors import ExpressionError
from bpsym.verify.lines.formulas import FormulaReport, judge_lines
from bpsym.verify.report import Verdict

ROWS = (
    "delta2 = (a2 - Y) * a2 * (1 - a2) / m",
    "dW2 = delta2.T @ a1",
    "db2 = delta2.sum(axis=0)",
    "delta1 = delta2 @ W2 * a1 * (1 - a1)",
    "dW1 = delta1.T @ X",
    "db1 = np.sum(delta1, axis=0)",
)
COURSE = (
    "dZ2 = (A2 - Y) * A2 * (1 - A2)",
    "dW2 = 1/m * np.dot(dZ2, A1.T)",
    "db2 = 1/m * np.sum(dZ2, axis=1, keepdims=True)",
    "dA1 = np.dot(W2.T, dZ2)",
    "dZ1 = dA1 * sigmoid_prime(Z1)",
    "dW1 = dZ1 @ X.T / m",
)


def judged(*lines: str, spec: str = "2-3-4", **options: object) -> FormulaReport:
    return judge_lines(spec, lines, prove=False, **options)


@pytest.mark.parametrize(
    ("lines", "samples", "mean"), [(ROWS, "rows", "delta"), (COURSE, "columns", "gradients")]
)
def test_right_formulas_pass(lines: tuple[str, ...], samples: str, mean: str) -> None:
    report = judged(*lines)
    assert report.verdict is Verdict.PASS, str(report)
    assert (report.samples, report.mean) == (samples, mean)


@pytest.mark.parametrize(
    ("at", "wrong", "code", "where"),
    [
        (0, "delta2 = (Y - a2) * a2 * (1 - a2) / m", "sign", "delta2"),
        (0, "delta2 = (a2 - Y) / m", "missing-derivative", "delta2"),
        (0, "delta2 = a2 * a2 * (1 - a2) / m", "target-ignored", "delta2"),
        (1, "dW2 = delta2.T @ z1", "input-preactivation", "W2"),
        (2, "db2 = delta2.mean(axis=0)", "bias-mean", "b2"),
        (3, "delta1 = delta2 @ W2 * (1 - a1**2)", "wrong-derivative", "delta1"),
        (3, "delta1 = delta2 @ W2 * (1 - a1)", "derivative-formula", "delta1"),
        (3, "delta1 = 2 * delta2 @ W2 * a1 * (1 - a1)", "factor-two", "delta1"),
        (5, "db1 = delta1[0]", "", ""),
    ],
)
def test_a_wrong_line_is_named_and_spoils_no_other(
    at: int, wrong: str, code: str, where: str
) -> None:
    lines = [*ROWS[:at], wrong, *ROWS[at + 1 :]]
    if not code:
        with pytest.raises(ExpressionError):
            judged(*lines)
        return
    report = judged(*lines)
    assert [each.ok for each in report.lines] == [k != at for k in range(len(lines))]
    first = report.lines[at].diagnosis[0]
    assert (first.code, first.where) == (code, where)


def test_a_half_finished_derivation_is_judged_as_far_as_it_goes() -> None:
    report = judged("e = a2 - Y", "delta2 = e * a2 * (1 - a2) / m", "dW1 = delta1.T @ X")
    assert report.verdict is Verdict.PASS
    assert report.lines[0].of == ""


def test_a_shape_is_told() -> None:
    report = judged(*ROWS[:1], "dW2 = a1.T @ delta2", samples="rows")
    assert "shape" in report.lines[1].problem


def test_json_has_the_keys_of_a_report() -> None:
    data = json.loads(judged("delta2 = Y - a2").json())
    assert {"verdict", "parameters", "diagnosis"} <= set(data)
    assert {"name", "ok", "max_relative_error", "worst_index"} <= set(data["parameters"][0])


@pytest.mark.parametrize(
    "line",
    [
        "delta2 = __import__('os').system('true')",
        "delta2 = (a2 - Y).tofile('x')",
        "delta2 = a2.__class__",
        "delta2 = open('x')",
        "delta2 = [k for k in (1, 2)]",
        "delta2 = lambda: 1",
        "delta2 = a2 if 1 else Y",
        "delta2 = nobody + 1",
        "delta2 = a2 ** a2",
        "delta2 = a2 ** 1e9",
        "delta2 = 9**9**9**9",
        "delta2 = 1e999",
        "delta2 = np.load('x')",
        "delta2 = np.sum(a2, axis=7)",
        "delta2 = f'{a2}'",
        "delta2 = " + "(" * 40 + "a2" + ")" * 40,
        "delta2 = " + "a2 + " * 500 + "a2",
        "delta2 = a2\u200b",
        "delta2 = ",
        "delta2",
        "delta2 == a2",
        "import os",
    ],
)
def test_nothing_else_gets_through_the_door(line: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        judged(line)
    assert caught.value.problems[0].way_out


NIELSEN = (
    r"\delta^L = \nabla_a C \odot \sigma'(z^L)",
    r"\delta^{1} = ((W^{2})^T \delta^{2}) \odot \sigma'(z^{1})",
    r"\frac{\partial C}{\partial b^1} = \delta^1",
    r"\frac{\partial C}{\partial W^2} = \delta^2 (a^1)^T",
)
NG = (
    r"dZ^{[2]} = (A^{[2]} - Y) \odot g^{[2]'}(Z^{[2]})",
    r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}",
    r"db^{[2]} = \frac{1}{m} np.sum(dZ^{[2]}, axis=1, keepdims=True)",
    r"dA^{[1]} = W^{[2]T} dZ^{[2]}",
    r"dZ^{[1]} = W^{[2]\mathsf{T}} dZ^{[2]} * g^{[1]'}(Z^{[1]})",
    r"dW^{[1]} = \frac{1}{m} dZ^{[1]} A^{[0]T}",
)
CS224N = (
    r"\boldsymbol{\delta}^{(1)} = f'(\mathbf{z}^{(1)}) \circ "
    r"\left( \mathbf{W}^{(2)\top} \boldsymbol{\delta}^{(2)} \right)",
    r"\nabla_{\mathbf{W}^{(2)}} J = \boldsymbol{\delta}^{(2)} \mathbf{a}^{(1)\top}",
)


@pytest.mark.parametrize("lines", [NIELSEN, NG, CS224N], ids=["nielsen", "ng", "cs224n"])
def test_the_notations_of_textbooks_are_read(lines: tuple[str, ...]) -> None:
    report = judged(*lines)
    assert report.verdict is Verdict.PASS, str(report)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (
            r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma'(a^{(1)})",
            "derivative-at-activation",
        ),
        (r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)}", "missing-derivative"),
        (r"\delta^{(2)} = (y - a^{(2)}) \odot \sigma'(z^{(2)})", "sign"),
        (r"\frac{\partial C}{\partial W^2} = 2 \delta^2 (a^1)^T", "factor-two"),
    ],
)
def test_a_wrong_formula_in_latex_is_named(line: str, code: str) -> None:
    report = judged(line)
    assert [each.code for each in report.diagnosis] == [code]


@pytest.mark.parametrize(
    "line",
    [
        r"\delta^{(9)} = W^{(2)}",
        r"\delta^{(1)} = \input{x}",
        r"\delta^{(1)} = W^{(2)",
        r"\delta^{(1)}",
        r"\delta^{(1)} = (W^{(2)})^{99}",
        r"= \delta^{(1)}",
    ],
)
def test_latex_that_means_nothing_is_refused(line: str) -> None:
    with pytest.raises(ExpressionError):
        judged(line)
