"""How strongly a formula holds together: where brackets are needed, for all printers alike."""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction

from bpsym.typeset.formulas.numerals import digits_of, is_decimal
from bpsym.typeset.formulas.tree import (
    Chain,
    Comparison,
    Conjunction,
    Decimal,
    Formula,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Summation,
    Terms,
    Transpose,
)


class Strength(IntEnum):
    """From what falls apart beside anything to what never needs brackets."""

    CHAIN = 0
    CONDITION = 1
    TERMS = 2
    SUM = 3
    QUOTIENT = 4
    PRODUCT = 5
    POWER = 6
    ATOM = 7


def strength(formula: Formula, *, stacked: bool) -> Strength:
    """The strength of a formula; ``stacked``: whether its fractions have a rule of their own."""
    match formula:
        case Chain():
            return Strength.CHAIN
        case Comparison() | Conjunction():
            return Strength.CONDITION
        case Terms():
            return Strength.TERMS
        case Summation():
            return Strength.SUM
        case Product(factors):
            # A sum at the end takes in all that follows, so the product does too.
            return Strength.SUM if isinstance(factors[-1], Summation) else Strength.PRODUCT
        case Quotient():
            # A fraction with a rule stands by itself, but what is raised would belong to its top.
            return Strength.POWER if stacked else Strength.QUOTIENT
        case Partial():
            return Strength.QUOTIENT
        case Power() | Transpose():
            return Strength.POWER
        case Number(value):
            return _of_number(value)
        case Decimal(_, text):
            return Strength.PRODUCT if "e" in text else Strength.ATOM
        case _:
            return Strength.ATOM


def _of_number(value: Fraction) -> Strength:
    if value < 0:
        return Strength.TERMS
    if not is_decimal(value):
        return Strength.ATOM if value.denominator == 1 else Strength.QUOTIENT
    return Strength.ATOM if digits_of(value)[1] == 0 else Strength.PRODUCT


def is_factor(factor: Formula, *, last: bool, first: bool, stacked: bool) -> bool:
    """Whether a factor may stand in a product without brackets."""
    if isinstance(factor, Summation):
        return last
    if isinstance(factor, Number) and not first:
        return False
    return strength(factor, stacked=stacked) >= Strength.POWER
