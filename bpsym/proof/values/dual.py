"""Values with their derivatives: differentiation of numbers, independent of any formula's.

A dual number is ``v + d e`` with ``e e = 0``; each function carries its derivative as a rule.
Source: Griewank and Walther, Evaluating Derivatives (2008), ch. 3 (forward mode).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import sympy as sp

from bpsym.proof.values.algebra import Algebra
from bpsym.proof.values.degrees import Degrees, all_branches, largest

V = TypeVar("V")


class Dual(NamedTuple, Generic[V]):
    """A value and its derivative."""

    value: V
    slope: V


class DualNumbers(Algebra[Dual[V]]):
    """Dual numbers over another algebra."""

    def __init__(self, base: Algebra[V]) -> None:
        self.base = base
        self.zero = Dual(base.zero, base.zero)
        self.one = Dual(base.one, base.zero)
        self._rules = _rules(base)

    def number(self, value: sp.Rational) -> Dual[V]:
        return Dual(self.base.number(value), self.base.zero)

    def total(self, terms: Sequence[Dual[V]]) -> Dual[V]:
        total = self.base.total
        return Dual(total([v for v, _ in terms]), total([d for _, d in terms]))

    def product(self, factors: Sequence[Dual[V]]) -> Dual[V]:
        product, total = self.base.product, self.base.total
        value, slope = self.base.one, self.base.zero
        for v, d in factors:
            slope = total((product((slope, v)), product((value, d))))
            value = product((value, v))
        return Dual(value, slope)

    def power(self, base: Dual[V], exponent: sp.Rational) -> Dual[V]:
        if exponent == 0:
            return self.one
        value = self.base.power(base.value, exponent)
        if exponent == 1:
            return base
        if exponent.q == 1:
            lower = self.base.power(base.value, exponent - 1)
        else:  # the same root once more, so that no second one is chosen
            lower = self.base.product((value, self.base.power(base.value, sp.S.NegativeOne)))
        return Dual(value, self.base.product((self.base.number(exponent), lower, base.slope)))

    def positive_power(self, base: Dual[V], exponent: sp.Rational) -> Dual[V]:
        return Dual(self.base.positive_power(base.value, exponent), self.base.zero)

    def positive(self, value: Dual[V]) -> bool:
        return self.base.positive(value.value)

    def is_zero(self, value: Dual[V]) -> bool:
        return self.base.is_zero(value.value)

    def choose(
        self, branches: Sequence[tuple[Callable[[], bool], Callable[[], Dual[V]]]]
    ) -> Dual[V]:
        if not isinstance(self.base, Degrees):
            return super().choose(branches)
        values = all_branches(branches)
        above: Any = largest([each.value for each in values])  # type: ignore[misc]
        slope: Any = largest([each.slope for each in values])  # type: ignore[misc]
        return Dual(above, slope)

    def decide(self, value: Dual[V], positive: bool) -> None:
        self.base.decide(value.value, positive)

    def vary(self) -> None:
        self.base.vary()

    def draw(self) -> Dual[V]:
        return Dual(self.base.draw(), self.base.zero)

    def unknown(self, key: Hashable) -> Dual[V]:
        return Dual(self.base.unknown(key), self.base.zero)

    def pi(self) -> Dual[V]:
        return Dual(self.base.pi(), self.base.zero)

    def function(self, name: str) -> Callable[[Dual[V]], Dual[V]]:
        function, rule, product = self.base.function(name), self._rules[name], self.base.product

        def apply(u: Dual[V]) -> Dual[V]:
            value = function(u.value)
            return Dual(value, product((rule(u.value, value), u.slope)))

        return apply


def _rules(base: Algebra[V]) -> dict[str, Callable[[V, V], V]]:
    """The derivative of each function at u, given u and the value of the function there."""
    number, total, product, power = base.number, base.total, base.product, base.power
    minus_one = sp.S.NegativeOne
    minus, two = number(minus_one), number(sp.Integer(2))

    def square(u: V) -> V:
        return product((u, u))

    def reciprocal(u: V) -> V:
        return power(u, minus_one)

    def nothing(u: V, value: V) -> V:
        return base.zero  # where it jumps, too: that is the convention

    def gauss(u: V, value: V) -> V:
        density = base.function("exp")(product((minus, square(u))))
        return product((two, base.positive_power(base.pi(), -sp.S.Half), density))

    return {
        "exp": lambda u, value: value,
        "log": lambda u, value: reciprocal(u),
        "erf": gauss,
        "atan": lambda u, value: reciprocal(total((base.one, square(u)))),
        "sin": lambda u, value: base.function("cos")(u),
        "cos": lambda u, value: product((minus, base.function("sin")(u))),
        "tanh": lambda u, value: total((base.one, product((minus, square(value))))),
        "sinh": lambda u, value: base.function("cosh")(u),
        "cosh": lambda u, value: base.function("sinh")(u),
        "Abs": lambda u, value: base.function("sign")(u),
        "sign": nothing,
    }
