"""The sum over all paths from the cost to a parameter, cut across at some units.

    derivative = sum over the units at the cut of   before[unit] * rest[unit]

``before`` is what stands in front: the sum over the paths from the cost to the unit. ``rest`` is
the sum over those from the unit to the parameter. At first the cut is at the cost and ``rest`` is
the whole derivative; multiplying out one bracket moves it a unit further down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sympy as sp

from bpsym.calculus.scalars.marked import Marked
from bpsym.calculus.scalars.rewrites import local_slope
from bpsym.calculus.scalars.tidy import Tidy
from bpsym.calculus.terms.from_text import rational
from bpsym.calculus.terms.functions import signs
from bpsym.calculus.terms.indexed import scalar


class Paths:
    """The derivative along its paths, and where it is cut."""

    def __init__(self, marked: Marked) -> None:
        self._rows = marked.unrolled.rows
        self._leaf = marked.leaf
        self._depends = {*marked.rests, marked.leaf}
        self._slopes = {
            (symbol, unit): local_slope(row, unit)
            for symbol, row in self._rows.items()
            for unit in self._below(row.rhs)
        }
        self._find_rests()
        self.before: dict[sp.Symbol, sp.Expr] = {
            scalar(name): rational(weight)
            for name, weight in marked.unrolled.system.objective
            if scalar(name) in self._depends
        }

    def _below(self, expr: sp.Expr) -> list[sp.Symbol]:
        """The units in an expression that depend on the parameter, and the parameter itself."""
        return sorted(expr.free_symbols & self._depends, key=str)

    def _find_rests(self) -> None:
        tidy = Tidy()
        self._rests: dict[sp.Symbol, sp.Expr] = {self._leaf: sp.Integer(1)}
        for symbol, row in self._rows.items():
            if symbol in self._depends:
                terms = [
                    self._slopes[symbol, unit] * self._rests[unit] for unit in self._below(row.rhs)
                ]
                self._rests[symbol] = tidy(sp.Add(*terms))

    def rewrite_slopes(self, rewrite: Callable[[sp.Expr], sp.Expr]) -> None:
        """Change how one unit depends on another, everywhere."""
        self._slopes = {place: rewrite(slope) for place, slope in self._slopes.items()}
        self._find_rests()

    def written(self) -> sp.Expr:
        """The derivative as one expression."""
        terms = (before * self._rests[unit] for unit, before in self.before.items())
        return signs(Tidy()(sp.Add(*terms)))

    def reached(self, tensor: str) -> list[sp.Symbol]:
        """The units of a tensor at which the sum is cut."""
        return [unit for unit in self.before if self._tensor(unit) == tensor]

    def _tensor(self, unit: sp.Symbol) -> str | None:
        return None if unit == self._leaf else self._rows[unit].tensor

    def multiply_out(self, units: Iterable[sp.Symbol]) -> None:
        """Move the cut from these units to the units that they read, and collect there."""
        for unit in units:
            front = Tidy()(self.before.pop(unit))
            below = self._below(self._rows[unit].rhs)
            tensors = [self._tensor(each) for each in below]
            for each, tensor in zip(below, tensors, strict=True):
                slope = self._slopes[unit, each]
                # A unit that reads several of a layer has a bracket of paths for each of them.
                terms = sp.Add.make_args(slope) if tensors.count(tensor) > 1 else (slope,)
                more = sp.Add(*(front * term for term in terms))
                self.before[each] = self.before.get(each, sp.Integer(0)) + more
