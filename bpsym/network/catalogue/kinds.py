"""The catalogue of layer kinds: a kind is its equations, in the index language.

Formal names in the equations: ``x`` (or ``x1, x2, ...``) what the layer reads, ``out`` what it
gives, any other tensor on a left side an intermediate of the layer, every other tensor a
parameter. ``n`` is the sample. The rest of the program knows no kind by name: it asks the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from bpsym.network.catalogue.activations import NO_OPTIONS


@dataclass(frozen=True)
class KindRow:
    """What the catalogue knows of one layer kind.

    equations: a function of the number of layers read, giving the equations in order.
    inputs: the smallest and the largest number of layers read (None: no limit).
    units: whether the layer declares its own width, the size of index ``i``.
    bias: whether it may be declared without the parameter ``b``.
    activation: whether an activation follows its equations.
    options: constants the user may set, with their defaults.
    starts: what a parameter starts from where it is not a random weight.
    weights: the parameters that L2 decay counts and that start at random.
    distribution: each row of the output is positive and sums to one.
    compares: its output says how the units differ, so that of one unit it says nothing.
    """

    name: str
    equations: Callable[[int], tuple[str, ...]]
    inputs: tuple[int, int | None] = (1, 1)
    units: bool = False
    bias: bool = False
    activation: bool = True
    options: Mapping[str, Fraction] = field(default_factory=lambda: NO_OPTIONS)
    starts: Mapping[str, Fraction] = field(default_factory=lambda: NO_OPTIONS)
    weights: tuple[str, ...] = ()
    distribution: bool = False
    compares: bool = False


def _constant(*equations: str) -> Callable[[int], tuple[str, ...]]:
    return lambda _: equations


def _joined(operator: str) -> Callable[[int], tuple[str, ...]]:
    def equations(arity: int) -> tuple[str, ...]:
        terms = f" {operator} ".join(f"x{k}[n,i]" for k in range(1, arity + 1))
        return (f"out[n,i] = {terms}",)

    return equations


def _concat(arity: int) -> tuple[str, ...]:
    """Block k of the output starts after the widths of the blocks before it."""
    equations = []
    for k in range(1, arity + 1):
        before = "".join(f"N{q} + " for q in range(1, k))
        equations.append(f"out[n, {before}i{k}] = x{k}[n,i{k}]")
    return tuple(equations)


_ONE = MappingProxyType({"gain": Fraction(1), "shift": Fraction(0)})

ROWS: tuple[KindRow, ...] = (
    KindRow(
        "dense",
        _constant("out[n,i] = sum(j, W[i,j]*x[n,j]) + b[i]"),
        units=True,
        bias=True,
        starts=MappingProxyType({"b": Fraction(0)}),
        weights=("W",),
    ),
    KindRow("activation", _constant("out[n,i] = x[n,i]")),
    KindRow(
        "softmax",
        _constant("out[n,k] = exp(x[n,k])/sum(r, exp(x[n,r]))"),
        activation=False,
        distribution=True,
        compares=True,
    ),
    KindRow("add", _joined("+"), inputs=(2, None)),
    KindRow("multiply", _joined("*"), inputs=(2, None)),
    KindRow("concat", _concat, inputs=(2, None)),
    KindRow(
        "layer_norm",
        _constant(
            "mean[n] = sum(j, x[n,j])/N",
            "sd[n] = sqrt(sum(j, (x[n,j] - mean[n])**2)/N + epsilon)",
            "norm[n,i] = (x[n,i] - mean[n])/sd[n]",
            "out[n,i] = gain[i]*norm[n,i] + shift[i]",
        ),
        options=MappingProxyType({"epsilon": Fraction(1, 100000)}),
        starts=_ONE,
        compares=True,
    ),
)

KINDS: Mapping[str, KindRow] = MappingProxyType({row.name: row for row in ROWS})

# The user's own equation: the one kind whose row is written by the user.
EQUATION = "equation"
