"""Exact evaluation: residues modulo a prime, where what is equal stays equal.

Every quantity of a formula gets a random residue; an identity between rational functions holds
there, and one that does not hold is caught except with a probability of degree / prime (Schwartz,
J. ACM 27 (1980); Zippel (1979)).

The prime P is such that Q = (P - 1)/2 is prime too and 2, 3, 5, ..., 37 are squares modulo P.
The squares are then a group of prime order Q in which every rational power exists and is unique:
they play the part of the positive numbers. exp takes its values among them, sqrt(2) exists, and
sqrt(u) exists for half of all u; where it does not, ``RedrawError`` asks for another point. Which
of the two roots of u is meant is a free choice, like the sign of u: what is proven holds for both.

Transcendental functions are generators of a differential field: independent random elements,
except for the relations listed here (exp and sin, cos of sums and multiples, log of products, odd
functions at -u). A relation that is missing can only make a proof fail, never succeed wrongly.
The sign of a quantity is a free choice, the same for all comparisons of the same difference.
What follows only from how signs hang together, as in sqrt(u^2) = |u|, is left to 60 digits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from math import prod

import sympy as sp

from bpsym.proof.values.algebra import (
    Algebra,
    RedrawError,
    UndefinedError,
    through_exp,
    through_sign,
)
from bpsym.proof.values.characters import MOST_FOR_SUMS, WHOLE_MULTIPLES, Characters

P = 2**60 - 5402297
Q = (P - 1) // 2

# Values are drawn from 1 ... 2^59, all of them below P.
DRAWN_BITS = 59
DRAWN = 2**DRAWN_BITS

Turn = tuple[int, int]


def inverse(value: int) -> int:
    """1/value."""
    if value == 0:
        raise UndefinedError("division by zero")
    return pow(value, -1, P)


def is_square(value: int) -> bool:
    """Whether a residue has a square root; Euler's criterion."""
    return pow(value, Q, P) == 1


