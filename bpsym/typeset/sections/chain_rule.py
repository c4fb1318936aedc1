"""The chain rule before anything is evaluated: a derivative as a product of partial derivatives.

    dC/dz_i = sum_k dC/dz'_k dz'_k/da_i da_i/dz_i

A product leads from a tensor to what reads it, and on until a derivative is reached that is known
already: that is what the recursion computes. Several readers give several products, which add up.
An index of what reads a tensor is summed over unless it is an index of the tensor itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.system import SAMPLES, Relation
from bpsym.calculus.terms.indexed import name_of, subscripts_of
from bpsym.calculus.terms.letters import free_letter
from bpsym.typeset.formulas.from_sympy import number_formula
from bpsym.typeset.formulas.symbols import COST, index
from bpsym.typeset.formulas.tree import (
    ONE,
    Formula,
    Kind,
    Partial,
    Product,
    Summation,
    Symbol,
    Terms,
    symbols,
    walk,
)
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.parts import equation_of

_LETTERS = ("k", "r", "q", "p", "s", "u", "v", "w")

Places = tuple[Formula, ...]


@dataclass(frozen=True)
class ChainRule:
    """Writes derivatives of the cost of one network as products of partial derivatives.

    known: the tensors whose derivatives are known; with none, products lead down to the cost.
    """

    context: Context
    known: Collection[str]

    def of(self, tensor: str, places: Places) -> Formula | None:
        """The derivative in an element, None where it is a single partial derivative anyway."""
        found = self._spread(tensor, places, frozenset(_names(places)))
        return found if isinstance(found, Product | Summation | Terms) else None

    def _spread(self, tensor: str, places: Places, used: frozenset[str]) -> Formula | None:
        """None where a subscript is no plain index."""
        system = self.context.built.system
        readers = [each for each in system.readers[tensor] if _reads(each, tensor)]
        if all(relation.defines in system.weights for relation in readers):
            return self.context.table.derivative(tensor, places) if readers else None
        terms = [
            self._term_of_cost(relation, tensor, places)
            if relation.defines in system.weights
            else self._through(relation, tensor, places, used)
            for relation in readers
        ]
        whole = [each for each in terms if each is not None]
        if not terms or len(whole) < len(terms):
            return None
        return whole[0] if len(whole) == 1 else Terms(tuple((1, each) for each in whole))

    def _term_of_cost(self, relation: Relation, tensor: str, places: Places) -> Formula | None:
        """``dR/dW``, with the weight of R in the cost; None for the cost itself."""
        if relation.defines == COST.name:
            return None
        weight, table = self.context.built.system.weights[relation.defines], self.context.table
        local = Partial(table.tensor(relation.defines), table.tensor(tensor, places))
        return local if weight == 1 else Product((number_formula(weight), local))

    def _through(
        self, relation: Relation, tensor: str, places: Places, used: frozenset[str]
    ) -> Formula | None:
        context, system = self.context, self.context.built.system
        each, reader = equation_of(relation, system), relation.defines
        tied = self._tied(each.rhs, tensor, places)
        summed, its_places = list[tuple[Symbol, str]](), list[Formula]()
        for subscript, label in zip(each.subscripts(), system.tensors[reader].sizes, strict=True):
            found = self._place(subscript, tied)
            if found is None and not isinstance(subscript, sp.Symbol):
                return None
            if found is None:
                wanted = ("n", *_LETTERS) if label == SAMPLES else _LETTERS
                found = index(free_letter(wanted, used))
                used |= {found.name}
                summed.append((found, label))
            its_places.append(found)
        above = self._above(reader, tuple(its_places), used)
        if above is None:
            return None
        table = context.table
        local = Partial(table.tensor(reader, tuple(its_places)), table.tensor(tensor, places))
        body = _with_last(above, local)
        for letter, label in reversed(summed):
            if label == SAMPLES and context.is_of_one_sample:
                continue
            body = Summation(letter, ONE, table.size(label), body)
        return body

    def _above(self, reader: str, places: Places, used: frozenset[str]) -> Formula | None:
        """What comes back to the reader: a derivative that is known, or the rest of the chain."""
        if reader in self.known:
            return self.context.table.derivative(reader, places)
        return self._spread(reader, places, used)

    def _tied(self, rhs: sp.Expr, tensor: str, places: Places) -> dict[sp.Basic, Formula]:
        """The indices of the equation that stand in the same place wherever it is read."""
        nodes = [node for node in rhs.atoms(sp.Indexed) if name_of(node) == tensor]
        tied: dict[sp.Basic, Formula] = {}
        for position, place in enumerate(places):
            found = {subscripts_of(node)[position] for node in nodes}
            if len(found) == 1:
                tied[found.pop()] = place
        return tied

    def _place(self, subscript: sp.Expr, tied: dict[sp.Basic, Formula]) -> Formula | None:
        """A subscript of the reader by the indices of what it reads; a block has an offset."""
        if subscript in tied or not isinstance(subscript, sp.Add):
            return tied.get(subscript)
        (running, *more) = [each for each in subscript.args if each in tied] or [None]
        if running is None or more:
            return None
        offsets = [each for each in subscript.args if each != running]
        formulas = [self.context.table.size(each.name) for each in offsets]
        return Terms(tuple((1, each) for each in (tied[running], *formulas)))


def _reads(relation: Relation, tensor: str) -> bool:
    """Whether values of a tensor are read; of some tensors an equation needs the size alone."""
    formal = {name for name, actual in relation.formal().items() if actual == tensor}
    return any(name_of(node) in formal for node in relation.schema.equation.rhs.free_symbols)


def is_plain(chain: Formula, passed: Collection[str]) -> bool:
    """Whether a product down to the cost has no sum but those from layer to layer.

    passed: the tensors on the way whose derivatives have names, all but the first a layer behind.
    """
    sums = sum(isinstance(each, Summation) for each in walk(chain))
    met = {
        each.of.name
        for each in walk(chain)
        if isinstance(each, Partial) and isinstance(each.of, Symbol) and each.of.name in passed
    }
    return sums < max(len(met), 1)


def _with_last(above: Formula, last: Formula) -> Formula:
    """A product with one factor more, inside sums so that these stay in front."""
    match above:
        case Summation(i, lower, upper, body):
            return Summation(i, lower, upper, _with_last(body, last))
        case Product(factors):
            return Product((*factors, last))
        case _:
            return Product((above, last))


def _names(places: Places) -> list[str]:
    return [symbol.name for each in places for symbol in symbols(each) if symbol.kind is Kind.INDEX]
