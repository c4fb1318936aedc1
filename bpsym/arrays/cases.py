"""Case distinctions as code: max, min, clip, a mask, or ``where``.

numpy computes both branches everywhere, so the one that is not taken is kept from overflowing and
from leaving its domain.
"""

from __future__ import annotations

import sympy as sp

from bpsym.arrays.calls import emitted


def factored_cases(cases: sp.Piecewise) -> sp.Expr:
    """Take out the factors of all branches that have nothing to do with the tests.

    A sympy sum multiplies them in.
    """
    tested = {leaf for _, test in cases.args for leaf in test.atoms(sp.Indexed, sp.Symbol)}
    branches = [branch for branch, _ in cases.args]
    shared = [
        factor
        for factor in sp.Mul.make_args(branches[0])
        if not factor.is_number
        and not (factor.atoms(sp.Indexed) or {factor}) & tested
        and all(factor in sp.Mul.make_args(branch) for branch in branches)
    ]
    if not shared:
        return cases
    common = sp.Mul(*shared)
    return common * sp.Piecewise(*((branch / common, test) for branch, test in cases.args))


def case_distinction(expr: sp.Piecewise) -> tuple[str, tuple[sp.Expr, ...]]:
    """max, min, clip, a mask, or ``where`` with the untaken branch kept from overflowing."""
    (first, test), *others = expr.args
    if len(others) == 1:
        second = others[0][0]
        if (first, second) == (1, 0):
            return "mask", (test,)
        difference = _positive_side(test)
        if difference is not None:
            sign = _sign_of_multiple(sp.expand(first - second), sp.expand(difference))
            if sign:
                return "maximum" if sign > 0 else "minimum", (first, second)
        if second == 0 and not first.has(*_STEEP, *_PARTIAL):
            return "*", (first, sp.Piecewise((1, test), (0, True)))
        then, otherwise = _clamped(first, second, test)
        return "where", (test, then, otherwise)
    if len(others) == 2:
        clipped = _as_clip(first, test, others[0][0], others[0][1], others[1][0])
        if clipped is not None:
            return "clip", clipped
        window = _as_window(expr) or _held_in_window(expr)
        if window is not None:
            return window
    then, otherwise = _clamped(first, sp.Piecewise(*others), test)
    return "where", (test, then, otherwise)


def _sign_of_multiple(expr: sp.Expr, other: sp.Expr) -> int:
    """The sign of the number c with ``expr = c other``; 0 if there is none."""
    (factor, rest), (divisor, of) = expr.primitive(), other.primitive()
    if rest not in (of, -of) or rest == 0:
        return 0
    return int(sp.sign(factor / divisor)) * (1 if rest == of else -1)


def _positive_side(test: sp.Basic) -> sp.Expr | None:
    """d with ``test`` equivalent to ``d > 0`` or ``d >= 0``: at d = 0 both branches agree."""
    if isinstance(test, sp.StrictGreaterThan | sp.GreaterThan):
        return test.lhs - test.rhs
    if isinstance(test, sp.StrictLessThan | sp.LessThan):
        return test.rhs - test.lhs
    return None


def _as_clip(
    low: sp.Expr, low_test: sp.Basic, middle: sp.Expr, high_test: sp.Basic, high: sp.Expr
) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """``clip(middle, low, high)`` if the tests are where a rising middle meets its bounds."""
    if not (low.is_number and high.is_number and (high - low).is_positive):
        return None
    below, above = _positive_side(low_test), _positive_side(high_test)
    if below is None or above is None:
        return None
    slope = sp.cancel((low - middle) / below)
    other = sp.cancel((high - middle) / above)
    if slope.is_positive and slope.is_number and other == slope:
        return middle, low, high
    return None


def _as_window(expr: sp.Piecewise) -> tuple[str, tuple[sp.Expr, ...]] | None:
    """``(0, c, 0)``, the slope of a clip: c times the mask between the two kinks."""
    (first, low), (middle, high), (last, _) = expr.args
    if (first, last) != (0, 0) or middle.has(sp.exp, sp.Pow):
        return None
    mask = sp.Piecewise((1, sp.And(sp.Not(low), high)), (0, True))
    return "*", (middle, mask) if middle != 1 else (sp.Integer(1), mask)


def _held_in_window(expr: sp.Piecewise) -> tuple[str, tuple[sp.Expr, ...]] | None:
    """``(0, c, 0)`` with a c that is defined between the two kinks only."""
    (first, low), (middle, high), (last, _) = expr.args
    tests = [low, high]
    if (first, last) != (0, 0) or not all(
        isinstance(test, sp.LessThan | sp.StrictLessThan) for test in tests
    ):
        tests = []
    places = {test.rhs for test in tests if test.rhs.is_number}
    if len(places) != 2 or {test.lhs for test in tests} != {tests[0].lhs}:
        return None
    mask = sp.And(sp.Not(low), high)
    held = emitted("where")(mask, tests[0].lhs, sum(places) / 2)
    return "where", (mask, middle.xreplace({tests[0].lhs: held}), sp.Integer(0))


# What may overflow, and what is not defined everywhere.
_STEEP = (sp.exp, sp.cosh, sp.sinh, sp.Pow)
_PARTIAL = (sp.log, sp.Pow)


def _clamped(first: sp.Expr, second: sp.Expr, test: sp.Basic) -> tuple[sp.Expr, sp.Expr]:
    """Keep the branch that is not taken from overflowing, or from leaving its domain.

    numpy computes both branches everywhere. A branch that grows has its variable held at the
    kink; one that is not defined everywhere gets, where it is not taken, a number of its own side.
    """
    if not isinstance(test, sp.core.relational.Relational):
        return first, second
    left, right = test.args
    if not (isinstance(left, sp.Symbol | sp.Indexed) and right.is_number):
        return first, second
    rising = isinstance(test, sp.StrictGreaterThan | sp.GreaterThan)

    def hold(branch: sp.Expr, *, taken: bool) -> sp.Expr:
        if isinstance(branch, sp.Piecewise):
            return branch  # has tests of its own
        above = rising == taken
        if _is_partial(branch):
            inner = _interior(branch, left, right, above=above)
            if inner is None:
                return branch
            # Not a Piecewise, which sympy would take a power or a quotient into.
            values = (left, inner) if taken else (inner, left)
            return branch.xreplace({left: emitted("where")(test, *values)})
        powers = branch.atoms(sp.Pow)
        if not branch.has(*_STEEP[:-1]) and not any(power.exp > 1 for power in powers):
            return branch
        return branch.xreplace({left: emitted("maximum" if above else "minimum")(left, right)})

    return hold(first, taken=True), hold(second, taken=False)


def _is_partial(branch: sp.Expr) -> bool:
    """Whether a branch has a logarithm, a quotient or a root."""
    powers = (power.exp for power in branch.atoms(sp.Pow))
    return branch.has(sp.log) or any(not (e.is_Integer and e.is_positive) for e in powers)


def _interior(branch: sp.Expr, variable: sp.Expr, kink: sp.Expr, *, above: bool) -> sp.Expr | None:
    """A number on a branch's side of the kink at which the branch is defined."""
    for distance in (sp.Integer(1), sp.Integer(2), sp.Rational(1, 2), sp.Rational(1, 8)):
        place = kink + distance if above else kink - distance
        value = branch.xreplace({variable: place})
        if not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) and value.is_real is not False:
            return place
    return None
