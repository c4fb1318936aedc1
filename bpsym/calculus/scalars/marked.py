"""The raw derivative with its brackets marked: which part of it is whose.

sympy's derivative of a nested expression is nested in the same way: inside it stand the values of
the units, z1[2], and the rest of every path, dz1[2]/dW1[2,1]. Here each unit has both once, in
terms of the units it reads. ``written`` puts them back into one expression, naming as many units
as wanted; with none named, that is the raw derivative itself, which ``is_derivative`` tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sympy as sp

from bpsym.calculus.scalars.cost import plain_rows
from bpsym.calculus.scalars.tidy import Tidy
from bpsym.calculus.scalars.unroll import Unrolled

# The symbol that stands for the parameter where sympy must see that units depend on it.
_ALONG = sp.Dummy("w", real=True)


class Marked:
    """The derivative of the cost by one symbol, unit by unit.

    rests: for each unit that depends on the symbol, a symbol for the derivative of that unit.
    """

    def __init__(self, unrolled: Unrolled, leaf: sp.Symbol) -> None:
        self.unrolled = unrolled
        self.leaf = leaf
        self.rests: dict[sp.Symbol, sp.Symbol] = {}
        self._slopes: dict[sp.Symbol, sp.Expr] = {}
        products: dict[sp.Expr, sp.Expr] = {}
        for symbol, rhs in plain_rows(unrolled).items():
            # sympy flattens a product in a product and differentiates the longer one.
            flat = _with_products(rhs, products, inside=False)
            if isinstance(flat, sp.Mul):
                products[symbol] = flat
            elif flat in products:
                products[symbol] = products[flat]
            self._add(symbol, self._derivative(flat))
        self._cost = self._derivative(unrolled.cost)

    def _add(self, symbol: sp.Symbol, slope: sp.Expr) -> None:
        if slope != 0:
            self._slopes[symbol] = slope
            self.rests[symbol] = sp.Dummy(f"d{symbol.name}", real=True)

    def _derivative(self, expr: sp.Expr) -> sp.Expr:
        """sympy's derivative, the derivatives of the units it reads as symbols."""
        units = {
            unit: sp.Function(f"unit{number}", real=True)(_ALONG)
            for number, unit in enumerate(self.rests)
            if expr.has(unit)
        }
        slope = sp.diff(expr.xreplace({**units, self.leaf: _ALONG}), _ALONG)
        rests = {sp.Derivative(unit, _ALONG): self.rests[each] for each, unit in units.items()}
        names = {unit: each for each, unit in units.items()}
        return slope.xreplace(rests).xreplace({**names, _ALONG: self.leaf})

    def written(self, named: Collection[str] = ()) -> sp.Expr:
        """The derivative as one expression in which the units of these tensors are names."""
        parts: dict[sp.Symbol, sp.Expr] = {}
        rows = plain_rows(self.unrolled)
        for symbol, row in self.unrolled.rows.items():
            if symbol in self.rests:
                parts[self.rests[symbol]] = self._slopes[symbol].xreplace(parts)
            if row.tensor not in named:
                parts[symbol] = rows[symbol].xreplace(parts)
        return self._cost.xreplace(parts)

    def is_derivative(self, raw: sp.Expr) -> bool:
        """Whether an expression is this derivative, but for where common factors stand."""
        tidy = Tidy(one_sign=True)
        return bool(tidy(raw) == tidy(self.written()))


def _with_products(node: sp.Expr, products: Mapping[sp.Expr, sp.Expr], *, inside: bool) -> sp.Expr:
    """Units that are products, written out where they stand in a product themselves."""
    if isinstance(node, sp.Mul) or (isinstance(node, sp.Pow) and node.exp.is_Integer):
        return node.func(*(_with_products(each, products, inside=True) for each in node.args))
    if isinstance(node, sp.Add):
        return node.func(*(_with_products(each, products, inside=False) for each in node.args))
    return products.get(node, node) if inside else node