class Field(Algebra[int]):
    """Residues modulo P at one random point; ``restart`` gives another.

    decisions: how the free choices came out so far, of signs and of roots. radicands: what roots
    were taken of, with their order.
    """

    zero = 0
    one = 1

    def __init__(self, seed: int = 0) -> None:
        self._functions: dict[str, Callable[[int], int]] = {
            "exp": self._exp,
            "log": self._log,
            "erf": lambda u: self._odd("erf", u),
            "atan": lambda u: self._odd("atan", u),
            "sin": lambda u: self._turn(u)[1],
            "cos": lambda u: self._turn(u)[0],
        }
        self._numbers: dict[sp.Rational, int] = {}
        self.restart(seed)
        self._functions |= through_exp(self)
        self._functions |= through_sign(self)

    def restart(
        self, seed: Hashable, choices: Sequence[bool] | None = None, *, narrow: bool = False
    ) -> None:
        """Another point.

        choices: the first free choices, all later ones being True; without it they are random.
        narrow: whether comparisons come out in a pattern, see ``vary``.
        """
        self._random = random.Random(str(seed))
        self._given = None if choices is None else list(choices)
        self._pattern: list[bool] = []
        if narrow and choices is None:
            self.vary()
        self.decisions: list[bool] = []
        self._signs: dict[int, bool] = {}
        self._root_signs: dict[int, bool] = {}
        self._unknowns: dict[Hashable, int] = {}
        self._logs: dict[int, int] = {}
        self._odd_values: dict[tuple[str, int], int] = {}
        self.radicands: dict[int, int] = {}
        self._log_tests = 0
        self.exp = Characters(P, 1, self._draw_square, _times, self._exp_power)
        self.circle = Characters(P, (1, 0), self._half_turn, _compose, _turn_power)

    def vary(self) -> None:
        """Let the comparisons that follow come out in a short pattern that repeats itself.

        Where only one branch has a value, as between the kinks of an activation whose loss is
        infinite outside, a dozen elements would hardly ever be in it together.
        """
        length = self._random.randint(1, 3)
        self._pattern = [self._random.random() < 0.5 for _ in range(length)]

    @property
    def conjugates(self) -> float:
        """By how much roots raise the chance of error.

        A root of order q makes q conjugate formulas of one; it exists for every second radicand.
        """
        return prod((2.0 * order for order in self.radicands.values()), start=1.0)

    @property
    def tests(self) -> int:
        """How many relations between generators were looked for at this point."""
        return self.exp.tests + self.circle.tests + self._log_tests

    def draw(self) -> int:
        return self._random.getrandbits(DRAWN_BITS) + 1

    def unknown(self, key: Hashable) -> int:
        value = self._unknowns.get(key)
        if value is None:
            value = self._unknowns[key] = self.draw()
        return value

    def number(self, value: sp.Rational) -> int:
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = int(value.p) * inverse(int(value.q) % P) % P
        return found

    def total(self, terms: Sequence[int]) -> int:
        return sum(terms) % P

    def product(self, factors: Sequence[int]) -> int:
        result = 1
        for factor in factors:
            result = result * factor % P
        return result

    def difference(self, left: int, right: int) -> int:
        return (left - right) % P

    def power(self, base: int, exponent: sp.Rational) -> int:
        if base == 0:
            if exponent > 0:
                return 0
            raise UndefinedError("a negative power of zero")
        if exponent.q == 1:
            return pow(base, int(exponent.p), P)
        root = _rational_power(base, Fraction(int(exponent.p), int(exponent.q)))
        self.radicands[base] = max(int(exponent.q), self.radicands.get(base, 0))
        if exponent.q % 2:
            return root
        sign = self._root_signs.get(base)
        if sign is None:
            sign = self._root_signs[base] = self._choice()
        return root if sign else P - root

    def positive_power(self, base: int, exponent: sp.Rational) -> int:
        """The power within the squares; the root of a number that is no square is an unknown."""
        order = int(exponent.q)
        if order % 2 == 0 and not is_square(base):
            return pow(self.unknown(("root", base, order)), int(exponent.p), P)
        return _rational_power(base, Fraction(int(exponent.p), order))

    def positive(self, value: int) -> bool:
        if value == 0:
            return False
        opposite = P - value
        key = value if value < opposite else opposite
        sign = self._signs.get(key)
        if sign is None:
            sign = self._signs[key] = self._choice(key == value)
        return sign == (key == value)

    def is_zero(self, value: int) -> bool:
        return value == 0

    def decide(self, value: int, positive: bool) -> None:
        opposite = P - value
        key = value if value < opposite else opposite
        if value:
            self._signs.setdefault(key, positive == (key == value))

    def function(self, name: str) -> Callable[[int], int]:
        return self._functions[name]

    def pi(self) -> int:
        return _times(*[self.unknown("sqrt pi")] * 2)

    def _choice(self, direct: bool = True) -> bool:
        """The next free choice; direct: whether True makes a comparison come out True."""
        at = len(self.decisions)
        if self._pattern:
            choice = self._pattern[at % len(self._pattern)] == direct
        elif self._given is None:
            choice = self._random.random() < 0.5
        else:
            choice = self._given[at] if at < len(self._given) else True
        self.decisions.append(choice)
        return choice

    def _draw_square(self) -> int:
        return pow(self.draw(), 2, P)

    def _exp(self, u: int) -> int:
        return self.exp(u)

    def _exp_power(self, element: int, factor: Fraction) -> int:
        if factor.denominator == 1:
            return pow(element, factor.numerator, P)
        return _rational_power(element, factor)

    def _log(self, u: int) -> int:
        if u == 0:
            raise UndefinedError("logarithm of zero")
        if u == 1:
            return 0
        found = self._logs.get(u)
        if found is None:
            found = self._logs[u] = self._new_log(u)
        return found

    def _new_log(self, u: int) -> int:
        """log of a product or quotient of arguments met before, or a new element L, exp(L) = u."""
        opposite = self._logs.get(inverse(u))
        if opposite is not None:
            return P - opposite
        if len(self._logs) <= MOST_FOR_SUMS:
            exponents = {value: argument for argument, value in self.exp.values.items()}
            exponents |= self._logs
            self._log_tests += 2 * len(exponents) ** 2
            if u in exponents:
                return exponents[u]
            for first, its_log in exponents.items():
                quotient, other = u * inverse(first) % P, u * first % P
                if quotient in exponents:
                    return (its_log + exponents[quotient]) % P
                if other in exponents:
                    return (exponents[other] - its_log) % P
        new = self.draw()
        self.exp.register(new, u, WHOLE_MULTIPLES)
        return new

    def _odd(self, name: str, u: int) -> int:
        """An odd function: its value at -u is the opposite of that at u."""
        if u == 0:
            return 0
        opposite = P - u
        key = (name, min(u, opposite))
        value = self._odd_values.get(key)
        if value is None:
            value = self._odd_values[key] = self.draw()
        return value if u < opposite else P - value

    def _turn(self, u: int) -> Turn:
        return self.circle(u)

    def _half_turn(self) -> Turn:
        """A rational point (cos, sin) of the circle; it stands for half of an angle."""
        t = self.draw()
        below = inverse((1 + t * t) % P)
        return (1 - t * t) * below % P, 2 * t * below % P


def _times(left: int, right: int) -> int:
    return left * right % P


def _rational_power(base: int, exponent: Fraction) -> int:
    """A power; an odd root exists always and once, an even one is taken among the squares."""
    order = 2 * Q
    if exponent.denominator % 2 == 0:
        if not is_square(base):
            raise RedrawError("a root of a residue that is no square")
        order = Q
    return pow(base, exponent.numerator * pow(exponent.denominator, -1, order) % order, P)


def _compose(first: Turn, second: Turn) -> Turn:
    """The sum of two angles."""
    (c, s), (d, t) = first, second
    return (c * d - s * t) % P, (s * d + c * t) % P


def _turn_power(half: Turn, factor: Fraction) -> Turn:
    """``factor`` times the angle of which ``half`` is the half."""
    times = int(2 * factor)
    c, s = half
    if times < 0:
        s = P - s
    result = (1, 0)
    for _ in range(abs(times)):
        result = _compose(result, (c, s))
    return result
