"""At a kink: the derivative of the left branch, which is a subgradient; beside it, the slope."""

from __future__ import annotations

import numpy as np
import pytest

from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.catalogue.losses import LOSSES
from tests.emitted.agreement import FLOATS, LAYOUTS, loaded, turned
from tests.emitted.one_unit import ITSELF, at

# Left slope, right slope, by kink; prelu's slope is 0.25 in these tests.
SLOPES = {
    "relu": {0: (0, 1)},
    "leaky_relu": {0: (0.01, 1)},
    "prelu": {0: (0.25, 1)},
    "elu": {0: (1, 1)},
    "selu": {0: (1.0507009873554805 * 1.6732632423543772, 1.0507009873554805)},
    "hard_sigmoid": {-3: (0, 1 / 6), 3: (1 / 6, 0)},
    "hard_tanh": {-1: (0, 1), 1: (1, 0)},
    "relu6": {0: (0, 1), 6: (1, 0)},
}
PLACES = [(name, kink) for name, kinks in SLOPES.items() for kink in kinks]


def test_every_kink_of_the_catalogue_is_here():
    kinks = {name: {float(k) for k in row.kinks} for name, row in ACTIVATIONS.items() if row.kinks}
    assert {name: {float(k) for k in kinks} for name, kinks in SLOPES.items()} == kinks


def slope(activation, z, layout="rows", dtype=np.float64):
    """The derivative that the emitted module uses at z."""
    return float(at(activation, ITSELF, [z], [1.0], layout, dtype).slope[0])


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "kink"), PLACES)
def test_the_derivative_at_and_beside_a_kink(name, kink, layout, dtype):
    left, right = SLOPES[name][kink]
    exact = dict.fromkeys(("rel", "abs"), 4 * float(np.finfo(dtype).eps))
    assert slope(name, kink, layout, dtype) == pytest.approx(left, **exact)
    for z in (np.nextafter(dtype(kink), dtype(-np.inf)), dtype(kink) - dtype(0.001)):
        assert slope(name, z, layout, dtype) == pytest.approx(left, rel=2e-3)
    for z in (np.nextafter(dtype(kink), dtype(np.inf)), dtype(kink) + dtype(0.001)):
        assert slope(name, z, layout, dtype) == pytest.approx(right, rel=2e-3)


@pytest.mark.parametrize(("name", "kink"), PLACES)
def test_the_derivative_at_a_kink_is_a_subgradient(name, kink):
    """It lies between the difference quotients from both sides."""
    h = 2.0**-20

    def value(z):
        return at(name, ITSELF, [z], [1.0]).cost

    before, after = (value(kink) - value(kink - h)) / h, (value(kink + h) - value(kink)) / h
    assert min(before, after) - h <= slope(name, kink) <= max(before, after) + h


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("name", [name for name, kink in PLACES if kink == 0])
def test_both_zeros_are_the_kink(name, zero):
    assert slope(name, zero) == pytest.approx(SLOPES[name][0][0], rel=1e-15)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
class TestLosses:
    """Where a loss bends, its derivative is 0."""

    def test_absolute_error(self, layout, dtype):
        y = [0.5, 0.5, 0.5, 0.0]
        slopes = at("identity", "absolute_error", [0.5, 0.75, 0.25, 0.0], y, layout, dtype).slope
        np.testing.assert_array_equal(slopes, [0, 1, -1, 0])

    def test_hinge(self, layout, dtype):
        y = [1.0, 1.0, 1.0, -1.0, -1.0, -1.0]
        z = [1.0, 1.25, 0.75, -1.0, -1.25, -0.75]
        slopes = at("identity", "hinge", z, y, layout, dtype).slope
        np.testing.assert_array_equal(slopes, [0, 0, -1, 0, 0, 1])

    def test_huber(self, layout, dtype):
        z = [1.0, -1.0, 1.5, -1.5, 0.5, 0.0]
        slopes = at("identity", "huber", z, [0.0] * 6, layout, dtype).slope
        np.testing.assert_array_equal(slopes, [1, -1, 1, -1, 0.5, 0])

    def test_max_margin(self, layout, dtype):
        """a - c = margin exactly, and beside it."""
        layers = [{"units": 3, "name": "s"}, {"units": 3, "name": "sc", "from": "x"}]
        loss = {"kind": "max_margin", "of": ["s", "sc"]}
        net = {"inputs": {"x": 1}, "layer": layers, "loss": loss}
        module = loaded(net, layout=layout)
        params = {k: np.zeros(shape, dtype) for k, shape in module.PARAM_SHAPES.items()}
        params["b_s"] = turned(np.array([2.0, 2.5, 1.5], dtype), layout)
        params["b_sc"] = turned(np.array([1.0, 1.0, 1.0], dtype), layout)
        cost, grads = module.loss_and_grads(params, np.zeros((1, 1), dtype))
        assert cost == 0.5
        np.testing.assert_array_equal(grads["b_s"].ravel(), [0, 0, -1])
        np.testing.assert_array_equal(grads["b_sc"].ravel(), [0, 0, 1])
        assert {each.dtype for each in grads.values()} == {np.dtype(dtype)}


def test_every_loss_that_bends_is_here():
    bends = {name for name, row in LOSSES.items() if row.kink}
    assert bends == {"absolute_error", "hinge", "max_margin"}


def test_a_wrong_convention_would_be_seen():
    """relu'(0) = 1, which another program may have, is the slope of the right branch."""
    expression = {"expression": "where(z >= 0, z, 0)"}
    assert slope(expression, 0.0) == 1.0 != SLOPES["relu"][0][0]
