"""What is derived and proven but cannot be emitted yet."""

from __future__ import annotations

import math
from fractions import Fraction

import sympy as sp

from bpsym.errors import EmitError


def not_yet(what: object) -> EmitError:
    """The answer to a formula that is derived and proven but has no code yet."""
    return EmitError.single(
        where="code generation",
        what="this formula is derived and proven, but code for it cannot be emitted yet",
        expected="subscripts that are plain indices, or blocks of a concatenation",
        got=_shown(what),
        way_out="use bpsym derive for the formulas, or write the layer without shifted subscripts",
    )


def _shown(what: object) -> str:
    """What stands there, without the names that lowering gives to tensors."""
    if isinstance(what, sp.Indexed):
        return f"[{', '.join(map(str, what.indices))}]"
    return "a formula of another form"


def as_float(number: sp.Expr) -> Fraction:
    """A number as floating point has it; a rational one exactly.

    Raises EmitError for one that would be infinite, or zero though it is not.
    """
    rounded = float(number.evalf())
    if math.isinf(rounded) or (rounded == 0 and number != 0):
        raise EmitError.single(
            where="code generation",
            what="a constant is out of the range of floating point",
            expected="numbers from 1e-307 to 1e307",
            got=str(number)[:60],
            way_out="scale the formula",
        )
    if number.is_Rational:
        return Fraction(int(number.p), int(number.q))
    return Fraction(rounded)
