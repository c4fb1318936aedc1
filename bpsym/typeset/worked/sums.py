"""Sums and products of numeric formulas: taken apart, put in order, elided where they are long."""

from __future__ import annotations

from collections.abc import Iterable

from bpsym.typeset.formulas.tree import (
    ELLIPSIS,
    ONE,
    Apply,
    Formula,
    Joint,
    Number,
    Power,
    Product,
    Quotient,
    Terms,
    negative,
)
from bpsym.typeset.worked.decimals import ZERO

# Sums of more terms are written with the first two and the last two.
MOST_TERMS = 5
_ENDS = 2


def added(terms: Iterable[tuple[int, Formula]]) -> Formula:
    """A sum of signed formulas, sums in it taken apart; one term stands for itself."""
    found: list[tuple[int, Formula]] = []
    for sign, term in terms:
        inner = term.terms if isinstance(term, Terms) else ((1, term),)
        found += [(sign * each, part) for each, part in inner]
    if len(found) == 1:
        return found[0][1] if found[0][0] > 0 else negative(found[0][1])
    return Terms(tuple(found)) if found else ZERO


def times(factors: tuple[Formula, ...]) -> Formula:
    """A product with dots, products in it taken apart, ones left out, numbers first."""
    flat: list[Formula] = []
    for each in factors:
        flat += each.factors if isinstance(each, Product) and each.joint is Joint.DOT else (each,)
    kept = [each for each in flat if each != ONE]
    kept.sort(key=lambda each: not isinstance(each, Number))
    if len(kept) == 1:
        return kept[0]
    return Product(tuple(kept), Joint.DOT) if kept else ONE


def elided(formula: Formula) -> Formula:
    """A formula with an ellipsis in each sum of more than four terms."""
    match formula:
        case Terms(terms):
            inner = tuple((sign, elided(term)) for sign, term in terms)
            if len(inner) <= MOST_TERMS:
                return Terms(inner)
            return Terms((*inner[:_ENDS], (1, ELLIPSIS), *inner[-_ENDS:]))
        case Product(factors, joint):
            return Product(tuple(map(elided, factors)), joint)
        case Quotient(above, below):
            return Quotient(elided(above), elided(below))
        case Power(base, exponent):
            return Power(elided(base), exponent)
        case Apply(function, arguments):
            return Apply(function, tuple(map(elided, arguments)))
        case _:
            return formula
