"""A sum inside a function becomes an equation of its own, its pre-activation.

    g = sigmoid(sum_j U[i,j] s[j] + c[i]) * s[i]
    z = sum_j U[i,j] s[j] + c[i],   f = sigmoid(z),   g = f * s

Then no derivative ever repeats a sum, and every quantity that a backward pass needs has a name.
A log-sum-exp is one function and stays whole: its sum alone would overflow where it does not.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.terms.indexed import element

Namer = Callable[[str], str]


def flatten(
    equation: Equation, sizes: Callable[[sp.Symbol], sp.Expr], fresh: Namer
) -> list[Equation]:
    """The equation and, before it, an equation for each function of a sum.

    sizes: the size of an index. fresh: a new tensor name for a wish such as ``z`` or ``f``.
    """
    found: list[Equation] = []
    known: dict[sp.Expr, sp.Expr] = {}

    def name(wish: str, value: sp.Expr) -> sp.Expr:
        if value in known:
            return known[value]
        bound = {limit[0] for each in value.atoms(sp.Sum) for limit in each.limits}
        inside = {
            s for node in value.atoms(sp.Indexed) for i in node.indices for s in i.free_symbols
        }
        indices = sorted(
            (s for s in inside - bound if s.is_integer and not s.is_positive),
            key=lambda s: (
                s not in equation.ranges,
                list(equation.ranges).index(s) if s in equation.ranges else 0,
                s.name,
            ),
        )
        left = element(fresh(wish), *indices)
        ranges = {i: equation.ranges.get(i, Range.upto(sizes(i))) for i in indices}
        found.append(Equation(left, value, ranges))
        known[value] = left
        return left

    def visit(node: sp.Basic, whole: bool) -> sp.Basic:
        if isinstance(node, sp.Indexed) or not node.has(sp.Sum):
            return node
        if isinstance(node, sp.Sum):
            return sp.Sum(visit(node.function, False), *node.limits)
        if isinstance(node, sp.Function) and len(node.args) == 1:
            argument = visit(node.args[0], False)
            if not isinstance(argument, sp.Indexed) and not _is_log_sum_exp(node):
                argument = name("z", argument)
            applied = node.func(argument)
            return applied if whole else name("f", applied)
        return node.func(*(visit(child, False) for child in node.args))

    rhs = visit(equation.rhs, True)
    return [*found, Equation(equation.lhs, rhs, equation.ranges)]


def _is_log_sum_exp(node: sp.Function) -> bool:
    """Whether a function is ``log(sum_r w[r] exp(u[r]))``."""
    (argument,) = node.args
    is_sum = isinstance(node, sp.log) and isinstance(argument, sp.Sum)
    return is_sum and any(
        isinstance(factor, sp.exp) and factor.free_symbols & set(argument.bound_symbols)
        for factor in sp.Mul.make_args(argument.function)
    )
