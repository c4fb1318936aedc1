"""Exact numbers in a formula, kept within bounds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from bpsym.errors import quoted
from bpsym.verify.reading.cursor import Cursor
from bpsym.verify.reading.tokens import refusal, told

LARGEST_POWER = 64
LONGEST_NUMBER = 30

_NUMBER = re.compile(r"(-?)(\d+(?:\.\d+)?|\.\d+)(?:/(\d+))?")


def exponent_of(tokens: Sequence[str], cursor: Cursor) -> Fraction:
    """What stands above a power; raises ExpressionError for what is too large or no number."""
    value = fraction_of(tokens, cursor)
    if abs(value) > LARGEST_POWER:
        raise refusal(
            cursor.where, "an exponent is too large", f"up to {LARGEST_POWER}", quoted(str(value))
        )
    return value


def number_of(token: str, cursor: Cursor) -> Fraction:
    """A number written with digits; raises ExpressionError for one with too many."""
    if len(token) > LONGEST_NUMBER:
        raise refusal(
            cursor.where, "a number is too long", f"up to {LONGEST_NUMBER} digits", quoted(token)
        )
    return Fraction(token)


def fraction_of(tokens: Sequence[str], cursor: Cursor) -> Fraction:
    """An exponent or a subscript: ``2``, ``-1``, ``1/2``; raises ExpressionError for others."""
    match = _NUMBER.fullmatch("".join(tokens))
    if match is None:
        raise cursor.stray(told(tokens), "a number")
    below = number_of(match[3], cursor) if match[3] else Fraction(1)
    if not below:
        raise cursor.stray(told(tokens), "a number")
    value = number_of(match[2], cursor) / below
    return -value if match[1] else value
