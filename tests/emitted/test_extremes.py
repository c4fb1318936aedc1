"""No warning, no nan, no inf for any finite input where the true value is finite.

The truth is that of 40-digit arithmetic, whose exponents have no end: what mpmath calls finite
and a float can hold, the module must give.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.catalogue.losses import LOSSES
from tests.emitted.agreement import FLOATS, LAYOUTS, loaded, turned
from tests.emitted.one_unit import ITSELF, at
from tests.emitted.test_catalogue import PAIRS

LARGEST = {np.float64: 1e308, np.float32: 3e38}
ORDINARY = (745.0, 88.0, 40.0, 20.0, 1.0, 2.0**-20, 0.0)

Function = Callable[..., Any]


def points(dtype):
    """Pre-activations of all sizes and both signs, as the floating type has them."""
    most = LARGEST[dtype]
    sizes = (most, most**0.75, most**0.49, most**0.34, 1e4, *ORDINARY, 1 / most)
    return [float(dtype(sign * size)) for size in sizes for sign in (1, -1)]


def _clip(z: Any, low: float, high: float) -> Any:
    return min(max(z, mp.mpf(low)), mp.mpf(high))


def _elu(z: Any, alpha: float) -> Any:
    return z if z > 0 else alpha * mp.expm1(z)


TRUE: dict[str, Function] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "relu": lambda z: max(z, mp.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "prelu": lambda z: z if z > 0 else z / 4,
    "elu": lambda z: _elu(z, 1),
    "selu": lambda z: 1.0507009873554805 * _elu(z, 1.6732632423543772),
    "softplus": lambda z: mp.log1p(mp.exp(z)) if z < 0 else z + mp.log1p(mp.exp(-z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "gelu": lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2 if abs(z) < 1e6 else max(z, mp.mpf(0)),
    "gelu_tanh": lambda z: (
        z / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * z**3)))
    ),
    "mish": lambda z: z * mp.tanh(TRUE["softplus"](z)),
    "hard_sigmoid": lambda z: _clip(z / 6 + 0.5, 0, 1),
    "hard_tanh": lambda z: _clip(z, -1, 1),
    "relu6": lambda z: _clip(z, 0, 6),
    "sin": mp.sin,
    "gaussian": lambda z: mp.exp(-(z**2)),
    "arctan": mp.atan,
}


# 1 - f(z) where no number of digits would hold the difference.
COMPLEMENTS: dict[str, Function] = {
    "sigmoid": lambda z: 1 / (1 + mp.exp(z)),
    "gaussian": lambda z: -mp.expm1(-(z**2)),
    "hard_sigmoid": lambda z: _clip(0.5 - z / 6, 0, 1),
}


def _xlog(y: float, a: Any) -> Any:
    """y log a, with 0 log 0 = 0."""
    return mp.mpf(0) if y == 0 else y * (mp.log(a) if a > 0 else -mp.inf)


TRUE_LOSSES: dict[str, Function] = {
    "half_squared_error": lambda a, y: (a - y) ** 2 / 2,
    "squared_error": lambda a, y: (a - y) ** 2,
    "mean_squared_error": lambda a, y: (a - y) ** 2,
    "absolute_error": lambda a, y: abs(a - y),
    "huber": lambda a, y: (a - y) ** 2 / 2 if abs(a - y) <= 1 else abs(a - y) - mp.mpf(0.5),
    "log_cosh": lambda a, y: TRUE["softplus"](2 * abs(a - y)) - abs(a - y) - mp.log(2),
    "poisson": lambda a, y: a - _xlog(y, a),
    "hinge": lambda a, y: max(mp.mpf(0), 1 - y * a),
}
TARGETS = {"binary_cross_entropy": (0.0, 1.0, 0.25), "poisson": (0.0, 2.0), "hinge": (1.0, -1.0)}


def test_the_truths_are_those_of_the_whole_catalogue():
    assert set(TRUE) == set(ACTIVATIONS)
    several = {"cross_entropy", "kl_divergence", "max_margin"}  # read more than one unit; below
    assert {*TRUE_LOSSES, "binary_cross_entropy"} == set(LOSSES) - several


@cache
def truth(activation: str, loss: str | None, z: float, y: float) -> float:
    """The true cost as a float; inf if a float cannot hold it."""
    with mp.workdps(40):
        z, y = mp.mpf(z), mp.mpf(y)
        a = TRUE[activation](z)
        if loss is None:
            return float(a)
        if loss == "binary_cross_entropy":
            return float(-_xlog(y, a) - _xlog(1 - y, COMPLEMENTS[activation](z)))
        return float(TRUE_LOSSES[loss](a, y))


def check(activation, loss, dtype, targets):
    """The cost is right, all is finite that can be, and nothing warns."""
    checked = 0
    most = float(np.finfo(dtype).max)
    for z in points(dtype):
        # A log near 0 is finite where its derivative is not.
        pole = loss in ("binary_cross_entropy", "poisson") and 0 < abs(z) < 1e-30
        for y in targets:
            true = truth(activation, loss, z, y)
            fits = abs(true) <= most
            # The cost never warns; a slope may where no float can hold it.
            strict = fits and not pole
            found = at(activation, loss or ITSELF, [z], [y], dtype=dtype, strict=strict)
            assert np.isfinite(found.output).all(), (z, y)
            assert not np.isnan(found.slope).any(), (z, y)
            if not fits:
                assert found.cost == np.inf, (z, y)
                continue
            checked += 1
            assert np.isfinite(found.slope).all() or pole, (z, y)
            bound = 1e-6 if dtype is np.float32 else 1e-13
            tiny = float(np.finfo(dtype).smallest_normal)
            # A loss is as exact as the numbers that it subtracts, and these reach 1.
            floor = tiny if loss is None else float(np.finfo(dtype).eps)
            assert found.cost == pytest.approx(true, rel=bound, abs=floor), (z, y)
    assert checked > 8


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_an_activation(activation, dtype):
    check(activation, None, dtype, [1.0])


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        (activation, loss)
        for activation, loss in PAIRS
        if activation in TRUE and loss in (*TRUE_LOSSES, "binary_cross_entropy")
    ],
)
def test_a_loss_of_an_activation(activation, loss, dtype):
    check(activation, loss, dtype, TARGETS.get(loss, (0.0, 0.5)))


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("loss", ["cross_entropy", "kl_divergence"])
def test_a_softmax(loss, dtype):
    most = LARGEST[dtype]
    for z in (
        [most, -most, 0],
        [most] * 3,
        [-most] * 3,
        [most, 0, 0],
        [1e4, 0, -1e4],
        [0, 0, -most],
    ):
        for y in ([1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0]):
            gaps = [max(z) - each for each, weight in zip(z, y, strict=True) if weight]
            if max(gaps) > most:
                continue
            found = at("softmax", loss, z, y, dtype=dtype)
            assert np.isfinite(found.cost)
            assert found.output.sum() == pytest.approx(1, rel=1e-6)
            np.testing.assert_allclose(found.slope, found.output - np.array(y), rtol=1e-6)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
def test_a_max_margin(dtype):
    most = dtype(LARGEST[dtype]) / 4
    net = {
        "inputs": {"x": 1},
        "layer": [{"units": 1, "name": "s"}, {"units": 1, "name": "sc", "from": "x"}],
        "loss": {"kind": "max_margin", "of": ["s", "sc"]},
    }
    module = loaded(net)
    for s in (-most, most, dtype(0)):
        for sc in (-most, most, dtype(0)):
            params = {k: np.zeros(shape, dtype) for k, shape in module.PARAM_SHAPES.items()}
            params["b_s"][:], params["b_sc"][:] = s, sc
            with np.errstate(all="raise", under="ignore"):
                cost, _ = module.loss_and_grads(params, np.zeros((1, 1), dtype))
            assert cost == pytest.approx(max(0, 1 + float(sc) - float(s)), rel=1e-6)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_hidden_layer(activation, dtype):
    """One unit of the hidden layer is far out, the other is not; the output is a sigmoid."""
    module = loaded(f"1-2:{activation}-1:sigmoid,loss=bce")
    for z in points(dtype):
        params = {k: np.full(shape, 0.25, dtype) for k, shape in module.PARAM_SHAPES.items()}
        params["b1"][:] = (z, 0.5)
        with np.errstate(all="raise", under="ignore"):
            _, grads = module.loss_and_grads(params, np.ones((1, 1), dtype), np.ones((1, 1), dtype))
        assert all(np.isfinite(each).all() for each in grads.values()), z


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
def test_a_layer_norm(dtype, layout):
    """Deviations that no float can hold the square of, in one sample of two.

    Scaled by s they are normed to the same numbers, and their gradient is smaller by s.
    """
    layers = [{"units": 4, "name": "h"}, {"kind": "layer_norm"}, {"units": 2}]
    module = loaded({"inputs": {"x": 4}, "layer": layers}, layout=layout, input_grads=True)
    most = LARGEST[dtype]
    rng = np.random.default_rng(3)
    params = {k: rng.normal(size=v).astype(dtype) for k, v in module.PARAM_SHAPES.items()}
    params["W_h"], params["b_h"] = np.eye(4, dtype=dtype), np.zeros_like(params["b_h"])
    x = np.array([0.125, -0.5, 1.0, 0.25])
    Y = np.ones((2, 2), dtype)

    def at_scale(scale):
        X = np.array([x * scale, x]).astype(dtype)
        given = (turned(each, layout, of_samples=True) for each in (X, Y))
        with np.errstate(all="raise", under="ignore"):
            cost, grads = module.loss_and_grads(params, *given)
        return cost, turned(grads["x"], layout, of_samples=True)

    first, gradient = at_scale(2.0**20)
    for scale in (most**0.49, most**0.52, most**0.75, most / 8):
        scale = 2.0 ** np.floor(np.log2(scale))
        cost, grads = at_scale(scale)
        assert cost == pytest.approx(first, rel=1e-5 if dtype is np.float32 else 1e-12)
        np.testing.assert_allclose(grads[1], gradient[1], rtol=1e-6)
        if most > 1e300 or scale < 1e30:
            np.testing.assert_allclose(grads[0] * (scale / 2.0**20), gradient[0], rtol=1e-3)


# -- the branch that is not taken ---------------------------------------------------------------

BRANCHES = {
    "where(z > 0, log(1 + z), z)": (np.log1p(2.0), -2.0, 1 / 3, 1.0),
    "where(z > 1, log(z), 0)": (np.log(2.0), 0.0, 0.5, 0.0),
    "where(z > 0, sqrt(z), 0)": (np.sqrt(2.0), 0.0, 1 / np.sqrt(8.0), 0.0),
    "where(z <= 0, 0, 1/z)": (0.5, 0.0, -0.25, 0.0),
    "where(z > 1, exp(-1/(z - 1)), 0)": (np.exp(-1.0), 0.0, np.exp(-1.0), 0.0),
    "where(z > 0, z, exp(z) - 1)": (2.0, np.expm1(-2.0), 1.0, np.exp(-2.0)),
    "where(z < 0, log(1 - z), where(z > 3, sqrt(z - 3), 0))": (0.0, np.log(3.0), 0.0, -1 / 3),
}


@pytest.mark.parametrize("expression", BRANCHES)
def test_the_branch_that_is_not_taken_is_not_heard_of(expression):
    right, left, right_slope, left_slope = BRANCHES[expression]
    for z, value, slope in ((2.0, right, right_slope), (-2.0, left, left_slope)):
        found = at({"expression": expression}, ITSELF, [z], [1.0])
        assert found.cost == pytest.approx(value, rel=1e-14)
        assert found.slope[0] == pytest.approx(slope, rel=1e-14)


@pytest.mark.parametrize(
    "expression",
    [
        "where(z > 0, z, exp(z) - 1)",
        "where(z > 0, sqrt(1 + z), exp(z))",
        "where(z > 0, z**2, 1/(1 - z))",
        "max(exp(-z), 1)",
    ],
)
def test_far_out_on_the_side_of_the_other_branch(expression):
    for z in (-800.0, 800.0):
        if expression.startswith("max") and z < 0:
            continue  # exp(800) is what it says
        found = at({"expression": expression}, ITSELF, [z], [1.0])
        assert np.isfinite(found.cost)
        assert np.isfinite(found.slope).all()
