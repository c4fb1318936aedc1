"""What calls leave behind, the order of a flat vector, and blocks that never got numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import bpsym
from bpsym.verify.report import Diagnosis, Verdict

Array = np.ndarray
NAMES = ("W1", "b1", "W2", "b2")
SHAPES = ((3, 2), (3,), (1, 3), (1,))


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def gradients(
    params: dict[str, Array], X: Array, Y: Array, slope: str = "z1", pulled: str = "d1"
) -> dict[str, Array]:
    z1 = X @ params["W1"].T + params["b1"]
    z2 = sigmoid(z1) @ params["W2"].T + params["b2"]
    kept = {"z1": sigmoid(z1), "z2": sigmoid(z2)}
    a1, a2 = kept["z1"], kept["z2"]
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    da1 = d2 @ params["W2"]
    d1 = da1 * kept[slope] * (1 - kept[slope])
    first = {"d1": d1, "da1": da1}[pulled]
    return {"W1": first.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}


def only(target: Callable[..., object]) -> Diagnosis:
    report = bpsym.verify("2-3-1", target, in_process=True, prove=False)
    assert report.verdict is Verdict.FAIL
    [found] = report.diagnosis
    return found


@pytest.mark.parametrize("summed", [("W1",), ("W1", "W2"), ("b2",)])
def test_gradients_that_add_up_are_named(summed: tuple[str, ...]) -> None:
    kept: dict[str, Array] = {}

    class Net:
        def __init__(self, sizes):
            self.W1, self.W2 = np.zeros((sizes[1], sizes[0])), np.zeros((sizes[2], sizes[1]))
            self.b1, self.b2 = np.zeros(sizes[1]), np.zeros(sizes[2])
            kept.clear()

        def gradients(self, X, Y):
            grads = gradients({name: getattr(self, name) for name in NAMES}, X, Y)
            for name in summed:
                kept[name] = grads[name] = kept.get(name, 0) + grads[name]
            return grads

    found = only(Net)
    assert found.code == "accumulated"
    assert all(name in found.what for name in summed)


@pytest.mark.parametrize("order", [(2, 3, 0, 1), (1, 0, 3, 2), (3, 2, 1, 0)])
def test_the_order_of_a_flat_vector_is_told(order: tuple[int, ...]) -> None:
    def backprop(theta, X, Y):
        cuts = np.cumsum([int(np.prod(each)) for each in SHAPES])[:-1]
        parts = np.split(theta, cuts)
        params = {n: p.reshape(s) for n, p, s in zip(NAMES, parts, SHAPES, strict=True)}
        grads = list(gradients(params, X, Y).values())
        return np.concatenate([np.ravel(grads[at]) for at in order])

    found = only(backprop)
    assert found.code == "blocks-swapped"
    assert ", ".join(f"d{NAMES[at]}" for at in order) in found.evidence


def test_what_numpy_spreads_over_a_layer_is_another_layers() -> None:
    def backprop(params, X, Y):
        return gradients(params, X, Y, slope="z2")

    found = only(backprop)
    assert (found.code, found.where) == ("wrong-cache", "delta1")
    assert "z2" in found.what or "a2" in found.what


def test_an_output_gradient_for_its_delta_lacks_the_slope() -> None:
    def backprop(params, X, Y):
        return gradients(params, X, Y, pulled="da1")

    found = only(backprop)
    assert (found.code, found.where) == ("missing-derivative", "W1")


def test_zeros_are_called_zeros() -> None:
    def backprop(params, X, Y):
        return {name: 0 * each for name, each in params.items()}

    found = only(backprop)
    assert found.code == "zero-gradient"
    assert "W1, b1, W2, b2" in found.what


def test_no_place_is_named_twice() -> None:
    def backprop(params, X, Y):
        W1, b1, W2, b2 = (params[name] for name in NAMES)
        z1 = X @ W1.T + b1
        d2 = (np.maximum(z1, 0) @ W2.T + b2 - Y) / len(X)
        d1 = d2 @ W2
        a1 = np.maximum(z1, 0)
        return {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}

    report = bpsym.verify("3-4:relu-2:identity", backprop, in_process=True, prove=False)
    assert [(each.code, each.where) for each in report.diagnosis] == [
        ("missing-derivative", "delta1")
    ]
