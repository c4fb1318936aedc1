"""Comparisons as a text writes them: the margin of a loss against zero.

sympy takes numbers to the right: from ``max(0, 1 + u - v)`` comes the condition ``v - u < 1``. The
texts write ``1 + u - v > 0``, and in floating point only that agrees with the maximum in the cost
to the last bit.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.relational import Relational


def sides(test: Relational) -> tuple[sp.Expr, str, sp.Expr]:
    """The left side, the relation and the right side as they are to be written.

    Only strict comparisons come from a maximum; the pieces of a huber loss stay as they are.
    """
    left, right = test.lhs, test.rhs
    is_strict = isinstance(test, sp.Gt | sp.Lt)
    if is_strict and right.is_number and right != 0 and len(left.atoms(sp.Indexed)) > 1:
        return test.gts - test.lts, ">", sp.Integer(0)
    return left, str(test.rel_op), right
