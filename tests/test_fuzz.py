"""Random networks: the emitted module against the oracle, which knows the declaration only.

100 networks by default, the same ones in CI; BPSYM_FUZZ_EXAMPLES asks for more.
"""

from __future__ import annotations

import linecache
import os
import re
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

import bpsym
from tests.emitted.agreement import LAYOUTS, Agreement, Point
from tests.emitted.oracle import ACTIVATIONS

EXAMPLES = int(os.environ.get("BPSYM_FUZZ_EXAMPLES", "100"))
TOLERANCE = 1e-10
WIDTHS = st.integers(1, 5)
LARGEST_VALUE = 1e3  # beyond, sums of cancelling terms lose the digits that are compared

# Values of each kind of output, for the losses that ask for one.
UNIT = ["sigmoid", "hard_sigmoid", "gaussian"]
OUTPUTS = {
    "half_squared_error": [*ACTIVATIONS, "softmax"],
    "squared_error": [*ACTIVATIONS],
    "mean_squared_error": [*ACTIVATIONS, "softmax"],
    "absolute_error": [*ACTIVATIONS],
    "huber": [*ACTIVATIONS],
    "log_cosh": [*ACTIVATIONS],
    "binary_cross_entropy": ["sigmoid"],
    "cross_entropy": ["softmax"],
    "kl_divergence": ["softmax"],
    "poisson": ["softplus", "sigmoid"],
    "hinge": ["identity", "tanh", "softsign"],
}
OPTIONS = {
    "leaky_relu": ["alpha"],
    "elu": ["alpha"],
    "selu": ["alpha", "scale"],
    "huber": ["delta"],
    "max_margin": ["margin"],
}
LOSS_EXPRESSIONS = [
    "sum(k, (a[k] - y[k])**4)/K",
    "sum(k, log(1 + (a[k] - y[k])**2))",
    "sum(k, sqrt(1 + (a[k] - y[k])**2) - 1)",
    "sum(k, softplus(-a[k]*y[k]))",
    "sum(k, abs(a[k] - y[k])*arctan(y[k]))",
    "(sum(k, a[k]*y[k]) - 1)**2 + sum(k, a[k]**2)/8",
    "sum(k, where(a[k] > y[k], 3*(a[k] - y[k]), (y[k] - a[k])/2))",
    "log(1 + sum(k, exp(a[k]/4 - y[k])))",
    "max(sum(k, a[k]), sum(k, y[k])/K)",
    "sum(k, sum(j, (a[k] - a[j])*(y[k] - y[j])))",
]
# A letter of an index, not of a name such as exp.
LETTER = re.compile(r"(?<![A-Za-z0-9_])[ijk](?![A-Za-z0-9_])")

