"""Small networks for the path from the raw derivative to the delta form."""

from __future__ import annotations

from typing import Any


def graph(*layers: dict[str, object], width: int = 2, **keys: object) -> dict[str, Any]:
    """A network with one input."""
    return {"inputs": {"x": width}, "layer": list(layers), "loss": "half_squared_error", **keys}


def dense(
    name: str, units: int = 2, activation: str = "identity", **keys: object
) -> dict[str, Any]:
    """A dense layer with a name."""
    return {"name": name, "units": units, "activation": activation, **keys}


OUTPUT = dense("o", 1)

# Every weight of these is taken all the way.
WHOLE: dict[str, Any] = {
    "2-3-1": "2-3-1",
    "2-3-3-1": "2-3-3-1",
    "2-2-2": "2-2-2",
    "softmax": "2-2-3:softmax",
    "skip": graph(
        dense("h", 2, "tanh"),
        dense("g", 2, "sigmoid"),
        {"name": "s", "kind": "add", "from": ["h", "g"]},
        OUTPUT,
    ),
    "shared": graph(dense("h", 2, "tanh"), dense("h2", 2, "tanh", share="h"), OUTPUT),
    "concat": graph(
        dense("h", 2, "tanh"),
        dense("g", 1, "sigmoid", **{"from": ["x"]}),
        {"name": "c", "kind": "concat", "from": ["h", "g"]},
        OUTPUT,
    ),
    "multiply": graph(
        dense("h", 2, "tanh"),
        dense("g", 2, "sigmoid", **{"from": ["x"]}),
        {"name": "q", "kind": "multiply", "from": ["h", "g"]},
        OUTPUT,
    ),
}

# One weight of each parameter of these.
OTHERS: dict[str, Any] = {
    "bce": "2-2-1,loss=bce",
    "relu": "2-3-3-1,act=relu",
    "leaky_relu": "2-2-1,act=leaky_relu",
    "prelu": "2-2-1,act=prelu",
    "elu": "2-2-1,act=elu",
    "selu": "2-2-1,act=selu",
    "softplus, poisson": "2-2-2:softplus,loss=poisson",
    "softsign": "2-2-1,act=softsign",
    "silu": "2-2-1,act=silu",
    "gelu": "2-2-2,act=gelu",
    "gelu_tanh": "2-2-1:identity,act=gelu_tanh",
    "mish": "2-2-1,act=mish",
    "hard_sigmoid": "2-2-1,act=hard_sigmoid",
    "relu6": "2-2-1,act=relu6",
    "sin": "2-2-1,act=sin",
    "gaussian": "2-2-1,act=gaussian",
    "arctan": "2-2-1,act=arctan",
    "linear": "2-2-2-1,act=identity",
    "one wide": "1-1-1-1",
    "mean squared error": "2-2-2,loss=mse",
    "absolute error": "2-2-2,loss=absolute_error",
    "huber": "2-2-2,loss=huber",
    "log_cosh": "2-2-2,loss=log_cosh",
    "hinge": "2-2-2:identity,act=tanh,loss=hinge",
    "kl": "2-2-3:softmax,loss=kl_divergence",
    "softmax and squared error": "2-3:softmax,loss=half_squared_error",
    "decay, sum": "2-2-1,l2=0.01,reduction=sum",
    "layer_norm": graph(dense("h", 3, "tanh"), {"name": "norm", "kind": "layer_norm"}, OUTPUT),
    "layer_norm, softmax": graph(
        dense("h"),
        {"name": "norm", "kind": "layer_norm", "activation": "relu"},
        dense("p", 2, "softmax"),
        loss="cross_entropy",
    ),
    "residual": graph(
        dense("h", 2, "tanh"), {"name": "s", "kind": "add", "from": ["x", "h"]}, OUTPUT
    ),
    "read twice": graph(
        dense("h", 2, "tanh"),
        {"name": "s", "kind": "add", "from": ["h", "h"]},
        {"name": "q", "kind": "multiply", "from": ["s", "h"]},
        OUTPUT,
    ),
    "attention": graph(
        dense("h", 2, "tanh"),
        dense("a", 2, "softmax"),
        {"name": "q", "kind": "multiply", "from": ["h", "a"]},
        OUTPUT,
    ),
    "shared three times": graph(
        dense("h", 2, "tanh"),
        dense("h2", 2, "tanh", share="h"),
        dense("h3", 2, "identity", share="h"),
        OUTPUT,
    ),
    "no bias": graph(
        dense("h", 2, "sigmoid", bias=False), dense("o", 1, "sigmoid", bias=False), width=1
    ),
    "targets are weights": graph(
        dense("p", 3, "softmax"),
        loss=[{"of": "p", "kind": "cross_entropy", "targets": "weights"}],
    ),
    "two losses on one output": graph(
        dense("r"),
        loss=[
            {"of": "r", "kind": "squared_error"},
            {"of": "r", "kind": "absolute_error", "weight": 0.1},
        ],
    ),
    "two heads": graph(
        dense("h", 2, "tanh"),
        dense("p", 3, "softmax"),
        dense("r", 1, **{"from": ["h"]}),
        loss=[
            {"of": "p", "kind": "cross_entropy", "target": "label"},
            {"of": "r", "kind": "huber", "weight": 0.3, "target": "score"},
        ],
        l2=0.01,
    ),
    "gate": graph(
        dense("s", 2, "tanh"),
        {
            "name": "g",
            "kind": "equation",
            "equation": "g[n,i] = sigmoid(sum(j, U[i,j]*s[n,j]) + c[i]) * s[n,i]",
        },
        OUTPUT,
    ),
    "convolution": graph(
        {
            "name": "c",
            "kind": "equation",
            "equation": "c[n,i] = tanh(sum(r, K[r]*x[n,i+r-1]) + k[i])",
            "sizes": {"i": 3, "r": 2},
        },
        OUTPUT,
        width=4,
    ),
    "a normalisation": graph(
        dense("h", 2, "softplus"),
        {"name": "q", "kind": "equation", "equation": "q[n,i] = h[n,i]/(0.1 + sum(j, h[n,j]))"},
        OUTPUT,
    ),
    "a factor of a parameter": graph(
        dense("h", 2, "tanh"),
        {"name": "g", "kind": "equation", "equation": "g[n,i] = h[n,i]*exp(-v[i]**2)"},
        OUTPUT,
    ),
    "an activation of one's own": graph(
        dense("h", 2, {"expression": "z*sigmoid(1.7*z)"}),
        OUTPUT,  # type: ignore[arg-type]
    ),
}
