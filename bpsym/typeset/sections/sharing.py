"""Adjoints that share a derivation share its formulas: written once, then renamed.

A deep network has hundreds of adjoints and few derivations. What is written for one of them holds
for the others with their names put in, as long as their tensors rank and stand in the same order,
for that is all that the order of factors depends on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from bpsym.calculus.delta import FormalAdjoint
from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.terms.letters import with_letters
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.tree import Formula, Kind, Symbol, map_symbols

Free = tuple[sp.Symbol, ...]
Signature = tuple[tuple[object, int], ...]


@dataclass
class SharedFormulas:
    """The formulas written so far, each with the adjoint in whose names it is."""

    translator: Translator
    _written: dict[tuple[FormalAdjoint, Signature, sp.Expr, Free], tuple[Adjoint, Formula]] = field(
        default_factory=dict
    )

    def formula(self, adjoint: Adjoint, expr: sp.Expr, free: Free) -> Formula:
        """An expression of the formal derivation at indices ``free``, in the network's names."""
        key = (adjoint.formal, self._signature(adjoint), expr, free)
        if key not in self._written:
            named = adjoint.named(with_letters(expr, free)[0])
            self._written[key] = (adjoint, self.translator.formula(named))
        owner, formula = self._written[key]
        return formula if owner is adjoint else self._renamed(formula, owner, adjoint)

    def _signature(self, adjoint: Adjoint) -> Signature:
        """For each tensor its rank, and its place among the tensors of the adjoint."""
        entries = [self.translator.table.tensors[name] for name in adjoint.tensors]
        places = sorted(each.position for each in entries)
        return tuple((each.rank, places.index(each.position)) for each in entries)

    def _renamed(self, formula: Formula, owner: Adjoint, adjoint: Adjoint) -> Formula:
        table = self.translator.table
        names = {owner.names[number]: name for number, name in adjoint.names.items()}
        sizes = {
            table.size(old).name: table.size(new)
            for old, new in zip(owner.sizes, adjoint.sizes, strict=True)
        }

        def change(symbol: Symbol) -> Symbol:
            if symbol.kind is Kind.SIZE:
                return sizes.get(symbol.name, symbol)
            if symbol.kind is Kind.TENSOR:
                return table.tensor(names.get(symbol.name, symbol.name), symbol.subscripts)
            return symbol

        return map_symbols(formula, change)


def letters_of(free: Free) -> tuple[str, ...]:
    """The index letters that people read for these indices."""
    return with_letters(sp.Integer(0), free)[1]
