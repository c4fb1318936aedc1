"""Networks that between them use every activation, loss and kind, and every way to be connected."""

from bpsym.network.catalogue.activations import ROWS as ACTIVATIONS
from bpsym.network.catalogue.losses import ROWS as LOSSES

# What a loss takes: the activation of the output.
LAST = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "kl_divergence": "softmax",
    "poisson": "softplus",
}
FROM = "from"


def chain(*layers, **keys):
    return {"inputs": {"x": 4}, "layer": list(layers), **keys}


def dense(units, activation="tanh", **keys):
    return {"units": units, "activation": activation, **keys}


def joined(kind, *sources, **keys):
    return {"kind": kind, FROM: list(sources), **keys}


def residual(blocks):
    layers = []
    for k in range(blocks):
        layers.append(dense(4, "relu", name=f"d{k}"))
        layers.append(joined("add", f"d{k}", f"s{k - 1}" if k else "x", name=f"s{k}"))
    return chain(*layers, dense(3, "identity"))


def tied(layers):
    first = dense(4, name="h0")
    return chain(first, *(dense(4, name=f"h{k}", share="h0") for k in range(1, layers)))


BY_ACTIVATION = {f"activation {row.name}": f"3-4-2:identity,act={row.name}" for row in ACTIVATIONS}
BY_LOSS = {
    f"loss {row.name}": f"3-4:tanh-2:{LAST.get(row.name, 'identity')},loss={row.name}"
    for row in LOSSES
    if len(row.outputs) == 1
}
OTHERS = {
    "the smallest": "1-1",
    "2-3-3-1": "2-3-3-1",
    "sum over samples": "3-4-2,reduction=sum",
    "decay": "3-4-2,l2=0.01",
    "softmax with squared error": "3-4:tanh-2:softmax,loss=squared_error",
    "softmax inside": "3-4:softmax-2",
    "wide": "784-128:relu-10:softmax,loss=cross_entropy",
    "no bias": chain(dense(5, bias=False), dense(2)),
    "layer_norm": chain(dense(5), {"kind": "layer_norm"}, dense(3)),
    "layer_norm, softmax": chain(
        dense(5),
        {"kind": "layer_norm", "activation": "relu"},
        dense(3, "softmax"),
        loss="cross_entropy",
    ),
    "add": chain(
        dense(5, name="h1"), dense(5, "relu", name="h2"), joined("add", "h1", "h2"), dense(3)
    ),
    "add to the input": chain(
        dense(5, name="h1"), dense(4, name="h2"), joined("add", "h2", "x"), dense(3)
    ),
    "add of one twice": chain(dense(5, name="h"), joined("add", "h", "h"), dense(2)),
    "concat": chain(
        dense(5, name="h1"), dense(3, "elu", name="h2"), joined("concat", "h1", "h2", "x"), dense(2)
    ),
    "concat twice, added": chain(
        dense(3, name="h"),
        joined("concat", "h", "x", name="s"),
        joined("concat", "x", "h", name="t"),
        joined("add", "s", "t"),
        dense(2),
    ),
    "multiply": chain(
        dense(5, name="h1"), dense(5, "sigmoid", name="h2"), joined("multiply", "h1", "h2")
    ),
    "square": chain(dense(5, name="h"), joined("multiply", "h", "h"), dense(2)),
    "shared": chain(
        dense(5), dense(5, name="h1"), dense(5, name="h2", share="h1"), dense(2), l2=0.01
    ),
    "two heads": chain(
        dense(5, name="h1"),
        dense(5, "leaky_relu", name="h2"),
        joined("add", "h1", "h2", name="s"),
        {
            "name": "gate",
            "kind": "equation",
            "equation": "g[n,i] = sigmoid(sum(j, U[i,j]*s[n,j]) + c[i]) * s[n,i]",
        },
        dense(3, "softmax", name="p"),
        dense(1, "identity", name="r", **{FROM: ["gate"]}),
        l2=0.01,
        loss=[
            {"of": "p", "kind": "cross_entropy", "target": "label"},
            {"of": "r", "kind": "huber", "delta": 1.5, "weight": 0.3, "target": "score"},
        ],
    ),
    "max_margin": {
        "inputs": {"x": 4, "other": 4},
        "layer": [
            {"name": "s", "units": 1, FROM: ["x"]},
            {"name": "sc", "units": 1, "share": "s", FROM: ["other"]},
        ],
        "loss": [{"of": ["s", "sc"], "kind": "max_margin"}],
    },
    "a loss of one's own": chain(
        dense(5), dense(3, "identity"), loss={"expression": "sum(k, (a[k]-y[k])**4)"}
    ),
    "a loss with roots": chain(
        dense(4), dense(2, "identity"), loss={"expression": "sum(k, abs(a[k]-y[k])**1.5)"}
    ),
    "targets are weights": chain(
        dense(5), dense(3, "softmax"), loss=[{"kind": "cross_entropy", "targets": "weights"}]
    ),
    "targets are labels": chain(
        dense(5), dense(3, "softmax"), loss=[{"kind": "cross_entropy", "targets": "labels"}]
    ),
    "a window": {
        "inputs": {"x": 7},
        "layer": [
            {
                "name": "c",
                "kind": "equation",
                "equation": "z[n,t] = sum(r, w[r]*x[n,t+r-1])",
                "sizes": {"t": 5, "r": 3},
            },
            {"units": 2},
        ],
    },
    **{
        f"activation {expression}": chain(dense(5, {"expression": expression}), dense(2))
        for expression in (
            "z*sigmoid(1.7*z)",
            "log1p(exp(-z))*cos(2*z) + z**3",
            "sqrt(z**2 + 1) - sqrt(3)",
            "(z**2 + 1)**(1/3)",
            "max(z, min(sin(z), 0.5))",
            "z*abs(z)",
            "softsign(normal_pdf(z))",
            "sqrt(4.1)*z + sqrt(abs(z) + 0.1)",
            "where(z > 1/3, exp(z), exp(1/3)*2*0.5)",
            "where(z > sqrt(2), z - sqrt(2), 0)",
        )
    },
}
DEEP = {
    "100 layers": "-".join(["8"] * 101) + ",act=tanh",
    "30 residual blocks": residual(30),
    "20 layers of one weight": tied(20),
    "20 normalised layers": chain(
        *(layer for _ in range(20) for layer in (dense(5, "relu"), {"kind": "layer_norm"})),
        dense(2),
    ),
}
NETWORKS = {**BY_ACTIVATION, **BY_LOSS, **OTHERS, **DEEP}
