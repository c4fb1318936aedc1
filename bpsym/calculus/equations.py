"""An equation between tensors, holding for every value of its indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.terms.indexed import name_of, subscripts_of, tensors_in


@dataclass(frozen=True)
class Range:
    """The integers from ``first`` to ``last``, both included."""

    first: sp.Expr
    last: sp.Expr

    @staticmethod
    def upto(last: sp.Expr) -> Range:
        """1, 2, ..., last."""
        return Range(sp.Integer(1), last)


@dataclass(frozen=True)
class Equation:
    """``lhs = rhs`` for every value of the indices in ``ranges``.

    Subscripts on both sides are affine in the indices. Bound indices carry their limits in their
    ``Sum``. ``lhs`` may cover a tensor in part (one block of a concatenation).
    """

    lhs: sp.Expr
    rhs: sp.Expr
    ranges: Mapping[sp.Symbol, Range]

    @property
    def tensor(self) -> str:
        """The tensor that the equation defines."""
        return name_of(self.lhs)

    def reads(self) -> tuple[str, ...]:
        """The tensors read on the right, in order of appearance, each once."""
        return tensors_in(self.rhs)

    def subscripts(self) -> tuple[sp.Expr, ...]:
        """The subscripts of the left side."""
        return subscripts_of(self.lhs)
