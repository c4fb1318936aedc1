"""The networks that the tests of typeset print: small, and where they can be of distinct widths."""

from __future__ import annotations

import tomllib
from functools import cache

from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.network import parse
from bpsym.network.build import BuiltNetwork, build

SPECS = (
    "2-3-1",
    "2-3-4-1,l2=0.01",
    "4-3:relu-2:softmax",
    "4-3:prelu-2:softmax,loss=half_squared_error",
    "4-3:hard_sigmoid-2:relu6",
    "4-3:selu-2:mish,loss=log_cosh",
    "4-3:softplus-2:identity,loss=hinge",
    "4-3:softsign-2:softmax,loss=kl_divergence",
    "4-3:gelu-2:sigmoid,loss=bce",
    "4-3:elu-2:softplus,loss=poisson",
    "4-3:gelu_tanh-2:gaussian,loss=absolute_error,reduction=sum",
    "4-3:silu-2:arctan,loss=huber",
    "3-2:hard_tanh-4:sin-5:leaky_relu,loss=mse",
)

RESIDUAL = """
name = "residual"
[inputs]
x = 4
[[layer]]
name = "h1"
units = 3
activation = "tanh"
[[layer]]
name = "h2"
units = 3
activation = "relu"
[[layer]]
name = "s"
kind = "add"
from = ["h1", "h2"]
[[layer]]
name = "ln"
kind = "layer_norm"
[[layer]]
name = "p"
units = 2
activation = "softmax"
[[loss]]
of = "p"
kind = "cross_entropy"
target = "label"
"""

RANKING = """
name = "ranking"
loss = { of = ["s", "sc"], kind = "max_margin" }
[inputs]
x = 4
xc = 4
[[layer]]
name = "h"
from = ["x"]
units = 3
activation = "tanh"
[[layer]]
name = "s"
units = 1
[[layer]]
name = "hc"
from = ["xc"]
share = "h"
activation = "tanh"
[[layer]]
name = "sc"
share = "s"
"""

GATED = """
name = "gated"
[inputs]
x = 4
[[layer]]
name = "s"
units = 3
activation = "tanh"
[[layer]]
name = "gate"
kind = "equation"
equation = "g[n,i] = sigmoid(sum(j, U[i,j]*s[n,j]) + c[i]) * s[n,i]"
[[layer]]
name = "p"
units = 2
activation = "softmax"
[[layer]]
name = "r"
units = 5
from = ["gate"]
[[loss]]
of = "p"
kind = "cross_entropy"
target = "label"
targets = "weights"
[[loss]]
of = "r"
kind = "huber"
delta = 0.5
weight = 0.3
target = "score"
"""

JOINED = """
name = "joined"
reduction = "sum"
[inputs]
u = 2
v = 3
[[layer]]
name = "p"
from = ["u"]
units = 4
activation = { name = "leaky_relu", alpha = 0.2 }
[[layer]]
name = "q"
from = ["v"]
units = 5
activation = "leaky_relu"
[[layer]]
name = "c"
kind = "concat"
from = ["p", "q", "u"]
[[layer]]
name = "sq"
kind = "multiply"
from = ["c", "c"]
[[layer]]
name = "g"
units = 3
activation = { expression = "z*sigmoid(1.7*z)" }
[[loss]]
of = "g"
expression = "sum(k, (a[k] - y[k])**4)"
"""

WEIGHTED = """
name = "weighted"
[inputs]
x = 3
[[layer]]
units = 4
activation = "softmax"
[[loss]]
of = "1"
kind = "cross_entropy"
targets = "labels"
weight = 0.5
"""

DECLARED = {
    "weighted": WEIGHTED,
    "residual": RESIDUAL,
    "ranking": RANKING,
    "gated": GATED,
    "joined": JOINED,
}
NAMES = (*SPECS, *DECLARED)


@cache
def derived(name: str, *, inputs: bool = False) -> tuple[BuiltNetwork, Derivation]:
    """A network of the list, or of any shorthand, built and derived."""
    network = parse(tomllib.loads(DECLARED[name]) if name in DECLARED else name)
    built = build(network)
    return built, derive_system(built.system, inputs=inputs)
