"""Evaluation with 60 decimal digits, for what algebra does not reach.

Two sides are taken for equal if they agree to 40 digits at several random points. That is strong
evidence and not a proof with an error bound; the certificate says which it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import mpmath
import sympy as sp

from bpsym.proof.algebra import Algebra, RedrawError, UndefinedError

DIGITS = 60
AGREEING = mpmath.mpf(10) ** -40

# An mpmath number; mpmath has no types.
Real = Any


class Digits(Algebra[Real]):
    """Real numbers at one random point, drawn between 0.1 and 0.9.

    At one point in two they are of either sign, at the others positive, for logarithms and roots.
    decisions: how the comparisons came out.
    """

    def __init__(self, seed: int = 0) -> None:
        self.context = mpmath.MPContext()
        self.context.dps = DIGITS
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
            "Abs": abs,
            "sign": ctx.sign,
        }
        self.restart(seed)

    def restart(self, seed: Hashable, choices: Sequence[bool] | None = None) -> None:
        """Another point; signs are those of the numbers, there is nothing to choose."""
        self._random = random.Random(str(seed))
        self._signed = self._random.random() < 0.5
        self._unknowns: dict[Hashable, Real] = {}
        self.decisions: list[bool] = []

    def draw(self) -> Real:
        digits = self._random.randrange(10**DIGITS, 9 * 10**DIGITS)
        sign = self._random.choice((1, -1)) if self._signed else 1
        return sign * self.context.mpf(digits) / 10 ** (DIGITS + 1)

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
