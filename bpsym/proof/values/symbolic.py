"""sympy expressions as values: a formula evaluated with them is written out.

What is drawn becomes a symbol. Sums, products, powers and functions become one node each
(``Part``), so that sympy differentiates every part of a nested expression once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import sympy as sp

from bpsym.proof.brute_force.scalars import given, part
from bpsym.proof.values.algebra import Algebra

_FUNCTIONS: dict[str, type[sp.Function]] = {
    each.__name__: each
    for each in (sp.exp, sp.log, sp.erf, sp.atan, sp.sin, sp.cos, sp.tanh, sp.sinh, sp.cosh)
}


class Symbolic(Algebra[sp.Expr]):
    """Writes formulas out. Signs are not known here, so case distinctions are not either."""

    zero = sp.S.Zero
    one = sp.S.One

    def __init__(self) -> None:
        self._drawn = 0

    def number(self, value: sp.Rational) -> sp.Expr:
        return value

    def total(self, terms: Sequence[sp.Expr]) -> sp.Expr:
        return part(sp.Add(*terms))

    def product(self, factors: Sequence[sp.Expr]) -> sp.Expr:
        return part(sp.Mul(*factors))

    def power(self, base: sp.Expr, exponent: sp.Rational) -> sp.Expr:
        return part(base**exponent)

    def positive(self, value: sp.Expr) -> bool:
        raise NotImplementedError("the sign of an expression")

    def is_zero(self, value: sp.Expr) -> bool:
        raise NotImplementedError("whether an expression is zero")

    def draw(self) -> sp.Expr:
        self._drawn += 1
        return given(f"v{self._drawn}")

    def unknown(self, key: Hashable) -> sp.Expr:
        assert isinstance(key, tuple)
        function, arguments = key
        whole = (sp.Integer(each) if isinstance(each, int) else each for each in arguments)
        return part(function(*whole))

    def function(self, name: str) -> Callable[[sp.Expr], sp.Expr]:
        function = _FUNCTIONS[name]
        return lambda u: part(function(u))

    def pi(self) -> sp.Expr:
        return sp.pi
