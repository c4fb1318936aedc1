"""Values that must come out right, through emitted modules and not only in kernels.

Truths are to 60 digits, rounded to float64.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from tests.emitted.agreement import LAYOUTS, loaded
from tests.emitted.one_unit import ITSELF, at

ONE_ULP_FROM_ZERO = 5e-324


class Case(NamedTuple):
    """A layer at z against y, with its true cost and the true slope of the cost in z."""

    activation: object
    loss: object
    z: list[float]
    y: list[float]
    cost: float
    slope: list[float]


def itself(activation, z, value, slope):
    """An activation without a loss."""
    return Case(activation, ITSELF, [z], [1.0], value, [slope])


def bce(z, y, cost, slope):
    """A sigmoid under binary cross-entropy."""
    return Case("sigmoid", "bce", [z], [y], cost, [slope])


LOG_SIGMOID = {"expression": "sum(k, log(a[k]))"}
LOG_SUM_EXP = {"expression": "log(sum(k, exp(a[k])))"}
FAR = [1e4, 0.0, -1e4]
NEAR = [710.0, 709.0]
P = 0.7310585786300049, 0.2689414213699951

CASES = {
    "BCE 1000 against 0": bce(1000, 0, 1000, 1),
    "BCE 1000 against 1": bce(1000, 1, 0, 0),
    "BCE 1000 against 0.9": bce(1000, 0.9, 100, 0.1),
    "BCE -1000 against 0": bce(-1000, 0, 0, 0),
    "BCE -1000 against 1": bce(-1000, 1, 1000, -1),
    "BCE -1000 against 0.9": bce(-1000, 0.9, 900, -0.9),
    "sigmoid(-37)": itself("sigmoid", -37, 8.533047625744065e-17, 8.533047625744065e-17),
    "sigmoid(-745)": itself("sigmoid", -745, ONE_ULP_FROM_ZERO, ONE_ULP_FROM_ZERO),
    "softplus(1000)": itself("softplus", 1000, 1000, 1),
    "softplus(-1000)": itself("softplus", -1000, 0, 0),
    "softplus(-40)": itself("softplus", -40, 4.248354255291589e-18, 4.248354255291589e-18),
    "log sigmoid(1000)": Case("sigmoid", LOG_SIGMOID, [1000], [], 0, [0]),
    "log sigmoid(-1000)": Case("sigmoid", LOG_SIGMOID, [-1000], [], -1000, [1]),
    "log sigmoid(1000), written out": itself({"expression": "log(sigmoid(z))"}, 1000, 0, 0),
    "log sigmoid(-1000), written out": itself({"expression": "log(sigmoid(z))"}, -1000, -1000, 1),
    "CE, class 0": Case("softmax", "ce", FAR, [1, 0, 0], 0, [0, 0, 0]),
    "CE, class 1": Case("softmax", "ce", FAR, [0, 1, 0], 1e4, [1, -1, 0]),
    "CE, class 2": Case("softmax", "ce", FAR, [0, 0, 1], 2e4, [1, 0, -1]),
    "log softmax, near": Case("softmax", "ce", NEAR, [1, 0], 0.3132616875182228, [P[0] - 1, P[1]]),
    "log softmax, far": Case("softmax", "ce", NEAR, [0, 1], 1.3132616875182228, [P[0], P[1] - 1]),
    "log-sum-exp": Case("identity", LOG_SUM_EXP, [1000] * 3, [], 1001.0986122886682, [1 / 3] * 3),
    "GELU(-10)": itself("gelu", -10, -7.619853024160526e-23, -7.618400096464814e-22),
    "GELU(-1000)": itself("gelu", -1000, 0, 0),
    "GELU(0)": itself("gelu", 0, 0, 0.5),
    "GELU-tanh(3)": itself("gelu_tanh", 3, 2.996362607918227, 1.0115841666309697),
    "SiLU(-30)": itself("silu", -30, -2.8072868906517896e-12, -2.713710660963134e-12),
    "Mish(1000)": itself("mish", 1000, 1000, 1),
    "Mish(-1000)": itself("mish", -1000, 0, 0),
    "log cosh(1000)": Case("identity", "log_cosh", [1000], [0], 999.3068528194401, [1]),
    "log cosh(-1000)": Case("identity", "log_cosh", [-1000], [0], 999.3068528194401, [-1]),
    "ELU(-1e-10)": itself("elu", -1e-10, -9.9999999995e-11, 0.9999999999),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", CASES)
def test_in_double_precision(name, layout):
    case = CASES[name]
    found = at(case.activation, case.loss, case.z, case.y, layout)
    assert found.cost == pytest.approx(case.cost, rel=1e-14, abs=0)
    # p - y is a difference of numbers up to 1, and no better than they are.
    scale = 2e-16 if case.loss == "ce" else 0
    np.testing.assert_allclose(found.slope, case.slope, rtol=1e-14, atol=scale)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", CASES)
def test_in_single_precision(name, layout):
    """The same cases; z, y and the truth are rounded to float32, and may underflow there."""
    case = CASES[name]
    found = at(case.activation, case.loss, case.z, case.y, layout, np.float32)
    smallest = float(np.finfo(np.float32).smallest_subnormal)
    scale = 1.2e-7 if case.loss == "ce" else smallest
    assert found.cost == pytest.approx(case.cost, rel=1e-6, abs=smallest)
    np.testing.assert_allclose(found.slope, case.slope, rtol=1e-6, atol=scale)


def test_the_probabilities_of_a_softmax():
    found = at("softmax", "ce", NEAR, [1.0, 0.0])
    np.testing.assert_allclose(found.output, P, rtol=1e-14)


@pytest.mark.parametrize("z", [19.0, 20.0, 400.0, -400.0])
def test_the_tail_of_a_slope_may_be_lost_but_is_never_wrong(z):
    """The textbook's 1 - a^2 and a (1 - a) are 0 from somewhere on; they stay in [0, truth]."""
    truth = 1 / np.cosh(np.longdouble(z)) ** 2
    assert 0 <= at("tanh", ITSELF, [z], [1.0]).slope[0] <= truth * 1.5
    truth = np.exp(-np.longdouble(abs(2 * z)))
    assert 0 <= at("sigmoid", ITSELF, [abs(2 * z)], [1.0]).slope[0] <= truth * 1.5


def of_inputs(equation, x):
    """An equation layer at x, one sample: its output summed, and the gradient of the sum in x."""
    layer = {"equation": equation}
    loss = {"expression": "sum(k, a[k])"}
    module = loaded({"inputs": {"x": len(x)}, "layer": [layer], "loss": loss}, input_grads=True)
    with np.errstate(all="raise", under="ignore"):
        cost, grads = module.loss_and_grads({}, np.array([x]))
    return cost, grads["x"][0]


def test_a_softmax_written_out_in_an_equation():
    """The sum over its entries is 1, whatever the numbers."""
    cost, slope = of_inputs("p[n,k] = exp(x[n,k])/sum(r, exp(x[n,r]))", FAR)
    assert cost == 1
    np.testing.assert_allclose(slope, 0, atol=1e-15)


def test_a_log_sum_exp_written_out_in_an_equation():
    text = "g[n,k] = x[n,k] - log(sum(r, exp(x[n,r])))"
    cost, slope = of_inputs(text, [1000.0] * 3)
    assert cost == pytest.approx(-3 * np.log(3), rel=1e-14)
    np.testing.assert_allclose(slope, 0, atol=1e-15)
