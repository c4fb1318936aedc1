"""Evaluation of large scalar expressions: every distinct part of them once for each point."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import sympy as sp

from bpsym.proof.brute_force.scalars import Part, Unopened
from bpsym.proof.evaluate.compiled import Compiler
from bpsym.proof.evaluate.functions import Activations
from bpsym.proof.evaluate.indices import Indices
from bpsym.proof.values.algebra import Algebra, RedrawError, UndefinedError


class Shared(Compiler[Any]):
    """Evaluates expressions without indices, every distinct part of them once for each point."""

    def __init__(self, algebra: Algebra[Any], read: Callable[[sp.Symbol], Any]) -> None:
        super().__init__(algebra, lambda name, place: None, Activations(algebra))
        self._read_symbol = read
        self._closures: dict[sp.Basic, Callable[[Indices], Any]] = {}
        self.values: dict[sp.Basic, Any] = {}

    def _value(self, expr: Any, bound: Any) -> Callable[[Indices], Any]:
        found = self._closures.get(expr)
        if found is None:
            found = self._closures[expr] = self._once(expr, self._inner(expr, bound))
        return found

    def _inner(self, expr: Any, bound: Any) -> Callable[[Indices], Any]:
        if isinstance(expr, Part):
            return self._value(expr.content, bound)
        if isinstance(expr, sp.Symbol):
            read = self._read_symbol
            return lambda indices: read(expr)
        if isinstance(expr, Unopened):
            return self._unknown(expr.opened(*expr.args), bound)
        return super()._value(expr, bound)

    def _once(self, expr: sp.Basic, closure: Callable[[Indices], Any]) -> Callable[[Indices], Any]:
        values = self.values

        def value(indices: Indices) -> Any:
            found = values.get(expr)
            if found is None:
                found = values[expr] = closure(indices)
            return found

        return value


def evaluate_parts(closures: Iterable[Callable[[Indices], Any]]) -> None:
    """Evaluate parts in an order in which each finds its own parts ready: no deep recursion.

    A part that has no value may not be needed (the other branch of a case distinction).
    """
    for closure in closures:
        with suppress(RedrawError, UndefinedError):
            closure([])
