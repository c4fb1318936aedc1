"""Comparisons as a text writes them: the margin of a loss against zero.

sympy takes numbers to the right: from ``max(0, 1 + u - v)`` comes the condition ``v - u < 1``. The
texts write ``1 + u - v > 0``, and in floating point only that agrees with the maximum in the cost
to the last bit.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.relational import Relational


def sides(test: Relational) -> tuple[sp.Expr, str, sp.Expr]:
    """The left side, the relation and the right side as they are to be written."""
    left, right = test.lhs, test.rhs
    compares = isinstance(test, sp.Gt | sp.Ge | sp.Lt | sp.Le)
    if compares and left.is_Add and right.is_number and right != 0:
        strict = isinstance(test, sp.Gt | sp.Lt)
        return test.gts - test.lts, ">" if strict else ">=", sp.Integer(0)
    return left, str(test.rel_op), right
