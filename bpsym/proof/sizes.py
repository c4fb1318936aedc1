"""Small sizes to evaluate with: pairwise distinct, so that no transpose can hide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.indexed import name_of, subscripts_of

Sizes = dict[sp.Symbol, int]

# Raising a size to fit one equation may ask for another; chains are as long as the equations.
MOST_ROUNDS = 64


def vectors(symbols: Sequence[sp.Symbol], count: int) -> list[Sizes]:
    """``count`` assignments of distinct small numbers; no size has the same value in two."""
    pool = [2, 3, 1, *range(4, max(len(symbols), count) + 1)]
    pool = pool[: max(len(symbols), count, 2)]
    return [
        {symbol: pool[(k + shift) % len(pool)] for k, symbol in enumerate(symbols)}
        for shift in range(count)
    ]


def fitted(
    sizes: Sizes, equations: Iterable[Equation], shapes: Mapping[str, Sequence[sp.Symbol]]
) -> Sizes:
    """Raise sizes until every shifted subscript stays inside its tensor."""
    shifted = [
        (node, equation)
        for equation in equations
        for node in (*equation.rhs.atoms(sp.Indexed), equation.lhs)
        if any(not isinstance(s, sp.Symbol) for s in subscripts_of(node))
    ]
    if not shifted:
        return sizes
    sizes = dict(sizes)
    for _ in range(MOST_ROUNDS):
        changed = False
        for node, equation in shifted:
            for size, needed in zip(
                shapes.get(name_of(node), ()), _largest(node, equation, sizes), strict=False
            ):
                if needed > sizes.get(size, needed):
                    sizes[size], changed = needed, True
        if not changed:
            return sizes
    raise ValueError("no sizes fit the shifted subscripts of " + str(shifted[0][1].lhs))


def _largest(node: sp.Expr, equation: Equation, sizes: Sizes) -> list[int]:
    """The largest value of each subscript of an element over the ranges of its indices."""
    ranges = {i: (each.first, each.last) for i, each in equation.ranges.items()}
    for each in equation.rhs.atoms(sp.Sum):
        ranges |= {i: (lo, hi) for i, lo, hi in each.limits}
    found = []
    for subscript in subscripts_of(node):
        largest = {
            i: hi if subscript.coeff(i).is_positive else lo for i, (lo, hi) in ranges.items()
        }
        found.append(int(subscript.xreplace(largest).xreplace(sizes)))
    return found


def size_degree(expr: sp.Expr, known: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """The highest and the lowest power of the sizes, taken together, in a formula.

    A sum multiplies what does not run with its index by its size. known: the powers within the
    tensors that have equations.
    """
    if isinstance(expr, sp.Symbol) and expr.is_integer and expr.is_positive:
        return 1, 1
    if isinstance(expr, sp.Indexed) or not expr.args:
        return known.get(name_of(expr), (0, 0))
    if isinstance(expr, sp.Sum):
        high, low = size_degree(expr.function, known)
        return high + sum(_has_constant(expr.function, i) for i, _, _ in expr.limits), low
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Rational):
        high, low = (int(sp.ceiling(abs(expr.exp))) * d for d in size_degree(expr.base, known))
        return (high, low) if expr.exp > 0 else (-low, -high)
    if isinstance(expr, sp.KroneckerDelta):
        return 0, 0
    parts = [size_degree(each, known) for each in expr.args if isinstance(each, sp.Expr)]
    if isinstance(expr, sp.Mul):
        return sum(high for high, _ in parts), sum(low for _, low in parts)
    return max((high for high, _ in parts), default=0), min((low for _, low in parts), default=0)


def _has_constant(body: sp.Expr, i: sp.Symbol) -> bool:
    """Whether a sum over i adds up terms that are the same for all i."""
    sums = [body, *body.atoms(sp.Add)]
    return any(not term.has(i) for each in sums for term in sp.Add.make_args(each))
