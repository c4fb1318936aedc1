"""What a subscript says that is the number of a layer: the label of a symbol, of a size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bpsym.typeset.formulas.symbols import Rank
from bpsym.typeset.formulas.tree import (
    Apply,
    Chain,
    Formula,
    Kind,
    Number,
    Product,
    Summation,
    Symbol,
    Terms,
)

# The letters of a layer, in the order in which they stand in a product.
RANKS = {
    "x": Rank.VALUE,
    "z": Rank.VALUE,
    "a": Rank.VALUE,
    "W": Rank.PARAMETER,
    "b": Rank.PARAMETER,
    "delta": Rank.ADJOINT,
    "adj_a": Rank.ADJOINT,
    "g": Rank.ADJOINT,
}


def layer_label(formula: Formula) -> tuple[str, int]:
    """The label and offset of a subscript that is a layer: ``l+1``, ``L``, ``0``."""
    match formula:
        case Symbol(name=name):
            return name, 0
        case Number(value):
            return str(value), 0
        case Terms(((1, Symbol(name=name)), (sign, Number(value)))):
            return name, sign * int(value)
    raise TypeError(f"no layer: {formula}")


def layer_of(left: Formula) -> int:
    """The offset of the layer of the left side of an equation, 0 for the running one."""
    assert isinstance(left, Symbol)
    return layer_label(left.subscripts[0])[1]


def layers_of_units(symbol: Symbol) -> Iterable[tuple[str, int]]:
    """The letters of a symbol's units, each with the offset of its layer."""
    if symbol.name in ("x", "g"):
        return [(each.name, 0) for each in symbol.subscripts[:1] if isinstance(each, Symbol)]
    if symbol.name not in RANKS or not symbol.subscripts:
        return []
    layer, *units = symbol.subscripts
    if symbol.name not in ("W", "b"):
        units = units[:1]  # what follows is the sample
    at = layer_label(layer)[1]
    offsets: Mapping[int, int] = {0: at, 1: at - 1}
    return [
        (each.name, offsets[place]) for place, each in enumerate(units) if isinstance(each, Symbol)
    ]


def sizes_labelled(chain: Chain, shift: int) -> Formula:
    """``n(l-1)`` as the letter n with the label of its layer."""

    def upper(formula: Formula) -> Formula:
        match formula:
            case Summation(i, low, Apply("n", (layer,)), body):
                label, offset = layer_label(layer)
                size = Symbol("n", Kind.SIZE, "n", label, offset + shift)
                return Summation(i, low, size, body)
        return formula

    return _map_sums(chain, upper)


def _map_sums(formula: Formula, change: Callable[[Formula], Formula]) -> Formula:
    match formula:
        case Chain(first, rest):
            return Chain(first, tuple((sign, _map_sums(side, change)) for sign, side in rest))
        case Terms(terms):
            return Terms(tuple((sign, _map_sums(term, change)) for sign, term in terms))
        case Product(factors, joint):
            return Product(tuple(_map_sums(each, change) for each in factors), joint)
        case Summation():
            changed = change(formula)
            assert isinstance(changed, Summation)
            return replace(changed, body=_map_sums(changed.body, change))
        case _:
            return formula
