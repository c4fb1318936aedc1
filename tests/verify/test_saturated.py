"""Probabilities that are cut off: seen where outputs are nearly 0 or 1, guards left alone."""

from __future__ import annotations

import numpy as np
import pytest

import bpsym
from bpsym.verify.numbers.points import choose_points
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.numbers.saturated import LOGIT, saturated_points
from bpsym.verify.report import Verdict

SOFTMAX, SIGMOID = "4-5:tanh-3:softmax", "4-5:tanh-2:sigmoid,loss=bce"


def code(spec: str, *, cut: float = 0.0, in_loss: float = 0.0, logits: float = np.inf) -> object:
    """Right code but for probabilities cut off in the delta, in the loss, or through z."""

    def backprop(params, X, Y):
        a1 = np.tanh(X @ params["W1"].T + params["b1"])
        z2 = np.clip(a1 @ params["W2"].T + params["b2"], -logits, logits)
        if spec == SOFTMAX:
            p = np.exp(z2 - z2.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
        else:
            p = 1 / (1 + np.exp(-z2))
        q = np.clip(p, in_loss, 1 - in_loss)
        entropies = Y * np.log(q) + (0 if spec == SOFTMAX else (1 - Y) * np.log(1 - q))
        d2 = (np.clip(p, cut, 1 - cut) - Y) / len(X)
        d1 = d2 @ params["W2"] * (1 - a1**2)
        grads = {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}
        return -np.sum(entropies) / len(X), grads

    return backprop


@pytest.mark.parametrize("spec", [SOFTMAX, SIGMOID])
@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"cut": 1e-3}, "clipped-probability"),
        ({"cut": 1e-2, "in_loss": 1e-2}, "clipped-probability"),
        ({"in_loss": 1e-3}, "wrong-loss"),
    ],
)
def test_a_bound_is_seen(spec: str, wrong: dict[str, float], named: str) -> None:
    report = bpsym.verify(spec, code(spec, **wrong), in_process=True, prove=False)
    assert report.verdict is Verdict.FAIL, str(report)
    assert report.diagnosis[0].code == named


def test_a_bound_on_logits_is_seen() -> None:
    report = bpsym.verify(SIGMOID, code(SIGMOID, logits=5), in_process=True, prove=False)
    assert report.verdict is Verdict.FAIL
    assert report.diagnosis[0].code == "clipped-probability"


@pytest.mark.parametrize("spec", [SOFTMAX, SIGMOID])
@pytest.mark.parametrize(
    "guard", [{}, {"in_loss": 1e-8}, {"cut": 1e-7, "in_loss": 1e-7}, {"logits": 500}]
)
def test_a_guard_is_right(spec: str, guard: dict[str, float]) -> None:
    for seed in range(3):
        report = bpsym.verify(spec, code(spec, **guard), in_process=True, prove=False, seed=seed)
        assert report.verdict is Verdict.PASS, str(report)


@pytest.mark.parametrize(("spec", "some"), [(SOFTMAX, True), (SIGMOID, True), ("3-4-2", True),
                                            ("3-4:tanh-2:identity", False)])  # fmt: skip
def test_outputs_come_near_their_ends(spec: str, some: bool) -> None:
    reference = Reference(bpsym.derive(spec))
    points = saturated_points(reference, choose_points(reference))
    assert bool(points) is some
    for point in points:
        z = reference.at(point).values["z2"]
        reach = np.ptp(z, axis=1).max() if spec == SOFTMAX else np.abs(z).max()
        assert reach == pytest.approx(LOGIT)
