"""Expressions in single scalars as formulas: ``W1[2,1]`` is the letter W with numbers below it.

The calculus writes a small network out with one symbol for each element, in
``bpsym.calculus.scalars.unroll``. Here each of them becomes the symbol of its tensor, with numbers
for subscripts; a notation then renames it like any other. Formulas are those of one sample, the
first.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from bpsym.calculus.scalars.unroll import Unrolled
from bpsym.calculus.terms.cases import where
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.symbols import SymbolTable
from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Formula,
    Number,
    Product,
    Symbol,
    flat_cases,
)


class ScalarTranslator(Translator):
    """Writes expressions in the scalars of one unrolled system."""

    def __init__(self, table: SymbolTable, unrolled: Unrolled) -> None:
        super().__init__(table, dict(_scalars(table, unrolled)))

    def _unsigned(self, expr: sp.Basic, bound: tuple[str, ...]) -> Formula:
        if isinstance(expr, where):
            test, then, otherwise = expr.args
            return self._where(test, then, otherwise, bound)
        return super()._unsigned(expr, bound)

    def _where(
        self, test: sp.Basic, then: sp.Expr, otherwise: sp.Expr, bound: tuple[str, ...]
    ) -> Formula:
        """``max(0, z)``, a bracket that is 1 or 0, or a list of cases."""
        zero = otherwise == 0
        if zero and isinstance(test, sp.Gt | sp.Ge) and test.rhs == 0 and test.lhs == then:
            return Apply("max", (Number(Fraction(0)), self._formula(then, bound)))
        condition = self._condition(test, bound)
        if zero and then == 1:
            return Bracket(condition)
        if zero:
            sign, value = self._signed(then, bound)
            if sign > 0:
                factors = value.factors if isinstance(value, Product) else (value,)
                return Product((Bracket(condition), *factors))
        return flat_cases(
            ((self._formula(then, bound), condition), (self._formula(otherwise, bound), None))
        )


def _scalars(table: SymbolTable, unrolled: Unrolled) -> Iterator[tuple[sp.Symbol, Symbol]]:
    for tensor in unrolled.system.tensors.values():
        for place in unrolled.places(tensor.name):
            numbers = tuple(Number(Fraction(each)) for each in place)
            for name in (tensor.name, tensor.adjoint):
                yield unrolled.symbol(name, place), table.tensor(name, numbers)
