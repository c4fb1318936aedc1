"""From a sympy index formula to a Python closure: the tree is walked once, then only called.

A closure takes the list of all indices and sizes, each at its slot, and returns a value of the
algebra. Each sum has a slot of its own for its index, so nested sums cannot disturb each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import eq
from typing import Any, Generic, TypeVar

import sympy as sp

from bpsym.calculus.depth.recursion import Unspecified
from bpsym.calculus.slopes.activation import Opaque, OpaqueSlope
from bpsym.calculus.terms.functions import PRIMITIVES, define
from bpsym.calculus.terms.indexed import Iverson, name_of
from bpsym.proof.evaluate.indices import (
    RELATIONS,
    IndexCompiler,
    Indices,
    Slots,
    Subscripts,
    Test,
    Whole,
)
from bpsym.proof.values.algebra import Algebra

V = TypeVar("V")

# Reads an element of a tensor, by name and subscripts.
Read = Callable[[str, Subscripts], V]
# The value of a function that is not looked into, by the function and its arguments.
Unknown = Callable[[type[sp.Function], tuple[Any, ...]], V]
_PRIMITIVES = tuple(PRIMITIVES.values())


class Compiler(IndexCompiler, Generic[V]):
    """Compiles formulas for one algebra.

    read: the value of an element. unknown: the value of a function that has no definition here.
    whole: the value of an integer function such as the width n(l) of a layer.
    """

    def __init__(
        self,
        algebra: Algebra[V],
        read: Read[V],
        unknown: Unknown[V] | None = None,
        whole: Callable[[str, Subscripts], int] | None = None,
    ) -> None:
        super().__init__(whole)
        self.algebra = algebra
        self.read = read
        self.unknown = unknown
        self._numbers: dict[int, V] = {}

    def value(self, expr: sp.Expr) -> Callable[[Indices], V]:
        """The closure of a formula."""
        return self._value(expr, {})

    def _number(self, value: int) -> V:
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = self.algebra.number(sp.Integer(value))
        return found

    def _value(self, expr: sp.Basic, bound: Slots) -> Callable[[Indices], V]:
        if isinstance(expr, sp.Rational):
            constant = self.algebra.number(expr)
            return lambda indices: constant
        if isinstance(expr, sp.Indexed):
            return self._element(expr, bound)
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr, bound)
        if isinstance(expr, sp.Add):
            terms, total = [self._value(each, bound) for each in expr.args], self.algebra.total
            return lambda indices: total([term(indices) for term in terms])
        if isinstance(expr, sp.Mul):
            return self._product(expr, bound)
        if isinstance(expr, sp.Sum):
            return self._sum(expr, bound)
        if isinstance(expr, sp.KroneckerDelta | Iverson):
            return self._guarded(self._condition(expr, bound), None)
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr, bound)
        if isinstance(expr, sp.Pow):
            return self._power(expr, bound)
        if expr is sp.pi:
            return lambda indices: self.algebra.pi()
        if expr is sp.E:
            e = self.algebra.function("exp")
            return lambda indices: e(self.algebra.one)
        if isinstance(expr, sp.Function):
            return self._function(expr, bound)
        raise NotImplementedError(f"no evaluation of {type(expr).__name__}: {expr}")

    def _symbol(self, symbol: sp.Symbol, bound: Slots) -> Callable[[Indices], V]:
        if symbol.is_integer:
            slot = bound[symbol] if symbol in bound else self.slot(symbol)
            return lambda indices: self._number(indices[slot])
        read, name = self.read, symbol.name
        return lambda indices: read(name, ())

    def _element(self, node: sp.Indexed, bound: Slots) -> Callable[[Indices], V]:
        read, name = self.read, name_of(node)
        if all(isinstance(each, sp.Symbol) for each in node.indices):
            slots = [bound[each] if each in bound else self.slot(each) for each in node.indices]
            if len(slots) == 1:
                only = slots[0]
                return lambda indices: read(name, (indices[only],))
            if len(slots) == 2:
                first, second = slots
                return lambda indices: read(name, (indices[first], indices[second]))
        places = [self._whole(each, bound) for each in node.indices]
        return lambda indices: read(name, tuple([place(indices) for place in places]))

    def _product(self, expr: sp.Mul, bound: Slots) -> Callable[[Indices], V]:
        """Conditions come first: where one fails, the rest may have no value."""
        guards = [e for e in expr.args if isinstance(e, sp.KroneckerDelta | Iverson)]
        factors = [self._value(e, bound) for e in expr.args if e not in guards]
        product = self.algebra.product

        def value(indices: Indices) -> V:
            return product([factor(indices) for factor in factors])

        if not guards:
            return value
        tests = [self._condition(each, bound) for each in guards]
        return self._guarded(lambda indices: all(test(indices) for test in tests), value)

    def _guarded(self, test: Test, value: Callable[[Indices], V] | None) -> Callable[[Indices], V]:
        zero, one = self.algebra.zero, self.algebra.one
        if value is None:
            return lambda indices: one if test(indices) else zero
        inside = value
        return lambda indices: inside(indices) if test(indices) else zero

    def _sum(self, expr: sp.Sum, bound: Slots) -> Callable[[Indices], V]:
        """The first limit is the innermost; limits may depend on indices further out."""
        total = self.algebra.total
        slots = dict(bound)
        rows: list[tuple[int, Whole, Whole]] = []
        for i, lo, hi in reversed(expr.limits):
            first, last = self._whole(lo, slots), self._whole(hi, slots)
            slots[i] = self._new_slot()
            rows.append((slots[i], first, last))
        body = self._value(expr.function, slots)
        for slot, first, last in reversed(rows):
            body = _loop(total, slot, first, last, body)
        return body

    def _power(self, expr: sp.Pow, bound: Slots) -> Callable[[Indices], V]:
        base, exponent = expr.args
        if not isinstance(exponent, sp.Rational):
            return self._value(sp.exp(exponent * sp.log(base)), bound)
        inside = self._value(base, bound)
        power = self.algebra.positive_power if base.is_number else self.algebra.power
        return lambda indices: power(inside(indices), exponent)

    def _cases(self, expr: sp.Piecewise, bound: Slots) -> Callable[[Indices], V]:
        guards = _common_guards([branch for branch, _ in expr.args])
        without = dict.fromkeys(guards, sp.S.One)
        rows = [
            (self._condition(test, bound), self._value(branch.xreplace(without), bound))
            for branch, test in expr.args
        ]
        choose = self.algebra.choose

        def value(indices: Indices) -> V:
            return choose([(_call(test, indices), _call(branch, indices)) for test, branch in rows])

        if not guards:
            return value
        tests = [self._condition(each, bound) for each in guards]
        return self._guarded(lambda indices: all(test(indices) for test in tests), value)

    def _function(self, expr: sp.Function, bound: Slots) -> Callable[[Indices], V]:
        if isinstance(expr, _PRIMITIVES):
            return self._value(expr.definition(*expr.args), bound)
        if isinstance(expr, Opaque | OpaqueSlope | Unspecified):
            return self._unknown(expr, bound)
        if isinstance(expr, sp.Abs | sp.sign) and _known_sign(expr.args[0]):
            return self._value(expr.args[0] if isinstance(expr, sp.Abs) else sp.S.One, bound)
        function = self.algebra.function(expr.func.__name__)
        argument = self._value(expr.args[0], bound)
        return lambda indices: function(argument(indices))

    def _unknown(self, expr: sp.Function, bound: Slots) -> Callable[[Indices], V]:
        assert self.unknown is not None, f"no value for the function {expr.func}"
        unknown, function = self.unknown, expr.func
        arguments = [
            self._whole(each, bound) if each.is_integer else self._value(each, bound)
            for each in expr.args
        ]
        return lambda indices: unknown(function, tuple([each(indices) for each in arguments]))

    def _condition(self, test: sp.Basic, bound: Slots) -> Test:
        if test is sp.true or test is sp.false:
            holds = test is sp.true
            return lambda indices: holds
        if isinstance(test, Iverson):
            return self._condition(test.args[0], bound)
        if isinstance(test, sp.KroneckerDelta):
            left, right = test.args[:2]
            return self._between(eq, left, right, bound)
        if isinstance(test, sp.And | sp.Or):
            parts = [self._condition(each, bound) for each in test.args]
            both = all if isinstance(test, sp.And) else any
            return lambda indices: both(part(indices) for part in parts)
        if isinstance(test, sp.Not):
            part = self._condition(test.args[0], bound)
            return lambda indices: not part(indices)
        if isinstance(test, sp.ITE):
            which, then, otherwise = (self._condition(each, bound) for each in test.args)
            return lambda indices: then(indices) if which(indices) else otherwise(indices)
        left, right = test.args
        if left.is_integer and right.is_integer:
            return self._between(RELATIONS[test.func], left, right, bound)
        return self._comparison(test, bound)

    def _comparison(self, test: sp.Basic, bound: Slots) -> Test:
        """A comparison of values: the sign of their difference."""
        left, right = (self._value(each, bound) for each in test.args)
        positive, difference = self.algebra.positive, self.algebra.difference
        is_zero = self.algebra.is_zero
        if isinstance(test, sp.Gt):
            return lambda indices: positive(difference(left(indices), right(indices)))
        if isinstance(test, sp.Le):
            return lambda indices: not positive(difference(left(indices), right(indices)))
        if isinstance(test, sp.Lt):
            return lambda indices: positive(difference(right(indices), left(indices)))
        if isinstance(test, sp.Ge):
            return lambda indices: not positive(difference(right(indices), left(indices)))
        if isinstance(test, sp.Eq):
            return lambda indices: is_zero(difference(left(indices), right(indices)))
        if isinstance(test, sp.Ne):
            return lambda indices: not is_zero(difference(left(indices), right(indices)))
        raise NotImplementedError(f"no evaluation of the condition {test}")


def _known_sign(expr: sp.Expr) -> bool:
    """Whether sympy knows an expression to be positive once named functions are defined."""
    return expr.has(*_PRIMITIVES) and define(expr).is_positive is True


def _common_guards(branches: Sequence[sp.Expr]) -> list[sp.Expr]:
    """The conditions on indices that are a factor of every branch that is not zero.

    sympy multiplies a factor into all branches; without this a sign would be asked for where the
    factor is zero.
    """
    factors = [
        {each for each in sp.Mul.make_args(branch) if isinstance(each, sp.KroneckerDelta | Iverson)}
        for branch in branches
        if branch != 0
    ]
    return sorted(set.intersection(*factors), key=sp.default_sort_key) if factors else []


def _loop(
    total: Callable[[list[V]], V],
    slot: int,
    first: Whole,
    last: Whole,
    body: Callable[[Indices], V],
) -> Callable[[Indices], V]:
    def value(indices: Indices) -> V:
        terms = []
        for k in range(first(indices), last(indices) + 1):
            indices[slot] = k
            terms.append(body(indices))
        return total(terms)

    return value


def _call(function: Callable[[Indices], V], indices: Indices) -> Callable[[], V]:
    return lambda: function(indices)
