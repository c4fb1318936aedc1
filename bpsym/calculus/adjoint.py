"""The one rule: how an equation that reads a tensor contributes to that tensor's adjoint.

    adj_V[v]  +=  sum over f and the bound indices of   adj_T[f] * d(rhs)/d(V[s]) * [s = v]

Subscripts are affine, so ``s = v`` is linear: it is solved for the summed indices with coefficient
1 or -1, and what cannot be solved stays as a condition ``[s = v]``. A range that the solution may
leave stays as a guard. Reverse mode on index equations; source: Griewank and Walther, Evaluating
Derivatives (2008), ch. 3, with the sums kept symbolic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.slopes.differentiate import differentiate
from bpsym.calculus.terms.indexed import (
    Iverson,
    kronecker,
    places_outside_sums,
    subscripts_of,
    top_sums,
    total,
)

Limit = tuple[sp.Symbol, sp.Expr, sp.Expr]


@dataclass(frozen=True)
class Partial:
    """``d(expr)/d(V[subscripts])`` for one place where V is read, summed over ``limits``."""

    subscripts: tuple[sp.Expr, ...]
    limits: tuple[Limit, ...]
    derivative: sp.Expr


@dataclass(frozen=True)
class Contribution:
    """One reader's part of an adjoint, as the rule states it and after solving ``s = v``."""

    stated: sp.Expr
    solved: sp.Expr


def partials(expr: sp.Expr, tensor: str) -> list[Partial]:
    """The partial derivatives of an expression, one for each place where it reads the tensor.

    A sum is one atom of what is around it and is differentiated by itself, so that no bound index
    is ever captured.
    """
    sums = top_sums(expr)
    found = [
        Partial(subscripts_of(node), (), differentiate(expr, node))
        for node in places_outside_sums(expr, tensor)
    ]
    for each in sums:
        inner = partials(each.function, tensor)
        if not inner:
            continue
        outer = differentiate(expr, each)
        for partial in inner:
            found.append(_enclose(partial, each.limits, outer))
    return [partial for partial in found if partial.derivative != 0]


def _enclose(partial: Partial, limits: Sequence[Limit], outer: sp.Expr) -> Partial:
    """Pass a partial derivative out of a sum: its bound indices, made fresh, are now summed."""
    fresh = {limit[0]: sp.Dummy(limit[0].name, integer=True) for limit in limits}
    outermost_first = tuple(reversed(tuple(limits)))
    return Partial(
        tuple(subscript.xreplace(fresh) for subscript in partial.subscripts),
        tuple((fresh[i], lo.xreplace(fresh), hi.xreplace(fresh)) for i, lo, hi in outermost_first)
        + tuple((i, lo.xreplace(fresh), hi.xreplace(fresh)) for i, lo, hi in partial.limits),
        outer * partial.derivative.xreplace(fresh),
    )


def pull_back(
    equation: Equation,
    adjoint: sp.Expr,
    tensor: str,
    free: Sequence[sp.Symbol],
    ranges: Sequence[Range],
) -> list[Contribution]:
    """What ``equation`` adds to the adjoint of ``tensor`` at the indices ``free``.

    adjoint: the adjoint of the equation's left side, at the subscripts of that left side.
    free: one symbol per dimension of the tensor, ``ranges`` their values.
    """
    contributions = []
    fresh = {i: sp.Dummy(i.name, integer=True) for i in equation.ranges}
    outer = [
        (fresh[i], each.first.xreplace(fresh), each.last.xreplace(fresh))
        for i, each in equation.ranges.items()
    ]
    for partial in partials(equation.rhs, tensor):
        term = (adjoint * partial.derivative).xreplace(fresh)
        targets = [subscript.xreplace(fresh) for subscript in partial.subscripts]
        limits = outer + [
            (i, lo.xreplace(fresh), hi.xreplace(fresh)) for i, lo, hi in partial.limits
        ]
        deltas = [kronecker(s, v) for s, v in zip(targets, free, strict=True)]
        contributions.append(
            Contribution(
                stated=total(sp.Mul(term, *deltas), reversed(limits)),
                solved=contract(term, limits, targets, free, ranges),
            )
        )
    return contributions