# s and t are layers read, of sizes j and k; i is the output; capitals are parameters.
EQUATIONS = [
    ("sum(j, U[i,j]*s[n,j]) + c[i]", 1, True),
    ("sigmoid(sum(j, U[i,j]*s[n,j]) + c[i])*tanh(sum(j, V[i,j]*s[n,j]))", 1, True),
    ("sin(sum(j, U[i,j]*s[n,j]))/(1 + exp(-c[i]))", 1, True),
    ("sum(j, U[i,j]*s[n,j]**2)/(1 + sum(j, s[n,j]**2))", 1, True),
    ("sum(j, U[i,j]*s[n,j]) + sum(k, V[i,k]*t[n,k])", 2, True),
    ("tanh(sum(j, U[i,j]*s[n,j]) + c[i])*sigmoid(sum(k, V[i,k]*t[n,k]) + d[i])", 2, True),
    ("sum(j, sum(k, B[i,j,k]*s[n,j]*t[n,k]))", 2, True),
    ("g[i]*s[n,i]/sqrt(1 + sum(j, s[n,j]**2))", 1, False),
    ("s[n,i] - sum(j, s[n,j])/4 + c[i]", 1, False),
    ("where(s[n,i] > c[i], s[n,i] - c[i], d[i]*(s[n,i] - c[i]))", 1, False),
    ("s[n,i]*exp(-c[i]**2) + sum(j, abs(s[n,j]))", 1, False),
    ("s[n,i]*sum(k, t[n,k]*c[k])", 2, False),
    ("1/(2 + sum(j, tanh(s[n,i]*s[n,j])))", 1, False),
    ("sum(j, exp(-(s[n,i] - s[n,j])**2)*s[n,j])/sum(j, exp(-(s[n,i] - s[n,j])**2))", 1, False),
    ("max(s[n,i], c[i]) - min(s[n,i]*d[i], 1)", 1, False),
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """A function of z that stays of moderate size."""
    if depth == 0:
        return draw(st.sampled_from(["z", "z", "z/3", "0.4*z", "-z", "z + 0.3"]))
    inner = expressions(depth - 1)
    shape = draw(
        st.sampled_from(
            [
                *(f"{name}({{}})" for name in "sin cos tanh sigmoid arctan erf gelu".split()),
                *(f"{name}({{}})" for name in "softplus silu mish softsign relu abs".split()),
                *(f"{name}({{}})" for name in "gaussian normal_cdf normal_pdf log_cosh".split()),
                "{} + ({})/2",
                "{} - ({})/2",
                "({})*tanh({})",
                "({})/(1 + ({})**2)",
                "exp(-({})**2)",
                "log(1 + ({})**2)",
                "sqrt(1 + ({})**2)",
                "max({}, {})",
                "min({}, 0.4)",
                "huber({}, 0.7)",
                "where({} > {}, {}, {})",
                "where(z <= 0.2, {}, {})",
            ]
        )
    )
    return shape.format(*(draw(inner) for _ in range(shape.count("{}"))))


@st.composite
def options(draw: st.DrawFn, name: str) -> dict[str, float]:
    """Some options of an activation or a loss."""
    value = st.sampled_from([0.25, 0.7, 1.5])
    return {key: draw(value) for key in OPTIONS.get(name, ()) if draw(st.booleans())}


@st.composite
def activations(draw: st.DrawFn, among: list[str] | None = None) -> Any:
    """A name, a name with options, or an expression."""
    if among is None and draw(st.integers(0, 4)) == 0:
        return {"expression": draw(expressions())}
    name = draw(st.sampled_from(among or [*ACTIVATIONS, "softmax"]))
    given = draw(options(name))
    return {"name": name, **given} if given else name


class _Graph:
    """A network in the making: what there is to read, and what nobody has read yet."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.inputs = {f"x{k}": draw(WIDTHS) for k in range(draw(st.integers(1, 3)))}
        self.widths = dict(self.inputs)
        self.unread = dict.fromkeys(self.inputs)
        self.layers: list[dict[str, Any]] = []
        self.owners: dict[str, dict[str, Any]] = {}

    def source(self) -> str:
        """A layer or input to read: more often one that waits for it."""
        waiting = [*self.unread]
        labels = [*self.widths]
        if waiting and self.draw(st.booleans()):
            return self.draw(st.sampled_from(waiting))
        return self.draw(st.sampled_from(labels))

    def add(self, width: int, reads: list[str], **layer: Any) -> str:
        """Take in a layer; those it reads wait no longer."""
        label = f"h{len(self.layers)}"
        if "equation" not in layer:
            layer = {"name": label, "from": reads, **layer}
        self.layers.append({key: value for key, value in layer.items() if value is not None})
        self.widths[label] = width
        for each in reads:
            self.unread.pop(each, None)
        self.unread[label] = None
        return label

    def dense(self, reads: str, units: int, activation: Any) -> str:
        """A dense layer, at times with the weights of one before it."""
        alike = [
            label
            for label, own in self.owners.items()
            if (own["fan_in"], own["units"]) == (self.widths[reads], units)
            and (own["activation"] == "prelu") == (activation == "prelu")
        ]
        if alike and self.draw(st.booleans()):
            owner = self.draw(st.sampled_from(alike))
            bias = self.owners[owner]["bias"]
            return self.add(
                units, [reads], units=units, activation=activation, share=owner, bias=bias
            )
        bias = self.draw(st.integers(0, 4)) > 0
        label = self.add(units, [reads], units=units, activation=activation, bias=bias)
        self.owners[label] = {
            "fan_in": self.widths[reads],
            "units": units,
            "activation": activation,
            "bias": bias,
        }
        return label

    def matched(self, reads: list[str]) -> list[str]:
        """Layers of one width: those of another one are mapped first."""
        width = self.widths[reads[0]]
        return [
            each if self.widths[each] == width else self.dense(each, width, "tanh")
            for each in reads
        ]

    def layer(self) -> None:
        """One more layer, of any kind."""
        draw = self.draw
        kind = draw(
            st.sampled_from(
                ["dense"] * 3
                + ["add", "multiply", "concat", "layer_norm", "softmax", "activation"]
                + ["equation"] * 2
            )
        )
        if kind == "dense":
            self.dense(self.source(), draw(WIDTHS), draw(activations()))
        elif kind in ("add", "multiply", "concat"):
            reads = [self.source() for _ in range(draw(st.integers(2, 3)))]
            if kind != "concat":
                reads = self.matched(reads)
            width = (
                sum(self.widths[e] for e in reads) if kind == "concat" else self.widths[reads[0]]
            )
            after = draw(activations()) if draw(st.booleans()) else None
            self.add(width, reads, kind=kind, activation=after)
        elif kind == "equation":
            self.equation()
        else:
            reads = self.source()
            after = draw(activations()) if kind == "activation" else None
            self.add(self.widths[reads], [reads], kind=kind, activation=after)

    def equation(self) -> None:
        """An equation that reads one or two layers."""
        draw = self.draw
        text, count, is_free = draw(st.sampled_from(EQUATIONS))
        reads = [self.source()]
        if count == 2:
            others = [label for label in self.widths if label != reads[0]]
            if not others:
                return
            reads.append(draw(st.sampled_from(others)))
        width = draw(WIDTHS) if is_free else self.widths[reads[0]]
        label = f"h{len(self.layers)}"
        for formal, actual in zip("st", reads, strict=False):
            text = text.replace(f"{formal}[", f"{actual}[")
        # Any letters: the user's own sums may be over a letter that the derivation would take.
        letters = draw(st.permutations(("i", "j", "k")))
        text = LETTER.sub(lambda match: letters["ijk".index(match[0])], text)
        free = letters[0]
        self.add(
            width,
            reads,
            kind="equation",
            equation=f"{label}[n,{free}] = {text}",
            sizes={free: width} if is_free else None,
            activation=draw(activations()) if draw(st.booleans()) else None,
        )

    def losses(self) -> list[dict[str, Any]]:
        """A loss for everything that nothing else reads."""
        draw = self.draw
        found = []
        for number, end in enumerate([*self.unread]):
            term: dict[str, Any] = {"target": f"y{number}"}
            if draw(st.booleans()):
                term["weight"] = draw(st.sampled_from([0.3, 2, 1.25]))
            choice = draw(st.sampled_from([*OUTPUTS, "expression", "max_margin"]))
            if choice == "expression":
                term["expression"] = draw(st.sampled_from(LOSS_EXPRESSIONS))
                term["of"] = self.dense(end, draw(WIDTHS), draw(activations()))
            elif choice == "max_margin":
                del term["target"]
                width = draw(st.integers(1, 2))
                pair = [self.dense(end, width, act) for act in ("identity", "tanh")]
                term |= {"kind": choice, "of": pair, **draw(options(choice))}
            else:
                term |= {"kind": choice, **draw(options(choice))}
                width = (
                    draw(st.integers(2, 4))
                    if choice in ("cross_entropy", "kl_divergence")
                    else draw(WIDTHS)
                )
                term["of"] = self.dense(end, width, draw(activations(OUTPUTS[choice])))
                if OUTPUTS[choice] == ["softmax"]:
                    term["targets"] = draw(st.sampled_from(["rows", "labels", "weights"]))
            found.append(term)
        return found


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """A declaration."""
    graph = _Graph(draw)
    for _ in range(draw(st.integers(1, 6))):
        graph.layer()
    losses = graph.losses()
    declared = {"inputs": graph.inputs, "layer": graph.layers, "loss": losses}
    if draw(st.booleans()):
        declared["l2"] = draw(st.sampled_from([0.1, 0.003]))
    if draw(st.booleans()):
        declared["reduction"] = draw(st.sampled_from(["mean", "sum"]))
    return declared


def moderate(point: Point) -> bool:
    """Whether no value of the forward pass is out of hand, and the cost is a number."""
    with np.errstate(all="ignore"):
        params = {name: array[None] + 0j for name, array in point.params.items()}
        X = {name: array[None] + 0j for name, array in point.X.items()}
        values = point.oracle.values(params, X)
        cost = point.cost
    largest = max(np.abs(array).max() for array in values.values())
    return bool(np.isfinite(cost) and abs(cost) < LARGEST_VALUE**2 and largest < LARGEST_VALUE)


def is_within_bounds(declared: dict[str, Any]) -> bool:
    """Whether nothing is refused for its numbers: sin(exp(z**2)), or a softmax over one unit."""
    try:
        bpsym.parse(declared)
    except bpsym.NetworkError as error:
        if "out of all bounds" in str(error) or "over one unit" in str(error):
            return False
        raise
    return True


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    declared=networks(),
    layout=st.sampled_from(LAYOUTS),
    input_grads=st.booleans(),
    seed=st.integers(0, 10**6),
    m=st.integers(1, 4),
)
def test_a_random_network(declared, layout, input_grads, seed, m):
    assume(is_within_bounds(declared))
    point = Point.draw(declared, seed, m)
    assume(moderate(point))
    note(f"{layout}, input_grads={input_grads}, seed={seed}, m={m}")
    module = bpsym.load(declared, layout=layout, input_grads=input_grads, prove=False)
    linecache.cache.pop(str(module.__file__))  # thousands of modules would stay in memory
    Agreement(module, point, layout, np.float64, TOLERANCE, input_grads).check()
