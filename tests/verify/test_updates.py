"""An update is judged as a step; a formula for every layer is blamed where its mistake shows."""

from __future__ import annotations

import pytest

from bpsym.verify.lines.formulas import judge_lines

NETWORK = "2-3-3-1"


def judged(line: str):
    return judge_lines(NETWORK, [line], prove=False)


@pytest.mark.parametrize(
    "line",
    [
        "W1 = W1 - 0.1 * dW1",
        "b2 = b2 - lr * db2",
        r"W^{[1]} = W^{[1]} - \alpha dW^{[1]}",
        r"w_{jk}^l = w_{jk}^l - \eta \frac{\partial C}{\partial w_{jk}^l}",
    ],
)
def test_a_step_downhill_is_right_and_called_an_update(line: str) -> None:
    report = judged(line)
    assert report.verdict.value == "PASS", str(report)
    assert "update" in report.notes[0]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("W1 = W1 + 0.1 * dW1", "sign"),
        (r"W^{[1]} = W^{[1]} + \eta dW^{[1]}", "sign"),
        ("b1 = b1 - 0.1 * db2", "unknown"),
        ("W1 = W1 * 0.9", "unknown"),
    ],
)
def test_a_step_elsewhere_is_wrong(line: str, code: str) -> None:
    report = judged(line)
    assert report.verdict.value == "FAIL"
    assert [each.code for each in report.diagnosis] == [code]


def test_a_step_of_another_shape_is_told() -> None:
    assert judged("W1 = W1 - 0.1 * dW2.T").lines[0].problem


def test_a_formula_for_every_layer_is_blamed_where_it_can_be_named() -> None:
    report = judged(r"\frac{\partial C}{\partial w^l_{jk}} = a^{l}_k \delta^l_j")
    assert [(each.code, each.where) for each in report.diagnosis] == [("wrong-input", "W2")]
