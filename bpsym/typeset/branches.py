"""Case distinctions as they are written: ``max(0, u)``, ``u [condition]``, or a list of cases."""

from __future__ import annotations

import sympy as sp

from bpsym.calculus.indexed import Iverson


def with_brackets(expr: sp.Expr) -> sp.Expr:
    """Write ``{u if c, 0 otherwise}`` as ``u [c]``, unless it is a maximum or minimum."""
    if not expr.has(sp.Piecewise) or isinstance(expr, sp.Indexed):
        return expr
    if isinstance(expr, sp.Sum):
        return sp.Sum(with_brackets(expr.function), *expr.limits)
    if isinstance(expr, sp.Piecewise):
        parts = [(with_brackets(value), test) for value, test in expr.args]
        if as_extreme(expr) is not None:
            return expr
        return _one_bracket(parts) or sp.Piecewise(*parts, evaluate=False)
    return expr.func(*(with_brackets(each) for each in expr.args))


def as_extreme(node: sp.Piecewise) -> tuple[str, tuple[sp.Expr, sp.Expr]] | None:
    """``("max", (u, v))`` for ``{u if u > v, v otherwise}``; where u = v both branches agree."""
    if len(node.args) != 2 or node.args[1][1] != sp.true:
        return None
    (then, test), (otherwise, _) = node.args
    if not isinstance(test, sp.Gt | sp.Ge | sp.Lt | sp.Le):
        return None
    larger, chosen = sp.expand(test.gts - test.lts), sp.expand(then - otherwise)
    if larger == chosen:
        return "max", (then, otherwise)
    if larger == sp.expand(-chosen):
        return "min", (then, otherwise)
    return None


def _one_bracket(parts: list[tuple[sp.Expr, sp.Basic]]) -> sp.Expr | None:
    """``u [c]`` where one branch alone is not zero; its condition excludes those before it."""
    places = [at for at, (value, _) in enumerate(parts) if value != 0]
    if len(places) != 1 or parts[-1][1] != sp.true:
        return None
    (place,) = places
    value, test = parts[place]
    earlier = [sp.Not(other) for _, other in parts[:place]]
    return value * Iverson(sp.And(*earlier, test))
