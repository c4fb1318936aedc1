"""What random points never meet of an activation: its kinks, and the points 0 and 1.

At a kink the derivative is that of the branch which the function takes there, in every form that
it has; no form may have a singularity of its own, such as a/z for exp(-z^2) at 0; and where a case
distinction is read off the output, ``a > f(kink)`` must say the same as ``z > kink``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import sympy as sp

from bpsym.calculus.slopes.activation import Activation, derivative
from bpsym.calculus.terms.functions import U
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.evaluate.functions import Program, kink_of, slope_program, value_program
from bpsym.proof.values.algebra import Algebra, RedrawError, UndefinedError
from bpsym.proof.values.degrees import Degrees, bound
from bpsym.proof.values.digits import Digits, agree
from bpsym.proof.values.field import DRAWN
from bpsym.proof.values.located import Located, LocatedNumbers

POINTS_RULE = "derivative at single points"
BRANCHES_RULE = "branches seen from the output"

# Where formulas like to be singular, and two points where they do not.
POINTS = (sp.S.Zero, sp.S.One, sp.S.NegativeOne)
# How often exp(1) and its like are drawn: the chances of error multiply.
DRAWS = 2
# Distances from a kink, on both sides, from far below rounding to far out.
EXPONENTS = range(-25, 4)


class _DiffersError(Exception):
    """A form of the derivative has another value."""

    def __init__(self, point: sp.Expr, right: object, claimed: object) -> None:
        super().__init__()
        self.counterexample = Counterexample({}, (), f"{right} at z = {point}", str(claimed))


def prove_at_points(activation: Activation, where: str, seed: int) -> Equality:
    """All forms of the derivative at all single points: exactly, else with 60 digits.

    A value is a residue and a number: residues are compared, and numbers tell the branch.
    """
    points = [*POINTS, *_kinks(activation)]
    note = f"z = {', '.join(map(str, points))}"
    try:
        chances = [
            _compared(activation, points, LocatedNumbers((seed, where, draw)))
            for draw in range(DRAWS)
        ]
        return Equality(POINTS_RULE, where, "exact", prod(chances), True, note)
    except _DiffersError as found:
        return Equality(POINTS_RULE, where, "exact", None, False, "", found.counterexample)
    except (RedrawError, NotImplementedError):
        pass
    try:
        _compare(activation, points, Digits(seed), agree)
    except _DiffersError as found:
        return Equality(POINTS_RULE, where, "digits", None, False, "", found.counterexample)
    return Equality(POINTS_RULE, where, "digits", None, True, note)


def _compared(activation: Activation, points: Sequence[sp.Expr], algebra: LocatedNumbers) -> float:
    """Compare as residues; the chance that forms which differ do not show it."""
    _compare(activation, points, algebra, _same)
    degrees = Degrees()
    arguments = (degrees.unknown("z"), *(degrees.unknown(each) for each in activation.learned))
    output = value_program(activation, degrees)(arguments)
    sides = [
        slope_program(activation, 0, degrees)(arguments),
        *(form((*arguments, output)) for form in _forms(activation, degrees)),
    ]
    more = (1 + algebra.field.tests) * algebra.field.conjugates
    return min(1.0, bound(degrees.total(sides), DRAWN) * len(points) * more)


def _same(one: Located, other: Located) -> bool:
    return one.residue == other.residue and agree(one.number, other.number)


def _compare(
    activation: Activation, points: Sequence[sp.Expr], algebra: Algebra[Any], same: Any
) -> None:
    """Compare every form with the derivative by dual numbers; _DiffersError where one differs."""
    value = value_program(activation, algebra)
    derived = slope_program(activation, 0, algebra)
    forms = _forms(activation, algebra)
    learned = tuple(algebra.draw() for _ in activation.learned)
    for point in points:
        z = value_program(activation, algebra, point)((algebra.one, *learned))
        try:
            right = derived((z, *learned))
        except UndefinedError:
            continue
        for form in forms:
            try:
                claimed: object = form((z, *learned, value((z, *learned))))
            except UndefinedError as reason:
                raise _DiffersError(point, right, reason) from None
            if not same(claimed, right):
                raise _DiffersError(point, right, claimed)


def _forms(activation: Activation, algebra: Algebra[Any]) -> list[Program[Any]]:
    forms = [activation.slope, activation.slope_in_output]
    return [value_program(activation, algebra, form) for form in forms if form is not None]


def _kinks(activation: Activation) -> list[sp.Expr]:
    """The numbers with which the case distinctions of an activation compare z."""
    cases = activation.expression.atoms(sp.Piecewise)
    relations = {test for each in cases for test in each.atoms(sp.core.relational.Relational)}
    sides = {side for test in relations if U in test.args for side in test.args}
    return sorted((side for side in sides if side.is_number), key=sp.default_sort_key)


def prove_branches(activation: Activation, where: str) -> Equality:
    """That ``a > f(kink)`` says the same as ``z > kink``.

    Because f is continuous at the kink, rises beyond it and does not fall before it; where that
    cannot be told, by numbers with 60 digits, near and far.
    """
    if _rises_beyond(activation):
        note = "it rises beyond the kink and does not fall before it"
        return Equality(BRANCHES_RULE, where, "exact", 0.0, True, note)
    return _branches_in_numbers(activation, where)


def _rises_beyond(activation: Activation) -> bool:
    kink = kink_of(activation)
    expression = activation.expression
    if kink is None:
        return False
    place, level = kink
    distance = sp.Dummy("t", positive=True)
    beyond, before = (_smooth(expression, place + step) for step in (distance, -distance))
    if beyond is None or before is None:
        return False
    continuous = all(each.xreplace({U: place}) == level for each in (beyond, before))
    rising = derivative(beyond, U).xreplace({U: place + distance})
    falling = derivative(before, U).xreplace({U: place - distance})
    return bool(continuous and rising.is_positive and falling.is_nonnegative)


def _smooth(expression: sp.Expr, z: sp.Expr) -> sp.Expr | None:
    """The formula without case distinctions that holds at z, None if that cannot be told."""
    chosen = {}
    for cases in expression.atoms(sp.Piecewise):
        holds = [(branch, test.subs(U, z)) for branch, test in cases.args]
        branch, test = next((each for each in holds if each[1] != sp.false), holds[-1])
        if test != sp.true or branch.has(sp.Piecewise):
            return None
        chosen[cases] = branch
    return expression.xreplace(chosen)


def _branches_in_numbers(activation: Activation, where: str) -> Equality:
    kink = kink_of(activation)
    assert kink is not None
    algebra = Digits()
    value = value_program(activation, algebra)
    place, level = (value_program(activation, algebra, each)((algebra.one,)) for each in kink)
    distances = [sign * algebra.context.mpf(10) ** k for k in EXPONENTS for sign in (1, -1)]
    for distance in [algebra.zero, *distances]:
        z = place + distance
        a = value((z,))
        if (a > level) != (z > place):
            sides = (f"a > f(kink) is {a > level}", f"z > kink is {z > place}")
            counterexample = Counterexample({}, (), *(f"{each} at z = {z}" for each in sides))
            return Equality(BRANCHES_RULE, where, "digits", None, False, "", counterexample)
    note = f"{len(distances) + 1} points around the kink"
    return Equality(BRANCHES_RULE, where, "digits", None, True, note)
