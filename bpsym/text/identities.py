"""What a part of a formula is whatever its variables are: zero, another number, or neither.

``z - z`` is zero, though no constant stands there. Variables become random numbers of a prime
field and a function becomes a random number for each value of its arguments, so that equal parts
get equal values and others, but for one chance in 2^500, other ones (Schwartz 1980, Zippel 1979).
A part that has the same value twice over is a constant; a fraction is read off the value by the
Euclidean algorithm (Wang 1981).
"""

from __future__ import annotations

import hashlib
from fractions import Fraction

from bpsym.text import syntax
from bpsym.text.syntax import Expression

_PRIME = 2**521 - 1  # a Mersenne prime
_LARGEST = 2**256  # of a numerator or denominator that counts as read and not as chance


class Values:
    """The parts of a formula at one random point; ``seed`` tells points apart."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, node: Expression) -> int:
        """The value of a part. Raises ZeroDivisionError for a division by zero."""
        match node:
            case syntax.Number(value):
                return _quotient(value.numerator, value.denominator)
            case syntax.Name() | syntax.Read():
                return self._random(self.seed, repr(node))
            case syntax.Negative(argument):
                return -self.of(argument) % _PRIME
            case syntax.Binary(operator, left, right):
                return _combined(operator, self.of(left), self.of(right))
            case syntax.Power(base, exponent):
                return self._power(self.of(base), exponent)
            case syntax.Sum(index, body):
                summed = self.of(body)
                return self._random("sum", index, summed) if summed else 0
            case syntax.Call(function, arguments):
                return self._call(function, [self.of(each) for each in arguments])
            case syntax.Where(operator):
                return self._random("where", operator, *map(self.of, syntax.children(node)))

    def _power(self, base: int, exponent: Fraction) -> int:
        if base == 0 and exponent < 0:
            raise ZeroDivisionError
        if base == 0:
            return 0
        if exponent.denominator == 1:
            return pow(base, exponent.numerator, _PRIME)
        # The root is a number of its own, its powers are powers of it.
        root = self._random("root", base, exponent.denominator)
        return pow(root, exponent.numerator, _PRIME)

    def _call(self, function: str, values: list[int]) -> int:
        if function in _AT_ZERO and values == [0]:
            return _AT_ZERO[function]
        if function in ("log", "xlogx") and values == [1]:
            return 0
        if function == "sqrt":
            return self._power(values[0], Fraction(1, 2))
        return self._random(function, *values)

    def _random(self, *key: object) -> int:
        """A number that follows from what it stands for."""
        digest = hashlib.shake_128(repr(key).encode()).digest(66)
        return int.from_bytes(digest, "big") % _PRIME


_AT_ZERO = {
    **dict.fromkeys("sin sinh tanh arctan erf expm1 log1p abs sign sqrt xlogx log_cosh".split(), 0),
    **dict.fromkeys(("exp", "cos", "cosh"), 1),
}


def constant_value(node: Expression) -> Fraction | None:
    """The rational number that a part is, if it is one and a short one.

    Raises ZeroDivisionError for a division by a part that is zero.
    """
    one, other = (Values(seed).of(node) for seed in (1, 2))
    return _fraction(one) if one == other else None


def _quotient(above: int, below: int) -> int:
    if below % _PRIME == 0:
        raise ZeroDivisionError
    return above * pow(below, -1, _PRIME) % _PRIME


def _combined(operator: str, left: int, right: int) -> int:
    match operator:
        case "+":
            return (left + right) % _PRIME
        case "-":
            return (left - right) % _PRIME
        case "*":
            return left * right % _PRIME
        case _:
            return _quotient(left, right)


def _fraction(value: int) -> Fraction | None:
    """The fraction of small terms that is ``value`` modulo the prime."""
    (above, below), (rest, factor) = (_PRIME, 0), (value, 1)
    while rest > _LARGEST:
        step = above // rest
        above, below, rest, factor = rest, factor, above - step * rest, below - step * factor
    return Fraction(rest, factor) if 0 < abs(factor) <= _LARGEST else None
