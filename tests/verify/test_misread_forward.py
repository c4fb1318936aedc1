"""A slip on the way up is named where it stands; the backward pass is not blamed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import bpsym
from bpsym.verify.report import Report, Verdict

Array = np.ndarray
Part = Callable[[Array], Array]


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


def judged(
    signs: tuple[int, int, int] = (1, 1, 1),
    f1: Part = sigmoid,
    f2: Part = sigmoid,
    d1: Part = lambda a: a * (1 - a),
    d2: Part = lambda a: a * (1 - a),
    *,
    skip: bool = False,
    network: str = "2-3-3-1:identity",
) -> Report:
    def backprop(params, X, Y):
        W1, b1, W2, b2, W3, b3 = (params[n] for n in ("W1", "b1", "W2", "b2", "W3", "b3"))
        a1 = f1(signs[2] * (X @ W1.T) + signs[0] * b1)
        a2 = f2(a1 @ W2.T + signs[1] * b2)
        a3 = (a1 if skip else a2) @ W3.T + b3
        delta3 = (a3 - Y) / len(X)
        delta2 = delta3 @ W3 * d2(a2)
        delta1 = delta2 @ W2 * d1(a1)
        deltas, inputs = (delta1, delta2, delta3), (X, a1, a2)
        grads = {f"W{k}": deltas[k - 1].T @ inputs[k - 1] for k in (1, 2, 3)}
        return grads | {f"b{k}": deltas[k - 1].sum(0) for k in (1, 2, 3)}

    return bpsym.verify(network, backprop, in_process=True, prove=False)


def turned(z: Array) -> Array:
    return z * (z < 0)


RELU = "2-3-3-1:identity,act=relu"


@pytest.mark.parametrize(
    ("changed", "where", "used", "declared"),
    [
        ({"signs": (-1, 1, 1)}, "z1", "- b1", "+ b1"),
        ({"signs": (1, -1, 1)}, "z2", "- b2", "+ b2"),
        ({"signs": (1, 1, -1)}, "z1", "-W1", "W1"),
        ({"f1": lambda z: sigmoid(-z)}, "a1", "sigmoid(-z1)", "sigmoid(z1)"),
        ({"f2": lambda z: -sigmoid(z)}, "a2", "-sigmoid(z2)", "sigmoid(z2)"),
        ({"skip": True}, "z3", "a1", "a2"),
        (
            {"f1": turned, "d1": lambda a: (a < 0) * 1.0, "network": RELU}
            | {"f2": relu, "d2": lambda a: (a > 0) * 1.0},
            "a1",
            "-relu(-z1)",
            "relu(z1)",
        ),
    ],
)
def test_it_is_named(changed: dict[str, object], where: str, used: str, declared: str) -> None:
    [found] = judged(**changed).diagnosis  # type: ignore[arg-type]
    assert (found.code, found.where) == ("wrong-forward", where), str(found)
    assert (found.data["used"], found.data["declared"]) == (used, declared)


def test_a_module_in_every_layer_is_one_mistake() -> None:
    def mask(a: Array) -> Array:
        return (a < 0) * 1.0

    [found] = judged(f1=turned, f2=turned, d1=mask, d2=mask, network=RELU).diagnosis
    assert (found.code, found.data["everywhere"]) == ("wrong-forward", ["a1", "a2"])


def test_the_declared_one_passes() -> None:
    assert judged().diagnosis == ()


def test_a_learned_slope_is_no_obstacle() -> None:
    module = bpsym.load("2-3:prelu-2:identity")

    def backprop(params, X, Y):
        _, grads = module.loss_and_grads(params, X, Y)
        return {name: -3 * each * np.abs(each) for name, each in grads.items()}

    report = bpsym.verify("2-3:prelu-2:identity", backprop, in_process=True, mend=False)
    assert report.verdict is Verdict.FAIL
