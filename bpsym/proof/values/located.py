"""Residues at a point of which the real coordinates are known too: equality and order at once.

A value is a pair, the residue and the number with 60 digits. Whether two values are equal is asked
of the residues, which is exact; which of two is larger, of the numbers, which the field does not
order. A number so small that its sign is in doubt, though its residue is not 0, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import sympy as sp

from bpsym.proof.values.algebra import Algebra, RedrawError
from bpsym.proof.values.digits import AGREEING, Digits, Real
from bpsym.proof.values.field import DRAWN_BITS, Field


class Located(NamedTuple):
    """One quantity, as a residue and as a number."""

    residue: int
    number: Real


class LocatedNumbers(Algebra[Located]):
    """Values at a point with rational coordinates."""

    def __init__(self, seed: Hashable = 0) -> None:
        self.field = Field()
        self.digits = Digits()
        self.field.restart(seed)
        self.zero = Located(self.field.zero, self.digits.zero)
        self.one = Located(self.field.one, self.digits.one)

    def number(self, value: sp.Rational) -> Located:
        return Located(self.field.number(value), self.digits.number(value))

    def total(self, terms: Sequence[Located]) -> Located:
        residues, numbers = [each.residue for each in terms], [each.number for each in terms]
        return Located(self.field.total(residues), self.digits.total(numbers))

    def product(self, factors: Sequence[Located]) -> Located:
        residues, numbers = [each.residue for each in factors], [each.number for each in factors]
        return Located(self.field.product(residues), self.digits.product(numbers))

    def power(self, base: Located, exponent: sp.Rational) -> Located:
        number = self.digits.power(base.number, exponent)
        if exponent.q == 1:
            return Located(self.field.power(base.residue, exponent), number)
        # The root of a number that is not negative is the positive one, here and everywhere.
        return Located(self.field.positive_power(base.residue, exponent), number)

    def positive_power(self, base: Located, exponent: sp.Rational) -> Located:
        residue = self.field.positive_power(base.residue, exponent)
        return Located(residue, self.digits.positive_power(base.number, exponent))

    def positive(self, value: Located) -> bool:
        if self.is_zero(value):
            return False
        if abs(value.number) <= AGREEING:
            raise RedrawError("the sign of a number is in doubt")
        return bool(value.number > 0)

    def is_zero(self, value: Located) -> bool:
        return value.residue == 0

    def draw(self) -> Located:
        numerator = self.field.draw()
        return self.number(sp.Rational(numerator, 2**DRAWN_BITS))

    def unknown(self, key: Hashable) -> Located:
        return Located(self.field.unknown(key), self.digits.unknown(key))

    def pi(self) -> Located:
        return Located(self.field.pi(), self.digits.pi())

    def function(self, name: str) -> Callable[[Located], Located]:
        if name == "sign":
            return self._sign
        if name == "Abs":
            return self._magnitude
        residue, number = self.field.function(name), self.digits.function(name)
        return lambda u: Located(residue(u.residue), number(u.number))

    def _sign(self, u: Located) -> Located:
        if self.is_zero(u):
            return self.zero
        return self.one if self.positive(u) else self.number(sp.S.NegativeOne)

    def _magnitude(self, u: Located) -> Located:
        return u if self.positive(u) else self.product((self.number(sp.S.NegativeOne), u))
