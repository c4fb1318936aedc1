"""Evaluation with 60 decimal digits, for what algebra does not reach.

Two sides are taken for equal if they agree to 40 digits at random points of either sign and of
several orders of magnitude. That is strong evidence and not a proof with an error bound; the
certificate says which it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import mpmath
import sympy as sp

from bpsym.proof.values.algebra import Algebra, RedrawError, UndefinedError, through_sign

DIGITS = 60
# Kept beyond them, for differences of numbers that are nearly equal.
GUARD = 40
AGREEING = mpmath.mpf(10) ** -40
# Far enough that a cosine turns negative, near enough that an exponential is a number.
SCALES = (1, 4, 16)

# An mpmath number; mpmath has no types.
Real = Any


class Digits(Algebra[Real]):
    """Real numbers at one random point.

    They are of either sign and up to the largest of ``SCALES``; at a ``narrow`` point between 0 and
    1, for logarithms and roots. decisions: how the comparisons came out.
    """

    def __init__(self, seed: int = 0) -> None:
        self.context = mpmath.MPContext()
        self.context.dps = DIGITS + GUARD
        ctx = self.context
        self.zero, self.one = ctx.mpf(0), ctx.mpf(1)
        self._functions: dict[str, Callable[[Real], Real]] = {
            "exp": ctx.exp,
            "log": self._log,
            "erf": ctx.erf,
            "atan": ctx.atan,
            "sin": ctx.sin,
            "cos": ctx.cos,
            "tanh": ctx.tanh,
            "sinh": ctx.sinh,
            "cosh": ctx.cosh,
        }
        self.restart(seed)
        self._functions |= through_sign(self)

    def restart(
        self, seed: Hashable, choices: Sequence[bool] | None = None, *, narrow: bool = False
    ) -> None:
        """Another point; signs are those of the numbers, there is nothing to choose."""
        self._random = random.Random(str(seed))
        self._narrow = narrow
        self._unknowns: dict[Hashable, Real] = {}
        self.decisions: list[bool] = []

    def draw(self) -> Real:
        digits = self.context.dps
        value = self.context.mpf(self._random.randrange(1, 10**digits)) / 10**digits
        if not self._narrow:
            value *= self._random.choice(SCALES) * self._random.choice((1, -1))
        return value

    def unknown(self, key: Hashable) -> Real:
        if key not in self._unknowns:
            self._unknowns[key] = self.draw()
        return self._unknowns[key]

    def number(self, value: sp.Rational) -> Real:
        return self.context.mpf(int(value.p)) / int(value.q)

    def total(self, terms: Sequence[Real]) -> Real:
        return self.context.fsum(terms)

    def product(self, factors: Sequence[Real]) -> Real:
        return self.context.fprod(factors)

    def power(self, base: Real, exponent: sp.Rational) -> Real:
        if base == 0 and exponent < 0:
            raise UndefinedError("a negative power of zero")
        if exponent.q == 1:
            return base ** int(exponent.p)
        if base < 0:
            raise RedrawError("a root of a negative number")
        return self.context.power(base, self.number(exponent))

    def positive(self, value: Real) -> bool:
        self.decisions.append(bool(value > 0))
        return self.decisions[-1]

    def is_zero(self, value: Real) -> bool:
        return bool(value == 0)

    def function(self, name: str) -> Callable[[Real], Real]:
        return self._functions[name]

    def pi(self) -> Real:
        return +self.context.pi

    def _log(self, u: Real) -> Real:
        if u == 0:
            raise UndefinedError("logarithm of zero")
        if u < 0:
            raise RedrawError("logarithm of a negative number")
        return self.context.log(u)


def agree(left: Real, right: Real) -> bool:
    """Whether two numbers agree to 40 digits, relative to the larger one."""
    return bool(abs(left - right) <= AGREEING * max(abs(left), abs(right), AGREEING))
