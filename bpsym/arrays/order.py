"""The order in which factors and terms are written: sympy keeps none.

Error signals come first, then weights, then activations, then differences such as ``1 - a``; a
difference begins with what is positive, ``a - y`` and ``1 - a``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sympy as sp

from bpsym.calculus.terms.indexed import name_of

Ranks = Mapping[str, int]
_PLAIN = 3


def rank(expr: sp.Expr, ranks: Ranks) -> int:
    """The smallest rank of the tensors in an expression; 0 is an error signal."""
    return min(
        (ranks.get(name_of(node), _PLAIN) for node in expr.atoms(sp.Indexed)), default=_PLAIN
    )


def by_role(factors: Iterable[sp.Expr], ranks: Ranks) -> list[sp.Expr]:
    """Factors in the order in which a mathematician writes them."""

    def key(factor: sp.Expr) -> tuple[object, ...]:
        is_error = rank(factor, ranks) == 0 or _has_target(factor, ranks)
        contains_sum = factor.has(sp.Sum)
        return (
            bool(factor.atoms(sp.Indexed)),
            not is_error,
            not contains_sum,
            isinstance(factor, sp.Piecewise),
            isinstance(factor, sp.Add | sp.Pow),
            rank(factor, ranks),
            sp.default_sort_key(factor),
        )

    return sorted(factors, key=key)


def _has_target(expr: sp.Expr, ranks: Ranks) -> bool:
    return any(ranks.get(name_of(node)) == 4 for node in expr.atoms(sp.Indexed))


def terms_in_order(terms: Sequence[sp.Expr], ranks: Ranks) -> list[tuple[int, sp.Expr]]:
    """Terms with their signs, a positive one first if there is one."""
    signed = [(-1, -term) if _negative(term) else (1, term) for term in terms]
    others_negative = sum(sign < 0 for sign, term in signed if not term.is_number)
    leading_number = others_negative == sum(not term.is_number for term in terms)

    def key(pair: tuple[int, sp.Expr]) -> tuple[object, ...]:
        sign, term = pair
        return (
            sign < 0,
            term.is_number and not leading_number,
            not term.has(sp.Sum),
            rank(term, ranks),
            sp.default_sort_key(term),
        )

    return sorted(signed, key=key)


def _negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)
