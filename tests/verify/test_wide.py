"""What shows only where values are large: upper kinks, thresholds, bounds of gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import bpsym
from bpsym.verify.numbers.points import choose_points, kinks_of
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.numbers.wide import unvisited, wide_points
from bpsym.verify.report import Verdict

Array = np.ndarray
Slope = Callable[[Array], Array]


def _identity(error: Array) -> Array:
    return error


def code(act: Slope, slope: Slope, of_error: Slope = _identity, bound: float = np.inf) -> object:
    def backprop(params, X, Y):
        z1 = X @ params["W1"].T + params["b1"]
        a1 = act(z1)
        d2 = of_error(a1 @ params["W2"].T + params["b2"] - Y) / len(X)
        d1 = d2 @ params["W2"] * slope(z1)
        grads = {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}
        return {name: np.clip(each, -bound, bound) for name, each in grads.items()}

    return backprop


def relu6(z: Array) -> Array:
    return np.clip(z, 0, 6)


def relu6_slope(z: Array) -> Array:
    return (z > 0) * (z < 6) * 1.0


def tanh_slope(z: Array) -> Array:
    return 1 - np.tanh(z) ** 2


def softplus(z: Array) -> Array:
    return np.logaddexp(0, z)


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def huber20(error: Array) -> Array:
    return np.clip(error, -20, 20)


HUBER = {
    "name": "hub",
    "inputs": {"x": 3},
    "layer": [{"units": 4, "activation": "tanh"}, {"units": 2, "activation": "identity"}],
    "loss": {"kind": "huber", "delta": 20},
}
RELU6, TANH, SOFTPLUS = (f"3-4-2:identity,act={name}" for name in ("relu6", "tanh", "softplus"))


@pytest.mark.parametrize(
    ("network", "wrong"),
    [
        (RELU6, code(lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0)),
        (RELU6, code(relu6, lambda z: (z > 0) * 1.0)),
        (HUBER, code(np.tanh, tanh_slope)),
        (SOFTPLUS, code(softplus, lambda z: np.where(z > 5, 0, sigmoid(z)))),
        (TANH, code(np.tanh, tanh_slope, bound=5)),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_it_fails(network: object, wrong: object, seed: int) -> None:
    report = bpsym.verify(network, wrong, seed=seed, in_process=True, prove=False)
    assert report.verdict is Verdict.FAIL, str(report)
    assert report.diagnosis


@pytest.mark.parametrize(
    ("network", "right"),
    [
        (RELU6, code(relu6, relu6_slope)),
        (HUBER, code(np.tanh, tanh_slope, huber20)),
        (SOFTPLUS, code(softplus, sigmoid)),
        (TANH, code(np.tanh, tanh_slope)),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_right_code_passes_there_too(network: object, right: object, seed: int) -> None:
    report = bpsym.verify(network, right, seed=seed, in_process=True, prove=False)
    assert report.verdict is Verdict.PASS, str(report)
    assert not any("branch" in each for each in report.cannot_tell)


@pytest.mark.parametrize("act", ["relu6", "hard_sigmoid", "hard_tanh", "leaky_relu", "relu"])
@pytest.mark.parametrize("end", ["identity", "sigmoid,loss=bce"])
def test_every_branch_is_visited(act: str, end: str) -> None:
    reference = Reference(bpsym.derive(f"4-5-3:{end},act={act}"))
    points = choose_points(reference)
    wide = wide_points(reference, points)
    assert [each.m for each in wide] == [8, 13]
    every = [reference.at(each).values for each in (*points.generic, *wide)]
    assert unvisited(kinks_of(reference), every) == ()


def test_a_branch_out_of_reach_is_told() -> None:
    reference = Reference(bpsym.derive("3-2-1,act=relu"))
    kinks = [type(each)(each.z, each.a, (1000.0,)) for each in kinks_of(reference)]
    values = reference.at(choose_points(reference).generic[0]).values
    assert unvisited(kinks, [values]) == tuple((each.z, 1000.0, np.inf) for each in kinks)
