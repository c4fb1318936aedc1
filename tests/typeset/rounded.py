"""Numbers as they are printed, with what their rounding may make of a result.

A reader with a pocket calculator gets, from printed numbers, a result that is off by what was
rounded. ``Rounded`` computes both to first order: the value from the printed digits, and how far
the value from unrounded numbers can be from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Comparison,
    Decimal,
    Formula,
    Joint,
    Matrix,
    Number,
    Power,
    Prime,
    Product,
    Quotient,
    Terms,
    Transpose,
)

_STEP = 1e-7


@dataclass(frozen=True)
class Rounded:
    """A number and the most by which it may be off."""

    value: float
    error: float = 0.0

    def __add__(self, other: Rounded) -> Rounded:
        return Rounded(self.value + other.value, self.error + other.error)

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, self.error)

    def __mul__(self, other: Rounded) -> Rounded:
        error = abs(self.value) * other.error + abs(other.value) * self.error
        return Rounded(self.value * other.value, error + self.error * other.error)

    def apply(self, function: Callable[[float], float]) -> Rounded:
        """A function of it."""
        near = [function(self.value + sign * max(self.error, _STEP)) for sign in (1, -1)]
        value = function(self.value)
        error = max(abs(each - value) for each in near) if self.error else 0.0
        return Rounded(value, error)

    def agrees(self, other: Rounded) -> bool:
        """Whether both may be roundings of one number."""
        allowed = self.error + other.error
        return abs(self.value - other.value) <= 1.01 * allowed + 1e-12 * abs(self.value) + 1e-300


def sigmoid(u: float) -> float:
    return 1 / (1 + math.exp(-u))


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sigmoid": sigmoid,
    "relu": lambda u: max(u, 0.0),
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "abs": abs,
    "sigmoid'": lambda u: sigmoid(u) * (1 - sigmoid(u)),
    "leaky_relu": lambda u: u if u > 0 else 0.01 * u,
    "leaky_relu'": lambda u: 1.0 if u > 0 else 0.01,
}


class Reader:
    """Reads numeric formulas. digits: the significant digits that results are rounded to."""

    def __init__(self, digits: int, *, samples_in_rows: bool) -> None:
        self.digits = digits
        self.axis = 1 if samples_in_rows else 0

    def of(self, formula: Formula) -> Any:
        """A Rounded, or an array of them."""
        match formula:
            case Number(value):
                return Rounded(float(value))
            case Decimal(value, text):
                return self._decimal(value, text)
            case Terms(terms):
                total: Any = None
                for sign, term in terms:
                    each = self.of(term)
                    each = each if sign > 0 else -each
                    total = each if total is None else _added(total, each)
                return total
            case Product(factors, joint):
                return self._product([self.of(each) for each in factors], joint)
            case Quotient(above, below):
                inverse = _each(lambda u: u.apply(lambda v: 1 / v), self.of(below))
                return self._product([self.of(above), inverse], Joint.DOT)
            case Power(base, exponent):
                return _each(lambda u: u.apply(lambda v: v ** float(exponent)), self.of(base))
            case Apply("max", arguments):
                return max(map(self.of, arguments), key=lambda each: each.value)
            case Apply("softmax", (argument,)):
                return self._softmax(self.of(argument))
            case Apply("np.sum", (argument, *keywords)):
                return self._summed(self.of(argument), [each.name for each in keywords])  # type: ignore[union-attr]
            case Apply(function, (argument,)):
                name = f"{function.function}'" if isinstance(function, Prime) else function
                return _each(lambda u: u.apply(FUNCTIONS[name]), self.of(argument))
            case Bracket(Comparison(first, ((">", second),))):
                difference = _added(self.of(first), -self.of(second))
                return _each(lambda u: Rounded(float(u.value > 0)), difference)
            case Matrix(rows):
                return np.array([[self.of(each) for each in row] for row in rows], dtype=object)
            case Transpose(argument):
                return self.of(argument).T
        raise KeyError(type(formula).__name__)

    def _decimal(self, value: float, text: str) -> Rounded:
        printed = float(Fraction(text))
        if printed == value:
            return Rounded(printed)
        exponent = math.floor(math.log10(abs(printed)))
        return Rounded(printed, 0.5 * 10.0 ** (exponent - self.digits + 1))

    def _product(self, factors: list[Any], joint: Joint) -> Any:
        found = factors[0]
        for each in factors[1:]:
            matrices = isinstance(found, np.ndarray) and isinstance(each, np.ndarray)
            if matrices and joint is Joint.BESIDE:
                found = np.dot(found, each)
            else:
                found = each * found if isinstance(found, Rounded) else found * each
        return found

    def _softmax(self, z: Any) -> Any:
        powers = _each(lambda u: u.apply(math.exp), z)
        total = powers.sum(axis=self.axis, keepdims=True)
        return powers * _each(lambda u: u.apply(lambda v: 1 / v), total)

    def _summed(self, array: Any, keywords: list[str]) -> Any:
        axis = next((int(each[-1]) for each in keywords if each.startswith("axis")), None)
        found = array.sum(axis=axis, keepdims="keepdims=True" in keywords)
        return found[None, :] if isinstance(found, np.ndarray) and found.ndim == 1 else found


def _added(left: Any, right: Any) -> Any:
    return right + left if isinstance(left, Rounded) else left + right


def _each(function: Callable[[Rounded], Rounded], value: Any) -> Any:
    if isinstance(value, Rounded):
        return function(value)
    return np.frompyfunc(function, 1, 1)(value)


def agree(left: Any, right: Any) -> bool:
    """Whether two readings may be the same numbers."""
    if isinstance(left, Rounded) and isinstance(right, Rounded):
        return left.agrees(right)
    left, right = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    left, right = np.broadcast_arrays(left, right)
    return all(a.agrees(b) for a, b in zip(left.flat, right.flat, strict=True))
