"""Functions that a user writes out: as stable as those of the catalogue; signs; constants."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import bpsym
from tests.emitted.agreement import FLOATS, LAYOUTS, loaded
from tests.emitted.one_unit import ITSELF, at


def soft(z):
    return mp.log1p(mp.exp(z)) if z < 0 else z + mp.log1p(mp.exp(-z))


def logistic(z):
    return 1 / (1 + mp.exp(-z))


WRITTEN = {
    "(exp(z) - exp(-z))/(exp(z) + exp(-z))": mp.tanh,
    "(exp(2*z) - 1)/(exp(2*z) + 1)": mp.tanh,
    "2/(1 + exp(-2*z)) - 1": mp.tanh,
    "(1 - exp(-z))/(1 + exp(-z))": lambda z: mp.tanh(z / 2),
    "1 - 1/(1 + exp(z))": logistic,
    "(1 + tanh(z/2))/2": logistic,
    "z*exp(z)/(1 + exp(z))": lambda z: z * logistic(z),
    "log(1 + exp(z))": soft,
    "log(exp(z) + exp(-z))": lambda z: abs(z) + mp.log1p(mp.exp(-2 * abs(z))),
    "log(exp(z)/(1 + exp(z)))": lambda z: -soft(-z),
    "z*tanh(log(1 + exp(z)))": lambda z: z * mp.tanh(soft(z)),
    "exp(-z*z)": lambda z: mp.exp(-z * z),
    "exp(-z**2/2)": lambda z: mp.exp(-z * z / 2),
    "z/(1 + abs(z))": lambda z: z / (1 + abs(z)),
}


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("expression", WRITTEN)
def test_far_out(expression, dtype):
    most = 1e308 if dtype is np.float64 else 3e38
    tiny = float(np.finfo(dtype).smallest_normal)
    bound = 2e-6 if dtype is np.float32 else 1e-13
    sizes = (1e-20, 1.0, 20.0, 90.0, 400.0, 800.0, 1e4, most**0.49, most**0.6, most)
    for z in (0.0, *(float(dtype(sign * size)) for size in sizes for sign in (1, -1))):
        found = at({"expression": expression}, ITSELF, [z], [1.0], dtype=dtype)
        with mp.workdps(60):
            true = float(WRITTEN[expression](mp.mpf(z)))
        assert found.cost == pytest.approx(true, rel=bound, abs=tiny), z
        assert np.isfinite(found.slope).all(), z


def test_a_recognised_activation_is_that_of_the_catalogue():
    layer = {"units": 3, "activation": {"expression": "z/(1 + exp(-z))"}}
    written = bpsym.generate({"inputs": {"x": 2}, "layer": [layer]}, prove=False)
    assert "def silu(z)" in written


# The derivative of a sign is 0, at its jump too: value and slope at 2, -2 and 0.
SIGNS = {
    "sign(z)": ((1, 0), (-1, 0), (0, 0)),
    "z*sign(z)": ((2, 1), (2, -1), (0, 0)),
    "sign(z)*z**2": ((4, 4), (-4, 4), (0, 0)),
    "abs(sign(z))": ((1, 0), (1, 0), (0, 0)),
    "max(sign(z), 0)": ((1, 0), (0, 0), (0, 0)),
    "min(max(z, 0), sign(z))": ((1, 0), (-1, 0), (0, 0)),
    "sign(relu(z))": ((1, 0), (0, 0), (0, 0)),
    "where(z > 0, sign(z), z)": ((1, 0), (-2, 1), (0, 1)),
    "tanh(sign(z))": ((np.tanh(1), 0), (-np.tanh(1), 0), (0, 0)),
    # Constants.
    "0*z + 1": ((1, 0), (1, 0), (1, 0)),
    "z - z + 2": ((2, 0), (2, 0), (2, 0)),
    "where(z > 0, 1, 1)": ((1, 0), (1, 0), (1, 0)),
    "where(z > 0, 1, 0)": ((1, 0), (0, 0), (0, 0)),
    "sign(abs(z))": ((1, 0), (1, 0), (0, 0)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("expression", SIGNS)
def test_signs_and_constants(expression, layout):
    for z, (value, slope) in zip((2.0, -2.0, 0.0), SIGNS[expression], strict=True):
        for dtype in FLOATS:
            found = at({"expression": expression}, ITSELF, [z], [1.0], layout, dtype)
            assert found.cost == pytest.approx(value, rel=1e-6)
            assert found.slope[0] == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("expression", SIGNS)
def test_signs_and_constants_are_proven_and_check_themselves(expression, layout):
    hidden = {"units": 3, "activation": {"expression": expression}}
    net = {"inputs": {"x": 2}, "layer": [hidden, {"units": 2}]}
    assert bpsym.load(net, layout=layout).check() == 0


LINEAR = {"expression": "sum(k, a[k])"}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "layers",
    [
        [{"units": 3}],
        [{"units": 3}, {"units": 2}],
        [{"units": 3, "name": "h"}, {"equation": "g[n,i] = c[i]*h[n,i]"}],
        [
            {"units": 3, "name": "h"},
            {"equation": "g[n,j] = sum(i, h[n,i])*c[j]", "sizes": {"j": 4}},
        ],
    ],
    ids=lambda layers: str(len(layers)) + layers[-1].get("equation", ""),
)
def test_the_derivative_of_a_linear_cost_has_the_shape_of_what_it_is_in(layers, layout):
    module = loaded({"inputs": {"x": 2}, "layer": layers, "loss": LINEAR}, layout=layout)
    assert module.check() == 0
    params = module.init_params(0, dtype=np.float32)
    X = np.ones((2, 5) if layout == "columns" else (5, 2), np.float32)
    _, grads = module.loss_and_grads(params, X)
    assert {k: v.shape for k, v in grads.items()} == module.PARAM_SHAPES
    assert {each.dtype for each in grads.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("equation", "dropped"),
    [
        ("g[n,i] = c[i]*h[n,i] + 0*d[i]", "d_g"),
        ("g[n,i] = c[i] + h[n,i] - h[n,i]", "h"),
    ],
)
def test_what_drops_out_of_an_equation_is_named(equation, dropped):
    layers = [{"units": 3, "name": "h"}, {"equation": equation}]
    with pytest.raises(bpsym.NetworkError, match="drops out") as caught:
        bpsym.generate({"inputs": {"x": 2}, "layer": layers})
    assert f"got {dropped}." in str(caught.value)
