"""Integer expressions in indices and sizes as closures: subscripts, limits of sums, conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne

import sympy as sp

Indices = list[int]
Subscripts = tuple[int, ...]
Whole = Callable[[Indices], int]
Test = Callable[[Indices], bool]
Slots = Mapping[sp.Symbol, int]

RELATIONS: Mapping[type, Callable[[int, int], bool]] = {
    sp.Eq: eq,
    sp.Ne: ne,
    sp.Ge: ge,
    sp.Gt: gt,
    sp.Le: le,
    sp.Lt: lt,
}


class IndexCompiler:
    """Gives every index and size a slot in one list, and compiles what is made of them.

    whole: the value of an integer function such as the width n(l) of a layer.
    """

    def __init__(self, whole: Callable[[str, Subscripts], int] | None = None) -> None:
        self.whole_function = whole
        self.slots: dict[sp.Symbol, int] = {}
        self.width = 0

    def slot(self, symbol: sp.Symbol) -> int:
        """The place of a free index or a size."""
        found = self.slots.get(symbol)
        if found is None:
            found = self.slots[symbol] = self._new_slot()
        return found

    def indices(self, values: Mapping[sp.Symbol, int]) -> Indices:
        """A list with these values at their slots, for closures compiled so far."""
        result = [0] * self.width
        for symbol, value in values.items():
            slot = self.slots.get(symbol)
            if slot is not None:
                result[slot] = value
        return result

    def whole(self, expr: sp.Expr) -> Whole:
        """The closure of an integer expression in indices and sizes."""
        return self._whole(expr, {})

    def _new_slot(self) -> int:
        self.width += 1
        return self.width - 1

    def _between(
        self, relation: Callable[[int, int], bool], left: sp.Expr, right: sp.Expr, bound: Slots
    ) -> Test:
        if isinstance(left, sp.Symbol) and isinstance(right, sp.Symbol):
            first, second = (bound[i] if i in bound else self.slot(i) for i in (left, right))
            return lambda indices: relation(indices[first], indices[second])
        one, other = self._whole(left, bound), self._whole(right, bound)
        return lambda indices: relation(one(indices), other(indices))

    def _whole(self, expr: sp.Expr, bound: Slots) -> Whole:
        if isinstance(expr, sp.Integer):
            constant = int(expr)
            return lambda indices: constant
        if isinstance(expr, sp.Symbol):
            slot = bound[expr] if expr in bound else self.slot(expr)
            return lambda indices: indices[slot]
        if isinstance(expr, sp.Add):
            terms = [self._whole(each, bound) for each in expr.args]
            return lambda indices: sum([term(indices) for term in terms])
        if isinstance(expr, sp.Mul):
            factors = [self._whole(each, bound) for each in expr.args]
            return lambda indices: _multiplied(factors, indices)
        if isinstance(expr, sp.core.function.AppliedUndef) and self.whole_function is not None:
            function, name = self.whole_function, expr.func.__name__
            arguments = [self._whole(each, bound) for each in expr.args]
            return lambda indices: function(name, tuple([each(indices) for each in arguments]))
        raise NotImplementedError(f"no integer evaluation of {type(expr).__name__}: {expr}")


def _multiplied(factors: list[Whole], indices: Indices) -> int:
    result = 1
    for factor in factors:
        result *= factor(indices)
    return result
