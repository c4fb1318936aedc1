"""Small sizes to evaluate with: pairwise distinct, so that no transpose can hide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.terms.indexed import name_of, subscripts_of

Sizes = dict[sp.Symbol, int]

# Raising a size to fit one equation may ask for another; chains are as long as the equations.
MOST_ROUNDS = 64


# What a size is mostly taken from; it needs other values only where its degree asks for more.
FEW = (2, 3, 4, 5)


def vectors(counts: Mapping[sp.Symbol, int]) -> list[Sizes]:
    """Assignments of small numbers, in each of them pairwise distinct.

    counts: how many different values each size must take; so many assignments there are.
    """
    found = []
    order = sorted(counts, key=lambda symbol: -counts[symbol])
    for number in range(max(counts.values(), default=1)):
        chosen: Sizes = {}
        for k, symbol in enumerate(order):
            values = FEW if counts[symbol] <= len(FEW) else range(1, counts[symbol] + 1)
            first = (number + k + 1) % len(values)
            turned = (*values[first:], *values[:first])
            # Not 1 in place of what is taken: a softmax over one unit is constant.
            free = (value for value in (*turned, *range(FEW[0], len(order) + FEW[0])))
            chosen[symbol] = next(each for each in free if each not in chosen.values())
        found.append({symbol: chosen[symbol] for symbol in counts})
    return found


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


def size_degree(
    expr: sp.Expr, symbol: sp.Symbol, known: Mapping[str, tuple[int, int]]
) -> tuple[int, int]:
    """The highest and the lowest power of a size in a formula.

    A sum multiplies what does not run with its index by its length. known: the powers within the
    tensors that have equations.
    """
    if isinstance(expr, sp.Indexed) or not expr.args:
        return (1, 1) if expr == symbol else known.get(name_of(expr), (0, 0))
    if isinstance(expr, sp.Sum):
        high, low = size_degree(expr.function, symbol, known)
        longer = (i for i, _, hi in expr.limits if hi.has(symbol))
        return high + sum(_has_constant(expr.function, i) for i in longer), low
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Rational):
        powers = size_degree(expr.base, symbol, known)
        high, low = (int(sp.ceiling(abs(expr.exp))) * power for power in powers)
        return (high, low) if expr.exp > 0 else (-low, -high)
    if isinstance(expr, sp.KroneckerDelta):
        return 0, 0
    parts = [size_degree(each, symbol, known) for each in expr.args if isinstance(each, sp.Expr)]
    if isinstance(expr, sp.Mul):
        return sum(high for high, _ in parts), sum(low for _, low in parts)
    return max((high for high, _ in parts), default=0), min((low for _, low in parts), default=0)


def _has_constant(body: sp.Expr, i: sp.Symbol) -> bool:
    """Whether a sum over i adds up terms that are the same for all i."""
    sums = [body, *body.atoms(sp.Add)]
    return any(not term.has(i) for each in sums for term in sp.Add.make_args(each))
