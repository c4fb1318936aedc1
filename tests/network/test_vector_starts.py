"""Where the vectors of a user's equation start, and that descent moves every one of them."""

import numpy as np
import pytest

import bpsym
from bpsym.network import parse
from bpsym.network.build import build

# equation, sizes, activation: where each vector starts, None at random.
STARTS = {
    "a bias": ("sum(j, U[i,j]*h[n,j]) + c[i]", {"i": 2}, "identity", {"c": 0}),
    "a gate": ("sigmoid(sum(j, U[i,j]*h[n,j]) + c[i])*h[n,i]", {}, "identity", {"c": 0}),
    "a divisor": ("h[n,i]/T[i]", {}, "identity", {"T": 1}),
    "under a logarithm": ("h[n,i] + log(P[i]**2)", {}, "identity", {"P": 1}),
    "under a root": ("h[n,i] + sqrt(s[i])", {}, "identity", {"s": 1}),
    "squared": ("s[i]**2*h[n,i]", {}, "identity", {"s": 1}),
    "squared and added": ("s[i]**2*h[n,i] + c[i]", {}, "identity", {"s": 1, "c": 0}),
    "a product of two": ("sum(j, v[j]*w[i]*h[n,j])", {"i": 2}, "identity", {"v": 1, "w": 0}),
    "a gain": ("g[i]*h[n,i]", {}, "identity", {"g": 0}),
    "a gain before a relu": ("g[i]*h[n,i]", {}, "relu", {"g": 1}),
    "inside an exponential": ("h[n,i]*exp(t[i])", {}, "identity", {"t": 0}),
    "the larger of two": ("max(r[i]*h[n,i], q[i]*h[n,i])", {}, "identity", {"r": 0, "q": 0}),
    "centres": (
        "sum(j, P[j]*exp(-(h[n,i] - M[j])**2)) + c[i]",
        {"j": 3},
        "identity",
        {"P": None, "M": None, "c": 0},
    ),
}


def declared(name):
    equation, sizes, activation, _ = STARTS[name]
    return {
        "inputs": {"x": 3},
        "layer": [
            {"name": "h", "units": 4, "activation": "tanh"},
            {
                "equation": f"f[n,i] = {equation}",
                "sizes": sizes,
                "from": ["h"],
                "activation": activation,
            },
        ],
        "loss": "half_squared_error",
    }


@pytest.mark.parametrize("name", STARTS)
def test_where_vectors_start(name):
    starts = build(parse(declared(name))).starts
    expected = STARTS[name][3]
    assert {each: starts[f"{each}_f"].value for each in expected} == expected


@pytest.mark.parametrize("name", STARTS)
def test_the_cost_is_finite_and_a_few_steps_move_every_parameter(name):
    module = bpsym.load(declared(name))
    rng = np.random.default_rng(0)
    params = module.init_params(rng)
    X = rng.normal(size=(8, 3))
    Y = rng.normal(size=module.predict(params, X).shape)
    before = {each: value.copy() for each, value in params.items()}
    for _ in range(3):
        C, grads = module.loss_and_grads(params, X, Y)
        assert np.isfinite(C)
        for each in params:
            params[each] = params[each] - 0.01 * grads[each]
    assert all(np.any(params[each] != before[each]) for each in params)


def test_what_is_drawn_differs():
    params = bpsym.load(declared("centres")).init_params(0)
    assert len(set(params["M_f"])) == 3
