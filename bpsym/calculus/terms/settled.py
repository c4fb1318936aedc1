"""Symbols and elements of which everything is known that ever will be.

sympy looks for an unknown property (is this index even?) by asking for all others that might tell,
and does so again for each object. What a symbol declares decides all there is to know, so the rest
is entered as unknown when the symbol is made. Elements of a real tensor share one such record;
their order and their printing are those of ``sympy.Indexed``.
"""

from __future__ import annotations

from typing import TypeVar

import sympy as sp

Atom = TypeVar("Atom", bound=sp.Expr)


def settle(atom: Atom) -> Atom:
    """Enter as unknown whatever the declared assumptions of an atom do not imply."""
    facts = atom._assumptions
    for fact in facts.rules.defined_facts:
        facts.setdefault(fact, None)
    return atom


class IndexedBase(sp.IndexedBase):
    """The name of a real tensor."""

    def __new__(cls, label: sp.Symbol) -> IndexedBase:
        named: IndexedBase = settle(super().__new__(cls, label, real=True))
        return named

    def _hashable_content(self) -> tuple[sp.Basic, ...]:
        content: tuple[sp.Basic, ...] = self._args
        return content

    def __getitem__(self, subscripts: tuple[sp.Expr | int, ...]) -> Indexed:
        return Indexed(self, *subscripts)


class Indexed(sp.Indexed):
    """An element of a real tensor."""

    def __new__(cls, base: IndexedBase, *subscripts: sp.Expr | int) -> Indexed:
        given = (sp.Integer(each) if isinstance(each, int) else each for each in subscripts)
        element: Indexed = sp.Expr.__new__(cls, base, *given)
        element._assumptions = base._assumptions
        return element

    def _hashable_content(self) -> tuple[sp.Basic, ...]:
        content: tuple[sp.Basic, ...] = self._args
        return content