def contract(
    term: sp.Expr,
    limits: Iterable[Limit],
    targets: Sequence[sp.Expr],
    free: Sequence[sp.Symbol],
    ranges: Sequence[Range],
) -> sp.Expr:
    """Sum ``term * prod [targets = free]`` by solving for as many summed indices as possible.

    An index is solved for where its coefficient is 1 or -1: a stride ``2 t + r`` is solved for r
    and t stays summed, so that no halves appear. Unsolvable conditions and ranges that may be left
    stay as Iverson brackets.
    """
    summed = {i: (lo, hi) for i, lo, hi in limits}
    known = dict(zip(free, ranges, strict=True))
    conditions: list[sp.Basic] = []
    left: list[tuple[sp.Expr, sp.Expr, sp.Expr]] = []
    for dimension, value in enumerate(free):
        place = targets[dimension]
        unknown = _solvable(place, summed)
        if unknown is None:
            if place != value:
                conditions.append(sp.Eq(place, value))
            continue
        solution = _solution(place, unknown, value)
        lo, hi = summed.pop(unknown)
        substitution = {unknown: solution}
        term = term.xreplace(substitution)
        targets = [each.xreplace(substitution) for each in targets]
        conditions = [each.xreplace(substitution) for each in conditions]
        summed = {
            i: (low.xreplace(substitution), high.xreplace(substitution))
            for i, (low, high) in summed.items()
        }
        left = [tuple(each.xreplace(substitution) for each in row) for row in left]
        left.append((solution, lo.xreplace(substitution), hi.xreplace(substitution)))
    for solution, lo, hi in left:
        conditions.extend(_guards(solution, lo, hi, known))
    inner = [each for each in conditions if any(each.has(i) for i in summed)]
    outer = [each for each in conditions if each not in inner]
    if inner:
        term = term * Iverson(sp.And(*inner))
    result = total(term, [(i, lo, hi) for i, (lo, hi) in reversed(summed.items())])
    return result * Iverson(sp.And(*outer)) if outer else result


def _solvable(place: sp.Expr, summed: Iterable[sp.Symbol]) -> sp.Symbol | None:
    """The innermost summed index that occurs in a subscript with the coefficient 1 or -1."""
    if place in summed:
        return place
    inside = [i for i in summed if place.has(i)]
    return next(
        (i for i in reversed(inside) if place.coeff(i) in (1, -1) and _linear(place, i)), None
    )


def _solution(place: sp.Expr, unknown: sp.Symbol, value: sp.Expr) -> sp.Expr:
    if place == unknown:
        return value
    sign = place.coeff(unknown)
    return sp.expand(sign * (value - (place - sign * unknown)))


def _linear(place: sp.Expr, unknown: sp.Symbol) -> bool:
    return not (place - place.coeff(unknown) * unknown).has(unknown)


def _guards(
    solution: sp.Expr, lo: sp.Expr, hi: sp.Expr, known: dict[sp.Symbol, Range]
) -> list[sp.Basic]:
    """``lo <= solution`` and ``solution <= hi``, where the ranges of ``known`` do not give it."""
    if known.get(solution) == Range(lo, hi):
        return []
    smallest = _extreme(solution, known, largest=False)
    largest = _extreme(solution, known, largest=True)
    guards = []
    if smallest is None or not sp.expand(smallest - lo).is_nonnegative:
        guards.append(sp.Ge(solution, lo))
    if largest is None or not sp.expand(hi - largest).is_nonnegative:
        guards.append(sp.Le(solution, hi))
    return guards


def _extreme(solution: sp.Expr, known: dict[sp.Symbol, Range], *, largest: bool) -> sp.Expr | None:
    """The largest or smallest value of an affine expression over the ranges of its indices."""
    result = solution
    for i, values in known.items():
        if not result.has(i):
            continue
        if not _linear(result, i):
            return None
        rising = result.coeff(i).is_positive
        bound = values.last if rising == largest else values.first
        if any(bound.has(other) for other in known):
            # A range that depends on another index: only the index itself is safe.
            return bound if solution == i else None
        result = result.xreplace({i: bound})
    return None if any(isinstance(s, sp.Dummy) for s in result.free_symbols) else result
