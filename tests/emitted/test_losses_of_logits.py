"""Losses with log a, log(1 - a) or 1/a of a softmax or a sigmoid, where a float has lost a.

The truth is that of 900 digits: the cost from its definition, its slope as a difference quotient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from tests.emitted.agreement import FLOATS, LAYOUTS
from tests.emitted.one_unit import at

Numbers = Sequence[Any]
DIGITS = 900
STEP = 450  # decimal places of the difference


def xlog(y: Any, a: Any) -> Any:
    return mp.mpf(0) if y == 0 else y * mp.log(a)


def softmax(z: Numbers) -> Numbers:
    powers = [mp.exp(each) for each in z]
    return [each / mp.fsum(powers) for each in powers]


def sigmoid(z: Numbers) -> Numbers:
    return [1 / (1 + mp.exp(-each)) for each in z]


ACTIVATIONS: dict[str, Callable[[Numbers], Numbers]] = {"softmax": softmax, "sigmoid": sigmoid}

# The loss as it is declared, and one term of its sum as a function of a and y.
LOSSES: dict[str, tuple[object, Callable[[Any, Any], Any]]] = {
    "binary cross-entropy": ("bce", lambda a, y: -xlog(y, a) - xlog(1 - y, 1 - a)),
    "focal": (
        {"expression": "-sum(k, y[k]*(1-a[k])**2*log(a[k]))"},
        lambda a, y: -y * (1 - a) ** 2 * mp.log(a),
    ),
    "focal, both sides": (
        {"expression": "-sum(k, y[k]*(1-a[k])**2*log(a[k]) + (1-y[k])*a[k]**2*log(1-a[k]))"},
        lambda a, y: -y * (1 - a) ** 2 * mp.log(a) - (1 - y) * a**2 * mp.log(1 - a),
    ),
    "cross-entropy and entropy": (
        {"expression": "-sum(k, y[k]*log(a[k])) + 0.5*sum(k, a[k]*log(a[k]))"},
        lambda a, y: -y * mp.log(a) + a * mp.log(a) / 2,
    ),
    "binary entropy": (
        {"expression": "sum(k, a[k]*log(a[k]) + (1-a[k])*log(1-a[k]) - y[k]*a[k])"},
        lambda a, y: a * mp.log(a) + (1 - a) * mp.log(1 - a) - y * a,
    ),
    "divergence": (
        {"expression": "sum(k, y[k]*log(y[k]/a[k]))"},
        lambda a, y: xlog(y, y) - xlog(y, a),
    ),
    "reversed divergence": (
        {"expression": "sum(k, a[k]*log(a[k]/(y[k]+1)))"},
        lambda a, y: a * mp.log(a / (y + 1)),
    ),
    "Jensen-Shannon": (
        {"expression": "sum(k, a[k]*log(2*a[k]/(a[k]+y[k])) + y[k]*log(2*y[k]/(a[k]+y[k])))/2"},
        lambda a, y: (a * mp.log(2 * a / (a + y)) + xlog(y, 2 * y / (a + y))) / 2,
    ),
}

LOGITS = ([50, 0, -5], [0, 0, 0], [800, 0, -3], [30, -1, 2], [1000, -1000, 5], [0.25, -0.5, 0.125])
TARGETS = ([1, 0, 0], [0, 1, 0], [0.25, 0.5, 0.25])


@cache
def truth(
    activation: str, loss: str, z: tuple[float, ...], y: tuple[float, ...]
) -> tuple[float, list[float]]:
    """The cost and its slope in each logit."""

    def cost(logits: Numbers) -> Any:
        outputs = ACTIVATIONS[activation](logits)
        return mp.fsum(LOSSES[loss][1](a, mp.mpf(b)) for a, b in zip(outputs, y, strict=True))

    with mp.workdps(DIGITS):
        step = mp.mpf(10) ** -STEP
        here = [mp.mpf(each) for each in z]
        slopes = [
            (cost([*here[:i], here[i] + step, *here[i + 1 :]]) - cost(here)) / step
            for i in range(len(z))
        ]
        return float(cost(here)), [float(each) for each in slopes]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_cost_and_slope(activation: str, loss: str, layout: str) -> None:
    for dtype in FLOATS:
        for z in LOGITS:
            for y in TARGETS:
                cost, slope = truth(activation, loss, tuple(z), tuple(y))
                found = at(activation, LOSSES[loss][0], list(z), list(y), layout, dtype)
                eps = float(np.finfo(dtype).eps)
                # A difference is as exact as its terms, and these are as large as the logits.
                scale = eps * max(1.0, *map(abs, z))
                assert found.cost == pytest.approx(cost, rel=16 * eps, abs=4 * eps), (z, y)
                np.testing.assert_allclose(found.slope, slope, rtol=32 * eps, atol=16 * scale)


def test_a_cost_near_0_keeps_its_digits() -> None:
    cost, _ = truth("softmax", "binary cross-entropy", (50, 0, -5), (1, 0, 0))
    assert 0 < cost < 1e-21
    found = at("softmax", "bce", [50, 0, -5], [1, 0, 0])
    assert found.cost == pytest.approx(cost, rel=1e-13, abs=0)
