r"""Equations about one sample, ``a^{[2](i)}``, and what ``\\times`` joins."""

from __future__ import annotations

import numpy as np
import pytest

import bpsym
from bpsym.verify.lines.formulas import judge_lines
from bpsym.verify.mending.fitting import fitting
from bpsym.verify.reading.samples import without_sample
from bpsym.verify.report import Verdict

NETWORK = "2-3-1,loss=bce"
RIGHT = [
    r"dZ^{[2](i)} = a^{[2](i)} - y^{(i)}",
    r"dZ^{[1](i)} = (W^{[2]})^T dZ^{[2](i)} \times a^{[1](i)} \times (1 - a^{[1](i)})",
    r"dW^{[2]} = \frac{1}{m} dZ^{[2]} \times A^{[1]T}",
    r"dZ^{[1]} = W^{[2]T} \times dZ^{[2]} * A^{[1]} * (1 - A^{[1]})",
    r"dZ^{[1]} = W^{[2]T} dZ^{[2]} × A^{[1]} × (1 - A^{[1]})",
]


@pytest.mark.parametrize("line", RIGHT)
def test_it_is_read(line: str) -> None:
    assert judge_lines(NETWORK, [line], prove=False).verdict is Verdict.PASS


@pytest.mark.parametrize("line", [RIGHT[0].replace("-", "+"), RIGHT[1].replace("1 -", "1 +")])
def test_a_mistake_in_it_is_seen(line: str) -> None:
    assert judge_lines(NETWORK, [line], prove=False).verdict is Verdict.FAIL


def test_under_a_sum_the_number_of_the_sample_stays() -> None:
    tokens = [r"\sum", "_", "i", "a", "^", "{", "[", "2", "]", "(", "i", ")", "}"]
    assert without_sample(tokens) == tokens
    assert without_sample(tokens[3:]) == ["a", "^", "{", "[", "2", "]", "}"]


def test_what_makes_a_value_right_is_found_by_the_numbers() -> None:
    rng = np.random.default_rng(0)
    value, slope, skip = rng.normal(size=(3, 4, 2))
    sight = {"slope": slope, "skip": skip, "other": rng.normal(size=(4, 2))}
    assert list(fitting(value, sight, [value * slope])) == [("*", "slope")]
    assert list(fitting(value, sight, [(value + skip).T])) == [("+", "skip")]
    assert list(fitting(value, sight, [rng.normal(size=(4, 2))])) == []


def test_the_loss_that_gradients_are_right_for_is_told() -> None:
    def backprop(params, X, Y):
        W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
        a1 = 1 / (1 + np.exp(-X @ W1.T - b1))
        a2 = 1 / (1 + np.exp(-a1 @ W2.T - b2))
        delta2 = (a2 - Y) * a2 * (1 - a2) / len(X)
        delta1 = delta2 @ W2 * a1 * (1 - a1)
        return {"W1": delta1.T @ X, "b1": delta1.sum(0), "W2": delta2.T @ a1, "b2": delta2.sum(0)}

    report = bpsym.verify("2-4-3,loss=mse", backprop, in_process=True, prove=False)
    assert report.diagnosis[0].data["right_for"] == "half_squared_error, mean"
    assert "--loss half_squared_error" in report.diagnosis[0].fix
    declared = bpsym.verify("2-4-3,loss=half_squared_error", backprop, in_process=True, prove=False)
    assert declared.ok
