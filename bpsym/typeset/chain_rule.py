"""The chain rule before anything is evaluated: a derivative as a product of partial derivatives.

    dE/dv = sum_j dE/dy_j dy_j/dbeta_j dbeta_j/db_h db_h/dalpha_h dalpha_h/dv_ih

An index of what reads a tensor is summed over unless it is an index of the tensor itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.system import SAMPLES, Relation
from bpsym.calculus.terms.indexed import name_of, subscripts_of
from bpsym.typeset.context import Context
from bpsym.typeset.formula import (
    ONE,
    Formula,
    Kind,
    Partial,
    Product,
    Summation,
    Symbol,
    Terms,
    symbols,
)
from bpsym.typeset.from_sympy import number_formula
from bpsym.typeset.parts import equation_of
from bpsym.typeset.symbols import COST, index

_LETTERS = ("k", "r", "q", "p", "s", "u", "v", "w")
# Networks with no more layers than this have their chains written out down to the cost.
_SHALLOW = 2

Places = tuple[Formula, ...]


@dataclass(frozen=True)
class ChainRule:
    """Writes derivatives of the cost of one network as products of partial derivatives."""

    context: Context

    def of(self, tensor: str, places: Places) -> Formula | None:
        """The derivative in an element, None where it is a single partial derivative anyway."""
        found = self._spread(tensor, places, frozenset(_names(places)))
        return found if isinstance(found, Product | Summation | Terms) else None

    def _spread(self, tensor: str, places: Places, used: frozenset[str]) -> Formula | None:
        """None where a subscript is no plain index."""
        system = self.context.built.system
        readers = system.readers[tensor]
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
        each = equation_of(relation, system)
        subscripts = each.subscripts()
        if not all(isinstance(i, sp.Symbol) for i in subscripts):
            return None
        tied = self._tied(each.rhs, tensor, places)
        reader, summed, its_places = relation.defines, list[tuple[Symbol, str]](), list[Formula]()
        for i, label in zip(subscripts, system.tensors[reader].sizes, strict=True):
            if i in tied:
                its_places.append(tied[i])
            else:
                wanted = ("n", *_LETTERS) if label == SAMPLES else _LETTERS
                letter = index(next(x for x in wanted if x not in used))
                used |= {letter.name}
                summed.append((letter, label))
                its_places.append(letter)
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
        context = self.context
        known = reader in context.derivation.by_tensor
        if known and len(context.parts) > _SHALLOW:
            return context.table.derivative(reader, places)
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
