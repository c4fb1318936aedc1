"""The degree of a formula in the random values: what the error bound of a proof needs.

A value is a fraction, counted by the degrees of numerator and denominator. Sums of fractions add
the degrees of their denominators, as if none were common: a bound, not the exact degree.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar

import sympy as sp

from bpsym.proof.values.algebra import Algebra, UndefinedError

V = TypeVar("V")


class Degree(NamedTuple):
    """Degrees of a numerator and a denominator."""

    above: int
    below: int


CONSTANT = Degree(0, 0)
UNKNOWN = Degree(1, 0)

# exp gives a random square to a power: multiples 1/2, 1, ... 4 of an argument are powers 1, 2 ... 8
# of the square of a drawn number. A turn to a power is a fraction of twice that degree.
_TRANSCENDENTAL = {
    "exp": Degree(16, 0),
    "sin": Degree(32, 32),
    "cos": Degree(32, 32),
    "tanh": Degree(32, 32),
    "sinh": Degree(32, 16),
    "cosh": Degree(32, 16),
    "log": Degree(2, 0),
    "erf": UNKNOWN,
    "atan": UNKNOWN,
}


class Degrees(Algebra[Degree]):
    """Degrees of fractions; every case of a case distinction counts."""

    zero = CONSTANT
    one = CONSTANT

    def number(self, value: sp.Rational) -> Degree:
        return CONSTANT

    def total(self, terms: Sequence[Degree]) -> Degree:
        below = sum(term.below for term in terms)
        return Degree(max((t.above + below - t.below for t in terms), default=0), below)

    def product(self, factors: Sequence[Degree]) -> Degree:
        return Degree(sum(f.above for f in factors), sum(f.below for f in factors))

    def power(self, base: Degree, exponent: sp.Rational) -> Degree:
        times = abs(int(exponent.p))
        above, below = base if exponent > 0 else (base.below, base.above)
        return Degree(times * above, times * below)

    def positive(self, value: Degree) -> bool:
        return True

    def is_zero(self, value: Degree) -> bool:
        return False

    def draw(self) -> Degree:
        return UNKNOWN

    def unknown(self, key: Hashable) -> Degree:
        return UNKNOWN

    def pi(self) -> Degree:
        return Degree(2, 0)

    def choose(self, branches: Sequence[tuple[Callable[[], bool], Callable[[], Degree]]]) -> Degree:
        return largest(all_branches(branches))

    def function(self, name: str) -> Callable[[Degree], Degree]:
        if name in ("sign",):
            return lambda u: CONSTANT
        if name == "Abs":
            return lambda u: u
        degree = _TRANSCENDENTAL[name]
        return lambda u: degree


def all_branches(branches: Sequence[tuple[Callable[[], bool], Callable[[], V]]]) -> list[V]:
    """The values of all branches that have one; UndefinedError if none has."""
    values = []
    for _, value in branches:
        with suppress(UndefinedError):
            values.append(value())
    if not values:
        raise UndefinedError("no branch of a case distinction has a value")
    return values


def largest(degrees: Sequence[Degree]) -> Degree:
    """Degrees that none of these exceeds."""
    return Degree(max(each.above for each in degrees), max(each.below for each in degrees))


def bound(degree: Degree, drawn: int) -> float:
    """The chance that a fraction that is not zero is zero at a point, or has no value there."""
    return min(1.0, (degree.above + degree.below) / drawn)
