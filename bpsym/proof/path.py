"""The path from the raw derivative to the delta form, step by step.

The raw derivative is held against the derivative of the whole cost by dual numbers, which nothing
of the calculus had a hand in; every further step against the step before it. All are evaluated at
random points of the prime field, on every branch of every case distinction. What the field does
not decide (roots that it lacks, more branches than can be run through) is held together with 60
digits, and the raw derivative against a difference quotient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import sympy as sp

from bpsym.calculus.scalars.cost import nested_loss
from bpsym.calculus.scalars.steps import ScalarStep
from bpsym.calculus.scalars.unroll import Unrolled
from bpsym.calculus.system import Role
from bpsym.calculus.terms.cases import where
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.equality import every_branch_seen
from bpsym.proof.evaluate.indices import Indices
from bpsym.proof.evaluate.shared import Shared
from bpsym.proof.values.algebra import Algebra, RedrawError, UndefinedError
from bpsym.proof.values.degrees import Degrees, bound
from bpsym.proof.values.digits import Digits, agree
from bpsym.proof.values.dual import Dual, DualNumbers
from bpsym.proof.values.field import DRAWN, Field

RULE = "the derivative of the whole cost by dual numbers"
QUOTIENT_RULE = "a difference quotient of the whole cost"

# Random points, each with its own signs, and how many branches are run through beyond them.
POINTS = 4
MOST_BRANCHES = 1024
MOST_ATTEMPTS = 60
# A chance of error beyond this is no proof.
LARGEST_CHANCE = 2.0**-40
# An error of its square against 40 digits that must agree, and 100 that are computed with.
STEP = 30

Point = Mapping[sp.Symbol, Any]
Wrong = dict[int, Counterexample]


class _Values(Shared):
    """Evaluates the expressions of a path; names have the values of what they stand for."""

    def __init__(self, algebra: Algebra[Any], meanings: Mapping[sp.Expr, sp.Expr]) -> None:
        super().__init__(algebra, lambda symbol: self.point[symbol])
        self.point: Point = {}
        self.meanings = meanings

    def move(self, point: Point) -> None:
        """Evaluate at another point from now on."""
        self.point = point
        self.values.clear()

    def at(self, expr: sp.Expr) -> Any:
        """The value of an expression."""
        return self.value(expr)([])

    def _inner(self, expr: Any, bound: Any) -> Callable[[Indices], Any]:
        if expr in self.meanings:
            return self._value(self.meanings[expr], bound)
        if isinstance(expr, where):
            test = self._condition(expr.args[0], bound)
            then, otherwise = (self._value(each, bound) for each in expr.args[1:])
            choose = self.algebra.choose
            return lambda indices: choose(
                (
                    (lambda: test(indices), lambda: then(indices)),
                    (lambda: True, lambda: otherwise(indices)),
                )
            )
        return super()._inner(expr, bound)


def prove_path(
    unrolled: Unrolled, leaf: sp.Symbol, steps: Sequence[ScalarStep], seed: int = 0
) -> tuple[Equality, ...]:
    """One equality for the raw derivative of the cost by ``leaf``, and one for each further step.

    They are checked at random points; targets that are assumed to sum to one do.
    """
    exact: tuple[Equality, ...] = ()
    with suppress(RedrawError, UndefinedError, NotImplementedError, KeyError):
        exact = _Exact(unrolled, leaf, steps).prove(seed)
    if exact and all(each.ok for each in exact):
        return exact
    digits, complete = _by_digits(unrolled, leaf, steps, seed)
    if not exact:
        return digits
    # The field may lack a relation that the numbers have; where it found a difference, numbers
    # overrule it only if they have been on every branch.
    return tuple(
        other if complete and not one.ok else one for one, other in zip(exact, digits, strict=True)
    )


class _Exact:
    """A path in residues."""

    def __init__(self, unrolled: Unrolled, leaf: sp.Symbol, steps: Sequence[ScalarStep]) -> None:
        self.unrolled = unrolled
        self.leaf = leaf
        self.steps = steps
        self.loss = nested_loss(unrolled)
        self.meanings = _meanings(steps)
        self.field = Field()
        self.cost = _Values(DualNumbers(self.field), {})
        self.values = _Values(self.field, self.meanings)
        self.wrong: Wrong = {}
        self.most_signs = 0

    def prove(self, seed: int) -> tuple[Equality, ...]:
        """The equalities; RedrawError where the points do not do for a proof."""
        for number in range(POINTS):
            self._at_a_point((seed, "path", number))
        branches, complete = self._all_branches((seed, "branches"))
        missed = 0.0 if complete else (1 - 2.0**-self.most_signs) ** (POINTS + branches)
        more = (1 + self.field.tests) * self.field.conjugates
        chances = [min(1.0, each * more) ** POINTS + missed for each in self._chances()]
        if max(chances) > LARGEST_CHANCE:
            raise RedrawError("the chance of error is too large")
        note = f"{POINTS} points" + f", all {branches} branches" * (self.most_signs > 0)
        return _equalities(RULE, "exact", self.leaf, self.steps, self.wrong, note, chances)

    def _at_a_point(self, seed: object) -> None:
        """Compare at a new point; where no value is to be had, at another."""
        for attempt in range(MOST_ATTEMPTS):
            self.field.restart((seed, attempt), narrow=attempt % 2 == 1)
            with suppress(RedrawError, UndefinedError):
                return self._compare()
        raise RedrawError("no point with a value")

    def _compare(self) -> None:
        point = _residues(self.unrolled, self.field)
        zero, one = self.field.zero, self.field.one
        self.cost.move({each: Dual(value, zero) for each, value in point.items()})
        self.cost.point = {**self.cost.point, self.leaf: Dual(point[self.leaf], one)}
        self.values.move(point)
        sides = [self.cost.at(self.loss).slope, *(self.values.at(e.expression) for e in self.steps)]
        _note_wrong(self.wrong, sides, lambda left, right: bool(left == right))

    def _all_branches(self, seed: object) -> tuple[int, bool]:
        """Run through all signs that may be chosen: how many branches, and whether all."""
        choices: list[bool] = []
        for leaves in range(1, MOST_BRANCHES + 1):
            self.field.restart(seed, choices)
            # A branch without a value, such as log 0, has nothing to compare; the points have.
            with suppress(RedrawError, UndefinedError):
                self._compare()
            choices = list(self.field.decisions)
            self.most_signs = max(self.most_signs, len(choices))
            while choices and not choices[-1]:
                choices.pop()
            if not choices:
                return leaves, True
            choices[-1] = False
        return MOST_BRANCHES, False

    def _chances(self) -> list[float]:
        """For each equality the chance that one point does not tell that it is wrong."""
        degrees = Degrees()
        point = _residues(self.unrolled, degrees)
        cost = _Values(DualNumbers(degrees), {})
        cost.move({each: Dual(value, degrees.zero) for each, value in point.items()})
        values = _Values(degrees, self.meanings)
        values.move(point)
        sides = [cost.at(self.loss).slope, *(values.at(each.expression) for each in self.steps)]
        return [bound(degrees.total(pair), DRAWN) for pair in pairwise(sides)]


def _by_digits(
    unrolled: Unrolled, leaf: sp.Symbol, steps: Sequence[ScalarStep], seed: int
) -> tuple[tuple[Equality, ...], bool]:
    """The equalities, and whether every comparison came out both ways."""
    digits = Digits(seed)
    values = _Values(digits, _meanings(steps))
    loss = nested_loss(unrolled)
    wrong: Wrong = {}
    seen: set[tuple[bool, ...]] = set()
    found = attempts = 0
    while found < POINTS:
        attempts += 1
        if attempts > MOST_ATTEMPTS:
            reason = "no point with a value"
            failed = (
                Equality(rule, leaf.name, "digits", None, False, reason)
                for rule in _rules(QUOTIENT_RULE, steps)
            )
            return tuple(failed), False
        digits.restart((seed, "path", attempts), narrow=True)
        point = _numbers(unrolled, digits, positive=attempts % 2 == 1)
        with suppress(RedrawError, UndefinedError):
            quotient = _quotient(values, loss, leaf, point)
            values.move(point)
            digits.decisions = []
            sides = [quotient, *(values.at(each.expression) for each in steps)]
            found += 1
            seen.add(tuple(digits.decisions))
            _note_wrong(wrong, sides, agree)
    note = f"{POINTS} points"
    proven = _equalities(QUOTIENT_RULE, "digits", leaf, steps, wrong, note)
    return proven, every_branch_seen(seen)


def _meanings(steps: Sequence[ScalarStep]) -> dict[sp.Expr, sp.Expr]:
    return {name: value for step in steps for name, value in step.introduced.items()}


def _rules(first: str, steps: Sequence[ScalarStep]) -> list[str]:
    return [first, *(step.rule for step in steps[1:])]


def _note_wrong(wrong: Wrong, sides: Sequence[Any], same: Callable[[Any, Any], bool]) -> None:
    for number, (left, right) in enumerate(pairwise(sides)):
        if not same(left, right):
            wrong.setdefault(number, Counterexample({}, (), str(left), str(right)))


def _equalities(
    first: str,
    kind: Any,
    leaf: sp.Symbol,
    steps: Sequence[ScalarStep],
    wrong: Wrong,
    note: str,
    chances: Sequence[float] | None = None,
) -> tuple[Equality, ...]:
    return tuple(
        Equality(
            rule,
            leaf.name,
            kind,
            chances[number] if chances is not None and number not in wrong else None,
            number not in wrong,
            note,
            wrong.get(number),
        )
        for number, rule in enumerate(_rules(first, steps))
    )


def _residues(unrolled: Unrolled, algebra: Algebra[Any]) -> dict[sp.Symbol, Any]:
    """Random values for all weights, inputs and targets."""
    given = unrolled.elements(Role.PARAMETER, Role.INPUT, Role.TARGET)
    point = {symbol: algebra.draw() for symbol in given}
    for row in unrolled.target_rows(sum_to_one=True):
        *others, last = row
        rest = algebra.total([point[each] for each in others])
        point[last] = algebra.difference(algebra.one, rest)
    return point


def _numbers(unrolled: Unrolled, digits: Digits, *, positive: bool) -> dict[sp.Symbol, Any]:
    """Numbers for all weights, inputs and targets; targets lie between 0 and 1.

    The others are small, so that no unit is saturated and a quotient keeps its digits; positive:
    all of them are, for logarithms and roots.
    """
    given = unrolled.elements(Role.PARAMETER, Role.INPUT)
    drawn = {symbol: digits.draw() for symbol in given}
    point = drawn if positive else {each: 4 * value - 2 for each, value in drawn.items()}
    point.update({symbol: digits.draw() for symbol in unrolled.elements(Role.TARGET)})
    for row in unrolled.target_rows(sum_to_one=True):
        total = digits.total([point[each] for each in row])
        point.update({each: point[each] / total for each in row})
    return point


def _quotient(values: _Values, loss: sp.Expr, leaf: sp.Symbol, point: Point) -> Any:
    """``(C(w + h) - C(w - h)) / 2h``."""
    one = values.algebra.one
    h = (one / 10**STEP) * max(abs(point[leaf]), one)
    sides = []
    for moved in (point[leaf] + h, point[leaf] - h):
        values.move({**point, leaf: moved})
        sides.append(values.at(loss))
    return (sides[0] - sides[1]) / (2 * h)
