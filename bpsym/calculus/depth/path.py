"""The way from an element of a layered network to the cost, reader by reader.

    z[l,i]  ->  a[l,i]  ->  z[l+1,k], k = 1, ..., n(l+1)

Each hop is one factor of the chain rule, d(reader)/d(element), and the indices of the reader that
the element leaves open are summed over. Nothing is written down here: who reads an element, and
where, is taken from the forward equations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.adjoint import Limit
from bpsym.calculus.index_system import IndexSystem
from bpsym.calculus.terms.indexed import element, index, name_of, subscripts_of

_LETTERS = ("k", "r", "q", "p")


@dataclass(frozen=True)
class Hop:
    """One factor: the derivative of ``reader`` in ``read``, summed over ``limits``."""

    reader: sp.Expr
    read: sp.Expr
    limits: tuple[Limit, ...]


def path(system: IndexSystem, start: sp.Expr, ends: Collection[str]) -> Iterator[Hop]:
    """The hops from an element to the first tensor of ``ends`` that depends on it.

    start: an element of a tensor that one equation besides the cost reads, in one place.
    """
    used = {symbol.name for symbol in start.free_symbols}
    at = start
    while at is start or name_of(at) not in ends:
        hop = _hop(system, at, used)
        used |= {i.name for i, _, _ in hop.limits}
        yield hop
        at = hop.reader


def _hop(system: IndexSystem, read: sp.Expr, used: Collection[str]) -> Hop:
    tensor = name_of(read)
    (equation,) = (
        each for each in system.equations if each.tensor != system.cost and tensor in each.reads()
    )
    (node,) = (each for each in equation.rhs.atoms(sp.Indexed) if name_of(each) == tensor)
    places: dict[sp.Basic, sp.Expr] = {}
    summed: list[sp.Symbol] = []
    for i in equation.subscripts():
        # Subscripts are affine: l - 1 = l' is solved by l = l' + 1.
        tied = [
            v - (s - i)
            for s, v in zip(subscripts_of(node), subscripts_of(read), strict=True)
            if s.has(i)
        ]
        if tied:
            places[i] = tied[0]
            continue
        name = next(each for each in (i.name, *_LETTERS) if each not in used)
        places[i] = index(name)
        summed.append(i)
    ranges = equation.ranges
    limits = tuple(
        (places[i], ranges[i].first.xreplace(places), ranges[i].last.xreplace(places))
        for i in summed
    )
    subscripts = (places[i] for i in equation.subscripts())
    return Hop(element(equation.tensor, *subscripts), read, limits)
