"""The scalar view: an equation between elements, written for each element, its sums written out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import prod

from bpsym.errors import EmitError
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.formulas.symbols import SymbolTable
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    map_symbols,
    negative,
)

# A network with more parameters than this would fill pages.
MOST_PARAMETERS = 60


class Scalars:
    """Writes out the equations of one small network; the samples keep their index."""

    def __init__(self, built: BuiltNetwork, table: SymbolTable) -> None:
        """Raises EmitError if the network is too large to be written out."""
        self.system = built.system
        self.sizes = {
            table.size(label).name: number for label, number in built.system.sizes.items()
        }
        self.tensors = {each.adjoint: each.name for each in built.system.tensors.values()}
        count = sum(prod(shape) for shape in built.network.parameters.values())
        if count > MOST_PARAMETERS:
            raise EmitError.single(
                where="the scalar view",
                what="the network is too large to be written out element by element",
                expected=f"at most {MOST_PARAMETERS} parameters",
                got=str(count),
                way_out="take --view index or --view matrix",
            )

    def chains(self, chain: Chain) -> Iterator[Chain]:
        """The equation for each value of the indices of units on its left."""
        left = chain.first.by if isinstance(chain.first, Partial) else chain.first
        ranges = dict(self._ranges(left)) if isinstance(left, Symbol) else {}
        for values in itertools.product(*ranges.values()):
            at = dict(zip(ranges, values, strict=True))
            sides = tuple((sign, self._at(side, at)) for sign, side in chain.rest)
            yield Chain(self._at(chain.first, at), sides)

    def _ranges(self, left: Symbol) -> Iterator[tuple[str, range]]:
        tensor = self.system.tensors.get(self.tensors.get(left.name, left.name))
        if tensor is None or len(self.system.definitions.get(tensor.name, ())) > 1:
            return  # an equation may define one block only, so it keeps its indices
        for place, label in zip(left.subscripts, tensor.sizes, strict=False):
            if isinstance(place, Symbol) and label in self.system.sizes:
                yield place.name, range(1, self.system.sizes[label] + 1)

    def _at(self, formula: Formula, at: Mapping[str, int]) -> Formula:
        def change(symbol: Symbol) -> Formula:
            if symbol.kind is Kind.INDEX and symbol.name in at:
                return Number(Fraction(at[symbol.name]))
            return symbol

        return map_symbols(self._summed(formula), change)

    def _summed(self, formula: Formula) -> Formula:
        """The formula with its sums over units written out, wherever sums can stand."""
        match formula:
            case Summation(index, _, Symbol(kind=Kind.SIZE) as upper, body) if (
                upper.name in self.sizes
            ):
                inner = self._summed(body)
                numbers = range(1, self.sizes[upper.name] + 1)
                terms = tuple((1, self._at(inner, {index.name: k})) for k in numbers)
                return terms[0][1] if len(terms) == 1 else Terms(terms)
            case Summation(index, lower, upper, body):
                return Summation(index, lower, upper, self._summed(body))
            case Terms(terms):
                return _flat(tuple((sign, self._summed(term)) for sign, term in terms))
            case Product(factors, joint):
                return Product(tuple(map(self._summed, factors)), joint)
            case Quotient(numerator, denominator):
                return Quotient(self._summed(numerator), self._summed(denominator))
            case Power(base, exponent):
                return Power(self._summed(base), exponent)
            case _:
                return formula


def _flat(terms: tuple[tuple[int, Formula], ...]) -> Formula:
    """A sum of sums as one sum."""
    found: list[tuple[int, Formula]] = []
    for sign, term in terms:
        inner = term.terms if isinstance(term, Terms) else ((1, term),)
        found += [(sign * each, part) for each, part in inner]
    return negative(found[0][1]) if len(found) == 1 and found[0][0] < 0 else Terms(tuple(found))
