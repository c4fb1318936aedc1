"""The oracle itself: complex steps against differences, formulas against numbers known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bpsym.network.catalogue import activations, losses
from tests.emitted import oracle
from tests.emitted.agreement import Agreement, Point, agree, loaded
from tests.emitted.formula import Formula
from tests.emitted.networks import NETWORKS
from tests.emitted.oracle import Oracle


def test_it_has_the_whole_catalogue():
    assert set(oracle.ACTIVATIONS) == set(activations.ACTIVATIONS)
    assert set(oracle.LOSSES) == set(losses.LOSSES)
    assert oracle.ALIASES == activations.ALIASES
    assert oracle.LOSS_ALIASES == losses.ALIASES


# Of both signs, and no activation of the catalogue bends there.
FAR_FROM_KINKS = np.array([-7.3, -2.2, -0.4, 0.7, 1.6, 4.1, 6.4], oracle.COMPLEX)


@pytest.mark.parametrize("name", oracle.ACTIVATIONS)
def test_a_complex_step_is_the_derivative_of_an_activation(name):
    z, function = FAR_FROM_KINKS, oracle.ACTIVATIONS[name]
    options = dict.fromkeys(oracle.LEARNED.get(name, ()), 0.25)
    stepped = function(z + 1j * oracle.STEP, **options).imag / oracle.STEP
    h = 1e-4
    difference = (function(z + h, **options) - function(z - h, **options)).real / (2 * h)
    np.testing.assert_allclose(stepped.astype(float), difference.astype(float), atol=2e-7)


# The activations at 1, to ten digits.
AT_ONE = {
    "identity": 1,
    "sigmoid": 0.7310585786,
    "tanh": 0.7615941560,
    "relu": 1,
    "softplus": 1.3132616875,
    "softsign": 0.5,
    "silu": 0.7310585786,
    "gelu": 0.8413447461,
    "gelu_tanh": 0.8411919906,
    "mish": 0.8650983883,
    "hard_sigmoid": 2 / 3,
    "hard_tanh": 1,
    "relu6": 1,
    "sin": 0.8414709848,
    "gaussian": 0.3678794412,
    "arctan": math.pi / 4,
    "leaky_relu": 1,
    "elu": 1,
    "selu": 1.0507009874,
}


@pytest.mark.parametrize("name", AT_ONE)
def test_activations_at_one(name):
    value = oracle.ACTIVATIONS[name](np.array([1 + 0j]))
    assert value.real[0] == pytest.approx(AT_ONE[name], abs=1e-10)


@pytest.mark.parametrize(
    ("name", "a", "y", "value"),
    [
        ("half_squared_error", [1.0, 3.0], [0.0, 1.0], 2.5),
        ("squared_error", [1.0, 3.0], [0.0, 1.0], 5.0),
        ("mean_squared_error", [1.0, 3.0], [0.0, 1.0], 2.5),
        ("absolute_error", [1.0, 3.0], [2.0, 1.0], 3.0),
        ("huber", [0.5, 3.0], [0.0, 1.0], 0.125 + 1.5),
        ("log_cosh", [1.0], [0.0], 0.4337808305),
        ("binary_cross_entropy", [0.25, 0.5], [1.0, 0.0], 3 * math.log(2)),
        ("cross_entropy", [0.25, 0.75], [1.0, 0.0], math.log(4)),
        ("kl_divergence", [0.25, 0.75], [0.5, 0.5], 0.1438410362),
        ("poisson", [2.0], [3.0], 2 - 3 * math.log(2)),
        ("hinge", [0.5, 2.0, -1.0], [1.0, 1.0, 1.0], 2.5),
        ("max_margin", [0.5, 2.0], [0.0, 0.5], 0.5),
    ],
)
def test_losses_at_small_numbers(name, a, y, value):
    at = (np.array([each], oracle.COMPLEX) for each in (a, y))
    assert oracle.LOSSES[name](*at)[0].real == pytest.approx(value, abs=1e-10)


SMOOTH = (
    "shorthand",
    "add of three, with an activation",
    "concat",
    "multiply of three",
    "layer norm shared",
    "softmax as the last layer",
    "gate",
    "bilinear",
    "two towers",
    "weights",
    "decay and sum",
    "several inputs",
)


@pytest.mark.parametrize("name", SMOOTH)
def test_complex_steps_agree_with_differences(name):
    point = Point.draw(NETWORKS[name], m=2)
    differences = point.oracle.differences(point.params, point.X, point.Y)
    for each, expected in differences.items():
        scale = np.abs(expected).max()
        assert np.abs(point.gradients[each] - expected).max() <= 1e-10 * scale + 1e-13


def test_a_formula_of_indices():
    rng = np.random.default_rng(0)
    A, u, v = (rng.normal(size=(1, *shape)) for shape in ((4, 3), (2, 3), (2, 3)))
    text = Formula("sum(j, A[i,j]*u[n,j]) - sum(j, u[n,j]*v[n,j])**2/(1 + c[i])", ("n", "i"))
    c = rng.uniform(size=(1, 4))
    value = text.value({"A": A, "u": u, "v": v, "c": c}, {}, {})
    expected = np.einsum("ij,nj->ni", A[0], u[0])
    expected -= np.einsum("nj,nj->n", u[0], v[0])[:, None] ** 2 / (1 + c[0])
    np.testing.assert_allclose(value[0].astype(float), expected, rtol=1e-14)


def test_parameters_are_named_by_position_and_by_name():
    network = Oracle(
        {
            "inputs": {"x": 3},
            "layer": [
                {"units": 4, "activation": "prelu"},
                {"kind": "layer_norm"},
                {"units": 4, "name": "h"},
                {"units": 4, "share": "h"},
                {"equation": "g[n,i] = h[n,i]*U[i]"},
                {"units": 2, "bias": False, "from": "4"},
                {"kind": "concat", "from": ["g", "6"]},
                {"units": 1},
            ],
        }
    )
    assert network.shapes == {
        "W1": (4, 3),
        "b1": (4,),
        "alpha1": (4,),
        "gain2": (4,),
        "shift2": (4,),
        "W_h": (4, 4),
        "b_h": (4,),
        "U_g": (4,),
        "W5": (2, 4),
        "W6": (1, 6),
        "b6": (1,),
    }
    assert network.weights == ["W1", "W_h", "W5", "W6"]


# -- planted faults: agreement can fail --------------------------------------------------------


def broken(net, what, **changes):
    """An agreement with a module one function of which has been replaced."""
    module = loaded(net)
    found = Agreement(module, Point.draw(net))
    assert found.check() is None
    altered = type(module)("altered")
    altered.__dict__.update(module.__dict__)
    altered.__dict__.update({what: changes["by"](getattr(module, what))})
    found.module = altered
    return found


def scaled_gradient(name, factor):
    def changed(original):
        def loss_and_grads(params, X, Y):
            C, grads = original(params, X, Y)
            return C, {**grads, name: grads[name] * factor}

        return loss_and_grads

    return changed


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_a_wrong_gradient_is_seen(name):
    found = broken("3-5:tanh-2", "loss_and_grads", by=scaled_gradient(name, 1 + 1e-11))
    with pytest.raises(AssertionError, match=f"gradient {name}"):
        found.check()


def test_a_wrong_order_of_gradients_is_seen():
    def swapped(original):
        return lambda *given: (
            original(*given)[0],
            dict(reversed(original(*given)[1].items())),
        )

    with pytest.raises(AssertionError):
        broken("3-5:tanh-2", "loss_and_grads", by=swapped).check()


def test_a_wrong_prediction_is_seen():
    found = broken("3-5:tanh-2", "predict", by=lambda f: lambda *given: f(*given) + 1e-11)
    with pytest.raises(AssertionError, match="prediction"):
        found.check()


def test_a_wrong_type_is_seen():
    found = broken("3-5:tanh-2", "predict", by=lambda f: lambda *given: f(*given) * np.float64(1))
    found.dtype, found.tolerance = np.float32, 1e-4
    with pytest.raises(AssertionError, match="prediction"):
        found.check()


def test_a_spoilt_argument_is_seen():
    def spoiling(original):
        def loss_and_grads(params, X, Y):
            result = original(params, X, Y)
            X[0, 0] += 1
            return result

        return loss_and_grads

    with pytest.raises(AssertionError):
        broken("3-5:tanh-2", "loss_and_grads", by=spoiling).check()


def test_the_other_layout_is_seen():
    with pytest.raises((AssertionError, ValueError)):
        Agreement(loaded("3-5:tanh-2"), Point.draw("3-5:tanh-2"), "columns").check()


def test_agreement_at_a_point_of_ones_own():
    net = "3-5:tanh-2"
    agree(net, point=Point.draw(net, seed=7, m=1))
