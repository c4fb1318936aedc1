"""Case distinctions as they are written: ``max(0, u)``, ``u [condition]``, or a list of cases."""

from __future__ import annotations

import sympy as sp

from bpsym.calculus.terms.indexed import Iverson


class Branches(sp.Function):
    """A case distinction that stays where it stands: ``Branches(value, test, value, test, ...)``.

    sympy takes a Piecewise out of a sum inside another sum, though its tests may have the index of
    the inner sum in them.
    """

    def _eval_is_real(self) -> bool:
        return True

    def cases(self) -> sp.Piecewise:
        """The case distinction itself, not to be put into a sum."""
        pairs = zip(self.args[::2], self.args[1::2], strict=True)
        return sp.Piecewise(*pairs, evaluate=False)


def held(expr: sp.Expr) -> sp.Expr:
    """The expression with its case distinctions as ``Branches``."""
    return expr.replace(
        lambda node: isinstance(node, sp.Piecewise),
        lambda node: Branches(*(part for pair in node.args for part in pair)),
    )


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
