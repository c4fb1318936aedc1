"""A forward pass that is not the declared one is named, and the backward pass is not blamed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import bpsym
from bpsym.verify.report import Report

Array = np.ndarray
Part = Callable[[Array], Array]


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(a: Array) -> Array:
    return a * (1 - a)


def judged(
    f1: Part = sigmoid,
    d1: Part = sigmoid_slope,
    f2: Part = sigmoid,
    d2: Part = sigmoid_slope,
    kept: tuple[int, int] = (1, 1),
    *,
    loss: bool = False,
) -> Report:
    def backprop(params, X, Y):
        W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
        a1 = f1(X @ W1.T + kept[0] * b1)
        a2 = f2(a1 @ W2.T + kept[1] * b2)
        delta2 = (a2 - Y) * d2(a2) / len(X)
        delta1 = delta2 @ W2 * d1(a1)
        grads = {"W1": delta1.T @ X, "b1": delta1.sum(0), "W2": delta2.T @ a1, "b2": delta2.sum(0)}
        return (((a2 - Y) ** 2).sum() / 2 / len(X), grads) if loss else grads

    return bpsym.verify("2-3-1", backprop, in_process=True, prove=False)


@pytest.mark.parametrize("loss", [False, True])
@pytest.mark.parametrize(
    ("changed", "code", "where", "told"),
    [
        ({"kept": (0, 1)}, "bias-left-out", "z1", "b1"),
        ({"kept": (1, 0)}, "bias-left-out", "z2", "b2"),
        ({"kept": (0, 0)}, "bias-left-out", "z1", "b1, b2"),
        ({"f1": np.tanh, "d1": lambda a: 1 - a**2}, "wrong-activation", "a1", "tanh"),
        (
            {"f1": lambda z: np.maximum(z, 0), "d1": lambda a: (a > 0) * 1.0},
            "wrong-activation",
            "a1",
            "relu",
        ),
        ({"f2": lambda z: z, "d2": lambda a: 1 + 0 * a}, "wrong-activation", "a2", "identity"),
        ({"f1": lambda z: z}, "wrong-activation", "a1", "identity"),
        ({"f1": np.tanh}, "wrong-activation", "a1", "tanh"),
    ],
)
def test_it_is_named(
    changed: dict[str, object], code: str, where: str, told: str, *, loss: bool
) -> None:
    report = judged(**changed, loss=loss)  # type: ignore[arg-type]
    [found] = report.diagnosis
    assert (found.code, found.where) == (code, where), str(report)
    assert told in found.what
    assert found.fix


def test_the_declared_one_passes() -> None:
    assert judged(loss=True).diagnosis == ()
