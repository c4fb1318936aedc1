"""Quotients of polynomials in one unknown with rational coefficients.

What eliminating an exponential needs, and no more: reading an expression, putting a quotient for
the unknown, cancelling. sympy's own ``cancel`` does all this, and sets up its rings first.
A polynomial is the tuple of its coefficients, the constant first, without zeros at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import zip_longest
from math import gcd, lcm

import sympy as sp

Polynomial = tuple[Fraction, ...]
ONE: Polynomial = (Fraction(1),)


@dataclass(frozen=True)
class Quotient:
    """``above / below``, not cancelled."""

    above: Polynomial
    below: Polynomial = ONE

    def __add__(self, other: Quotient) -> Quotient:
        above = _sum(_product(self.above, other.below), _product(other.above, self.below))
        return Quotient(above, _product(self.below, other.below))

    def __mul__(self, other: Quotient) -> Quotient:
        return Quotient(_product(self.above, other.above), _product(self.below, other.below))

    def __pow__(self, exponent: int) -> Quotient:
        base = self if exponent >= 0 else Quotient(self.below, self.above)
        return reduce(Quotient.__mul__, [base] * abs(exponent), Quotient(ONE))

    def at(self, value: Quotient) -> Quotient:
        """The quotient with ``value`` in place of the unknown."""
        above, below = (_evaluated(each, value) for each in (self.above, self.below))
        return above * below**-1

    def polynomial(self) -> Polynomial | None:
        """The polynomial that the quotient is, or None if something is left to divide by."""
        if not self.below:
            return None
        whole, rest = _divided(self.above, self.below)
        return None if rest else whole

    def cancelled(self) -> Quotient:
        """The quotient without common factors."""
        divisor, rest = self.above, self.below
        while rest:
            divisor, rest = rest, _divided(divisor, rest)[1]
        return Quotient(_divided(self.above, divisor)[0], _divided(self.below, divisor)[0])


UNKNOWN = Quotient((Fraction(0), Fraction(1)))


def constant(value: Fraction | int) -> Quotient:
    """A number."""
    return Quotient(_trimmed((Fraction(value),)))


def read(expr: sp.Expr, power_of: Callable[[sp.Expr], int | None]) -> Quotient | None:
    """An expression as a quotient, or None if it is none.

    power_of: the exponent with which a node is a power of the unknown, None for any other node.
    """
    exponent = power_of(expr)
    if exponent is not None:
        return UNKNOWN**exponent
    if isinstance(expr, sp.Rational):
        return constant(Fraction(expr.p, expr.q))
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer:
        base = read(expr.base, power_of)
        return None if base is None else base ** int(expr.exp)
    if isinstance(expr, sp.Add | sp.Mul):
        whole = constant(int(isinstance(expr, sp.Mul)))
        for each in expr.args:
            part = read(each, power_of)
            if part is None:
                return None
            whole = whole + part if isinstance(expr, sp.Add) else whole * part
        return whole
    return None


def written(polynomial: Polynomial, unknown: sp.Expr) -> sp.Expr:
    """A polynomial in factors: number, power of the unknown, and a rest with whole coefficients."""
    lowest = next((at for at, value in enumerate(polynomial) if value), 0)
    rest = polynomial[lowest:]
    if len(rest) > 2 or (len(rest) == 2 and not lowest):
        terms = (_number(value) * unknown**at for at, value in enumerate(polynomial))
        return sp.factor(sp.Add(*terms))
    if len(rest) < 2:
        return _number(sum(rest, Fraction(0))) * unknown**lowest
    content = Fraction(
        gcd(*(value.numerator for value in rest)), lcm(*(value.denominator for value in rest))
    )
    content = content if rest[-1] > 0 else -content
    first, second = (_number(value / content) for value in rest)
    return _number(content) * unknown**lowest * (first + second * unknown)


def _number(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def _trimmed(polynomial: Polynomial) -> Polynomial:
    length = len(polynomial)
    while length and not polynomial[length - 1]:
        length -= 1
    return polynomial[:length]


def _sum(left: Polynomial, right: Polynomial) -> Polynomial:
    zero = Fraction(0)
    return _trimmed(tuple(a + b for a, b in zip_longest(left, right, fillvalue=zero)))


def _product(left: Polynomial, right: Polynomial) -> Polynomial:
    if not left or not right:
        return ()
    found = [Fraction(0)] * (len(left) + len(right) - 1)
    for at, a in enumerate(left):
        for to, b in enumerate(right):
            found[at + to] += a * b
    return tuple(found)


def _divided(above: Polynomial, below: Polynomial) -> tuple[Polynomial, Polynomial]:
    """The whole part and the rest."""
    rest = list(above)
    whole = [Fraction(0)] * max(len(above) - len(below) + 1, 0)
    for at in reversed(range(len(whole))):
        whole[at] = rest[at + len(below) - 1] / below[-1]
        for to, value in enumerate(below):
            rest[at + to] -= whole[at] * value
    return _trimmed(tuple(whole)), _trimmed(tuple(rest))


def _evaluated(polynomial: Polynomial, value: Quotient) -> Quotient:
    """Horner's rule, with one denominator: ``sum c[k] p^k q^(n-k) / q^n``."""
    found: Polynomial = ()
    scale = ONE
    for coefficient in reversed(polynomial):
        found = _sum(_product(found, value.above), _product((coefficient,), scale))
        scale = _product(scale, value.below)
    degree = max(len(polynomial) - 1, 0)
    return Quotient(found, (Quotient(value.below) ** degree).above)
