"""Values of scalar expressions to 40 digits, from mpmath's functions alone.

A point gives a value to every symbol that has no meaning of its own; the others are computed from
what they stand for.
"""

from __future__ import annotations

from collections.abc import Mapping

import mpmath as mp
import sympy as sp

DIGITS = 40
FUNCTIONS = {
    "exp": mp.exp,
    "log": mp.log,
    "tanh": mp.tanh,
    "sin": mp.sin,
    "cos": mp.cos,
    "atan": mp.atan,
    "erf": mp.erf,
    "Abs": abs,
    "sign": mp.sign,
    "sigmoid": lambda u: 1 / (1 + mp.exp(-u)),
    "softplus": lambda u: mp.log(1 + mp.exp(u)),
    "normal_cdf": mp.ncdf,
    "normal_pdf": mp.npdf,
    "log_cosh": lambda u: mp.log(mp.cosh(u)),
}
RELATIONS = {">": mp.mpf.__gt__, ">=": mp.mpf.__ge__, "<": mp.mpf.__lt__, "<=": mp.mpf.__le__}


class Values:
    """Evaluates expressions that share their parts, each part once."""

    def __init__(
        self, point: Mapping[sp.Symbol, mp.mpf], meanings: Mapping[sp.Expr, sp.Expr] | None = None
    ) -> None:
        self.meanings = dict(meanings or {})
        self.known: dict[sp.Basic, mp.mpf | bool] = dict(point)

    def __call__(self, node: sp.Basic) -> mp.mpf | bool:
        if node not in self.known:
            self.known[node] = self._value(node)
        return self.known[node]

    def _value(self, node: sp.Basic) -> mp.mpf | bool:
        if node in self.meanings:
            return self(self.meanings[node])
        if node.is_Rational:
            return mp.mpf(node.p) / node.q
        if node is sp.pi:
            return +mp.pi
        if node in (sp.true, sp.false):
            return bool(node)
        if isinstance(node, sp.Piecewise):
            return next(self(value) for value, condition in node.args if self(condition))
        if type(node).__name__ == "where":
            condition, then, otherwise = node.args
            return self(then) if self(condition) else self(otherwise)
        values = [self(child) for child in node.args]
        if node.is_Add:
            return mp.fsum(values)
        if node.is_Mul:
            return mp.fprod(values)
        if node.is_Pow:
            return mp.power(*values)
        if node.is_Relational:
            return RELATIONS[node.rel_op](*values)
        return FUNCTIONS[type(node).__name__](*values)


def near(left: mp.mpf, right: mp.mpf) -> bool:
    """Equal to 30 of the 40 digits."""
    return mp.almosteq(left, right, rel_eps=mp.mpf(10) ** -30, abs_eps=mp.mpf(10) ** -30)
