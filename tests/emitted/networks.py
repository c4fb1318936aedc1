"""Declarations that between them have every kind of layer, loss and option.

No two widths of one network are equal unless they must be, so that a transpose cannot hide.
"""

from __future__ import annotations

from tests.emitted.oracle import Declaration

LONG = "a_name_of_exactly_32_characters_"  # the longest there may be


def _chain(*layers: dict[str, object], **keys: object) -> Declaration:
    """A network with one input of width 3."""
    return {"inputs": {"x": 3}, "layer": list(layers), **keys}


def dense(units: int, activation: object = "tanh", **keys: object) -> dict[str, object]:
    """A dense layer."""
    return {"units": units, "activation": activation, **keys}


NETWORKS: dict[str, Declaration | str] = {
    "shorthand": "2-3-5-1",
    "one layer": "3-2",
    "one layer, softmax": "3-2:softmax",
    "everything is one wide": "1-1-1",
    "sum": "2-3:tanh-1:identity,reduction=sum",
    "decay": "2-3:tanh-5:relu-1:identity,l2=0.3",
    "decay and sum": "2-3:tanh-5:softmax,l2=0.01,reduction=sum",
    "act": "2-3-5:relu-1,act=softsign,loss=huber",
    "no bias": _chain(dense(5, bias=False), dense(2, bias=False)),
    "no bias, decay": _chain(dense(5, bias=False), dense(2, "softmax"), l2=0.1),
    "named": _chain(dense(5, name="hidden"), dense(2, name="output"), name="net"),
    "add": _chain(
        dense(5, name="h1"),
        dense(5, "sigmoid", name="h2"),
        {"name": "s", "kind": "add", "from": ["h1", "h2"]},
        dense(2, "identity"),
    ),
    "add of three, with an activation": _chain(
        dense(5, name="h1"),
        dense(5, "sigmoid", name="h2"),
        dense(5, "softplus", name="h3", **{"from": "h1"}),
        {"kind": "add", "from": ["h1", "h2", "h3"], "activation": "gelu"},
        dense(2, "identity"),
    ),
    "add of one twice": _chain(
        dense(5, name="h"),
        {"kind": "add", "from": ["h", "h"]},
        dense(2, "identity"),
    ),
    "residual from the input": _chain(
        dense(5),
        dense(3, "identity", name="back"),
        {"kind": "add", "from": ["x", "back"]},
        {"kind": "layer_norm"},
        dense(2, "softmax"),
    ),
    "concat": _chain(
        dense(5, name="h1"),
        dense(4, "sigmoid", name="h2"),
        {"kind": "concat", "from": ["h1", "h2", "x"]},
        dense(2, "identity"),
    ),
    "concat of one twice, with an activation": _chain(
        dense(5, name="h"),
        {"kind": "concat", "from": ["h", "x", "h"], "activation": "relu"},
        dense(2, "identity"),
    ),
    "multiply": _chain(
        dense(5, name="h1"),
        dense(5, "sigmoid", name="h2", **{"from": "x"}),
        {"kind": "multiply", "from": ["h1", "h2"]},
        dense(2, "identity"),
    ),
    "square by multiply": _chain(
        dense(5, name="h"),
        {"kind": "multiply", "from": ["h", "h"]},
        dense(2, "identity"),
    ),
    "multiply of three": _chain(
        dense(5, name="h1"),
        dense(5, "sigmoid", name="h2", **{"from": "x"}),
        dense(5, "sin", name="h3", **{"from": "x"}),
        {"kind": "multiply", "from": ["h1", "h2", "h3"], "activation": "tanh"},
        dense(2, "identity"),
    ),
    "layer norm": _chain(dense(5), {"kind": "layer_norm"}, dense(2, "identity")),
    "layer norm, options": _chain(
        dense(5, "identity"),
        {"kind": "layer_norm", "name": "ln", "epsilon": 0.1, "activation": "relu"},
        dense(2, "softmax"),
        l2=0.1,
    ),
    "layer norm first and last": _chain({"kind": "layer_norm"}, dense(4), {"kind": "layer_norm"}),
    "layer norm shared": _chain(
        {"kind": "layer_norm", "name": "n1"},
        dense(3, name="h"),
        {"kind": "layer_norm", "share": "n1"},
        dense(2),
    ),
    "softmax in the middle": _chain(dense(5, "softmax"), dense(2, "identity")),
    "softmax as a layer": _chain(dense(5), {"kind": "softmax"}, dense(2, "softmax")),
    "softmax as the last layer": _chain(dense(5), dense(2, "identity"), {"kind": "softmax"}),
    "softmax and squared error": _chain(dense(2, "softmax"), loss="squared_error"),
    "softmax after softmax": _chain(dense(5, "softmax"), {"kind": "softmax"}),
    "attention-like gate": _chain(
        dense(5, name="v"),
        dense(5, "softmax", name="w", **{"from": "x"}),
        {"kind": "multiply", "from": ["v", "w"]},
        dense(2),
    ),
    "activation as a layer": _chain(
        dense(5, "identity"), {"kind": "activation", "activation": "mish"}, dense(2)
    ),
    "activation of the input": _chain(
        {"kind": "activation", "activation": "arctan"}, dense(2, "identity")
    ),
    "nothing to learn": _chain({"kind": "activation", "activation": "tanh"}),
    "nothing at all": _chain({"kind": "activation"}),
    "prelu": _chain(dense(5, "prelu"), dense(2, "prelu", name="out")),
    "prelu as a layer": _chain(
        dense(5, "tanh"), {"kind": "activation", "activation": "prelu"}, dense(2)
    ),
    "prelu as a named layer": _chain(
        dense(5, "tanh"), {"kind": "activation", "activation": "prelu", "name": "p"}, dense(2)
    ),
    "prelu after add": _chain(
        dense(3, "tanh", name="h"),
        {"kind": "add", "from": ["h", "x"], "activation": "prelu"},
        dense(2),
    ),
    "prelu shared": _chain(
        dense(3, "prelu", name="h"), dense(3, "prelu", share="h"), dense(2, "identity")
    ),
    "options": _chain(
        dense(5, {"name": "leaky_relu", "alpha": 0.2}),
        dense(4, {"name": "elu", "alpha": 1.7}),
        dense(2, {"name": "selu", "scale": 1.1, "alpha": 0.5}),
    ),
    "the same activation with other options": _chain(
        dense(5, {"name": "leaky_relu", "alpha": 0.2}),
        dense(4, {"name": "leaky_relu", "alpha": 0.3}),
        dense(2, "leaky_relu"),
    ),
    "expressions": _chain(
        dense(5, {"expression": "z*sigmoid(1.7*z)"}),
        dense(4, {"expression": "where(z > 0, z**2, -z/2) + sin(3*z)/4"}),
        dense(2, {"expression": "tanh(z)/(1 + exp(-z**2)) + erf(z)"}),
    ),
    "expressions of every function": _chain(
        dense(5, {"expression": "sqrt(1 + z**2) + log1p(abs(z)) - cosh(z/4) + cos(z)"}),
        dense(4, {"expression": "max(z, z**3/10) + min(sin(z), 0.3) + huber(z, 0.5)"}),
        dense(4, {"expression": "expm1(z/2) + sinh(z)/3 + normal_pdf(z) + log_cosh(2*z)"}),
        dense(2, {"expression": "gelu(z) + silu(z)*softsign(z) - arctan(pi*z)"}),
    ),
    "shared": _chain(
        dense(3, name="h1"), dense(3, share="h1", name="h2"), dense(2, "identity"), l2=0.2
    ),
    "shared three times": _chain(
        dense(3), dense(3, share="1"), dense(3, "relu", share="1"), dense(2, "identity")
    ),
    "two towers": {
        "inputs": {"left": 3, "right": 3},
        "layer": [
            dense(5, name="l", **{"from": "left"}),
            dense(5, name="r", share="l", **{"from": "right"}),
            {"kind": "multiply", "from": ["l", "r"]},
            dense(2, "softmax"),
        ],
    },
    "several inputs": {
        "inputs": {"image": 5, "word": 3, "x": 2},
        "layer": [
            dense(4, name="i", **{"from": "image"}),
            dense(6, name="w", **{"from": "word"}),
            {"kind": "concat", "from": ["i", "w", "x"], "name": "both"},
            dense(1, "sigmoid"),
        ],
        "loss": "bce",
    },
    "several outputs": _chain(
        dense(5, name="h"),
        dense(2, "softmax", name="p"),
        dense(1, "identity", name="r", **{"from": "h"}),
        loss=[
            {"of": "p", "kind": "cross_entropy", "target": "label"},
            {"of": "r", "kind": "huber", "delta": 1.5, "weight": 0.3, "target": "score"},
        ],
    ),
    "several outputs, labels, decay, sum": _chain(
        dense(5, "relu", name="h"),
        dense(2, "softmax", name="p"),
        dense(4, "softmax", name="q", **{"from": "h"}),
        dense(1, "identity", name="r", **{"from": "h"}),
        loss=[
            {"of": "p", "kind": "ce", "target": "label", "targets": "labels", "weight": 2},
            {"of": "q", "kind": "kl_divergence", "target": "other", "targets": "weights"},
            {"of": "r", "kind": "mse", "weight": 0.3, "target": "score"},
        ],
        l2=0.05,
        reduction="sum",
    ),
    "one output with two losses": _chain(
        dense(5),
        dense(2, "identity", name="r"),
        loss=[
            {"of": "r", "kind": "squared_error", "target": "y"},
            {"of": "r", "kind": "absolute_error", "target": "y", "weight": 0.1},
        ],
    ),
    "a hidden layer with a loss": _chain(
        dense(5, name="h"),
        dense(2, "identity", name="r"),
        loss=[
            {"of": "r", "kind": "squared_error", "target": "y"},
            {"of": "h", "kind": "half_squared_error", "target": "hint", "weight": 0.1},
        ],
    ),
    "labels": _chain(dense(5), dense(2, "softmax"), loss={"kind": "ce", "targets": "labels"}),
    "weights": _chain(dense(5), dense(2, "softmax"), loss={"kind": "ce", "targets": "weights"}),
    "kl with weights": _chain(
        dense(2, "softmax"), loss={"kind": "kl_divergence", "targets": "weights"}
    ),
    "kl with labels": _chain(
        dense(2, "softmax"), loss={"kind": "kl_divergence", "targets": "labels"}
    ),
    "a loss of one's own": _chain(
        dense(5), dense(2, "identity"), loss={"expression": "sum(k, (a[k] - y[k])**4)"}
    ),
    "a loss with K": _chain(
        dense(2), loss={"expression": "sum(k, exp(a[k]*y[k]))/K + log(sum(k, exp(a[k])))"}
    ),
    "a loss without a target": _chain(dense(2), loss={"expression": "sum(k, a[k]**2)"}),
    "a loss of a mean": _chain(dense(4), loss={"expression": "sum(k, (a[k] - sum(j, a[j])/K)**2)"}),
    "a log loss of one's own": _chain(
        dense(2, "sigmoid"),
        loss={"expression": "-sum(k, y[k]**2*log(a[k]) + log(1 - a[k])/3)"},
    ),
    "focal": _chain(
        dense(5),
        dense(2, "softmax"),
        loss={"expression": "-sum(k, y[k]*(1 - a[k])**2*log(a[k]))"},
    ),
    "max margin": {
        "inputs": {"good": 3, "bad": 3},
        "layer": [
            dense(5, name="h", **{"from": "good"}),
            dense(1, "identity", name="s", bias=False),
            dense(5, name="hc", share="h", **{"from": "bad"}),
            dense(1, "identity", name="sc", share="s", bias=False),
        ],
        "loss": {"kind": "max_margin", "of": ["s", "sc"]},
    },
    "max margin, options": {
        "inputs": {"good": 3, "bad": 3},
        "layer": [
            dense(2, "identity", name="s", **{"from": "good"}),
            dense(2, "identity", name="sc", share="s", **{"from": "bad"}),
        ],
        "loss": {"kind": "max_margin", "of": ["s", "sc"], "margin": 2.5, "weight": 0.7},
        "l2": 0.1,
    },
    "gate": _chain(
        dense(4, name="h1"),
        dense(4, "relu", name="h2"),
        {"name": "s", "kind": "add", "from": ["h1", "h2"]},
        {
            "name": "g",
            "kind": "equation",
            "equation": "g[n,i] = sigmoid(sum(j, U[i,j]*s[n,j]) + c[i]) * s[n,i]",
        },
        dense(2, "identity"),
        l2=0.1,
    ),
    "equation with a size": _chain(
        dense(4, name="h"),
        {
            "equation": "g[n,i] = tanh(sum(j, U[i,j]*h[n,j]))*exp(-v[i]**2)",
            "sizes": {"i": 5},
        },
        dense(2, "identity"),
    ),
    "bilinear": {
        "inputs": {"u": 3, "v": 5},
        "layer": [
            {
                "equation": "g[n,i] = sum(j, sum(k, B[i,j,k]*u[n,j]*v[n,k])) + c[i]",
                "sizes": {"i": 4},
            },
            dense(2, "identity"),
        ],
        "l2": 0.1,
    },
    "softmax of parameters": _chain(
        {
            "equation": "g[n,i] = sum(j, x[n,j]*exp(U[i,j])/sum(k, exp(U[i,k])))",
            "sizes": {"i": 4},
        },
        dense(2, "identity"),
    ),
    "softmax by hand": _chain(
        dense(4, name="h"),
        {"equation": "g[n,i] = exp(h[n,i])/sum(r, exp(h[n,r]))*c[i]"},
        dense(2, "identity"),
    ),
    "log-sum-exp by hand": _chain(
        dense(4, name="h"),
        {"equation": "g[n,i] = h[n,i]*c[i] - log(sum(r, exp(h[n,r])))"},
        dense(2, "identity"),
        loss={"expression": "log(sum(k, exp(a[k]))) - sum(k, a[k]*y[k])"},
    ),
    "attention over the inputs": _chain(
        dense(5, name="h"),
        {
            "equation": "g[n,i] = sum(j, V[i,j]*h[n,j]*exp(q[j]*h[n,j]))/sum(j, exp(q[j]*h[n,j]))",
            "sizes": {"i": 4},
        },
        dense(2, "identity"),
    ),
    "a normalisation of one's own": _chain(
        dense(4, "softplus", name="h"),
        {"equation": "q[n,i] = h[n,i]/(0.1 + sum(j, h[n,j]))"},
        dense(2, "identity"),
    ),
    "root mean square": _chain(
        dense(4, name="h"),
        {"equation": "q[n,i] = g[i]*h[n,i]/sqrt(sum(j, h[n,j]**2)/4 + 0.01)"},
        dense(2, "identity"),
    ),
    "two sums over one letter": {
        "inputs": {"u": 3, "v": 3},
        "layer": [
            {
                "equation": "g[n,i] = tanh(sum(j, A[i,j]*u[n,j]) + sum(j, B[i,j]*v[n,j]))",
                "sizes": {"i": 4},
            },
            dense(2, "identity"),
        ],
    },
    "tensor of rank one in an equation": _chain(
        {"equation": "g[n,i] = where(x[n,i] > t[i], x[n,i]*t[i], x[n,i]**2)"},
        dense(2, "identity"),
    ),
    "equation with an activation": _chain(
        dense(4, name="h"),
        {"equation": "g[n,i] = s[i]*h[n,i] + h[n,i]**2", "activation": "gelu_tanh"},
        dense(2, "softmax"),
    ),
    "equation last": _chain(
        dense(4, name="h"),
        {"equation": "g[n,i] = sigmoid(sum(j, U[i,j]*h[n,j]))", "sizes": {"i": 2}},
        loss="bce",
    ),
    "names of 32 characters": {
        "name": LONG,
        "inputs": {LONG[:-1] + "a": 3, LONG[:-1] + "b": 5},
        "layer": [
            dense(4, "gelu", name=LONG[:-1] + "c", **{"from": LONG[:-1] + "a"}),
            dense(4, "prelu", name=LONG[:-1] + "d", **{"from": LONG[:-1] + "b"}),
            {"name": LONG[:-1] + "e", "kind": "add", "from": [LONG[:-1] + "c", LONG[:-1] + "d"]},
            {"name": LONG[:-1] + "f", "kind": "layer_norm"},
            dense(2, "softmax", name=LONG[:-1] + "g"),
            dense(1, "identity", name=LONG[:-1] + "h", **{"from": LONG[:-1] + "f"}),
        ],
        "loss": [
            {"of": LONG[:-1] + "g", "kind": "ce", "target": LONG[:-1] + "i", "targets": "labels"},
            {"of": LONG[:-1] + "h", "kind": "huber", "target": LONG[:-1] + "j", "weight": 0.3},
        ],
        "l2": 0.01,
    },
    "equation with long names": {
        "name": LONG,
        "inputs": {LONG[:-1] + "a": 3},
        "layer": [
            dense(4, "silu", name=LONG[:-1] + "b"),
            {
                "equation": f"{LONG[:-1]}g[n,row] = sigmoid(sum(column, {LONG[:-1]}U[row,column]"
                f"*{LONG[:-1]}b[n,column]) + {LONG[:-1]}c[row])*{LONG[:-1]}b[n,row]"
            },
            dense(2, {"expression": "z*sigmoid(1.7*z)"}),
        ],
        "l2": 0.01,
    },
    "deep": "2" + "-3:tanh" * 30 + "-1:identity",
    "deep, decay": "2" + "-3:gelu-4:relu" * 20 + "-1:identity,l2=0.01",
    "python's words": _chain(
        dense(5, name="np"),
        dense(4, name="params"),
        dense(3, name="loss"),
        dense(2, "softmax", name="grads"),
    ),
}
