"""What an evaluation of formulas needs to know of its numbers.

The same formula is evaluated with residues of a prime field (``field``), with 60 digits
(``digits``), with value and derivative (``dual``), or with degrees alone (``degrees``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import sympy as sp

V = TypeVar("V")


class UndefinedError(ArithmeticError):
    """A formula has no value at this point: a division by zero, a logarithm of zero."""


class RedrawError(ArithmeticError):
    """This point will not do (a square root that is not in the field); another one may."""


class Algebra(ABC, Generic[V]):
    """Numbers of one kind, their arithmetic and their functions of one argument."""

    zero: V
    one: V

    @abstractmethod
    def number(self, value: sp.Rational) -> V:
        """A rational number."""

    @abstractmethod
    def total(self, terms: Sequence[V]) -> V:
        """The sum; zero for no terms."""

    @abstractmethod
    def product(self, factors: Sequence[V]) -> V:
        """The product; one for no factors."""

    @abstractmethod
    def power(self, base: V, exponent: sp.Rational) -> V:
        """A power with a constant rational exponent."""

    @abstractmethod
    def positive(self, value: V) -> bool:
        """Whether a value is greater than zero."""

    @abstractmethod
    def is_zero(self, value: V) -> bool:
        """Whether a value is zero."""

    @abstractmethod
    def draw(self) -> V:
        """A value at random, not zero."""

    @abstractmethod
    def unknown(self, key: Hashable) -> V:
        """The value of an unknown quantity: at random, the same whenever it is asked for."""

    @abstractmethod
    def function(self, name: str) -> Callable[[V], V]:
        """A function of one argument by sympy's name; KeyError if it is not known here."""

    @abstractmethod
    def pi(self) -> V:
        """The circle's number."""

    def positive_power(self, base: V, exponent: sp.Rational) -> V:
        """A power of a number that is known to be positive, such as 2 or pi."""
        return self.power(base, exponent)

    def difference(self, left: V, right: V) -> V:
        """``left - right``."""
        return self.total((left, self.product((self.number(sp.S.NegativeOne), right))))

    def choose(self, branches: Sequence[tuple[Callable[[], bool], Callable[[], V]]]) -> V:
        """The value of the first branch whose condition holds."""
        for holds, value in branches:
            if holds():
                return value()
        raise UndefinedError("no branch of a case distinction applies")

    def decide(self, value: V, positive: bool) -> None:
        """Fix the sign of a value, where it follows from what the field cannot see."""

    def vary(self) -> None:
        """Make the free choices that follow in another way; where there are none, do nothing."""


def through_exp(algebra: Algebra[V]) -> Mapping[str, Callable[[V], V]]:
    """tanh, sinh and cosh through exp."""
    exp, power, number = algebra.function("exp"), algebra.power, algebra.number
    half, minus, two = number(sp.S.Half), number(sp.S.NegativeOne), number(sp.Integer(2))

    def tanh(u: V) -> V:
        square = exp(algebra.product((two, u)))
        above = algebra.total((square, minus))
        below = algebra.total((square, algebra.one))
        return algebra.product((above, power(below, sp.S.NegativeOne)))

    def sinh(u: V) -> V:
        grown = exp(u)
        return algebra.product((half, algebra.difference(grown, power(grown, sp.S.NegativeOne))))

    def cosh(u: V) -> V:
        grown = exp(u)
        return algebra.product((half, algebra.total((grown, power(grown, sp.S.NegativeOne)))))

    return {"tanh": tanh, "sinh": sinh, "cosh": cosh}


def through_sign(algebra: Algebra[V]) -> Mapping[str, Callable[[V], V]]:
    """``|u|`` and the sign of u, zero at zero, from the same bit as ``u > 0``."""
    minus = algebra.number(sp.S.NegativeOne)

    def sign(u: V) -> V:
        if algebra.is_zero(u):
            return algebra.zero
        return algebra.one if algebra.positive(u) else minus

    def magnitude(u: V) -> V:
        return u if algebra.positive(u) else algebra.product((minus, u))

    return {"sign": sign, "Abs": magnitude}
