"""Whether ``left = right`` for all indices: the zero test, its branches and its error bound.

Both sides are evaluated in the prime field for several assignments of small sizes, at independent
points, for every value of the free indices. Case distinctions on values are run through one by
one. What the field cannot do is evaluated with 60 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.evaluate.point import Domain, NoElementError, Point
from bpsym.proof.evaluate.sizes import Sizes
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.degrees import Degrees, bound
from bpsym.proof.values.digits import Digits, agree
from bpsym.proof.values.field import DRAWN, Field

# Independent points for each assignment of sizes: their chances of error multiply.
POINTS = 2
DIGIT_POINTS = 24
# A root exists for half of all radicands; a formula with many of them needs many attempts.
MOST_ATTEMPTS = 2000
MOST_DIGIT_ATTEMPTS = 60
# A branch whose formula is undefined at so many random points is undefined.
MOST_UNDEFINED = 3
MOST_BRANCHES = 64
# Elements to compare for each further assignment of sizes.
MOST_ELEMENTS = 4

Sign = tuple[bool, ...]


class _DiffersError(Exception):
    """The two sides are not equal."""

    def __init__(self, sizes: Sizes, at: Sequence[int], left: object, right: object) -> None:
        super().__init__()
        names = {str(symbol): value for symbol, value in sizes.items()}
        self.counterexample = Counterexample(names, tuple(at), str(left), str(right))


class _NoPointError(Exception):
    """No point was found where both sides have a value."""


@dataclass
class Setting:
    """The world in which equalities are tested.

    vectors: the assignments of sizes to try. equations: what defines tensors. domains: the ranges
    of tensors. whole: the values of integer functions. seed: chooses the points.
    """

    vectors: Sequence[Sizes]
    equations: Sequence[Equation] = ()
    domains: Mapping[str, Domain] = field(default_factory=dict)
    sum_to_one: frozenset[str] = frozenset()
    whole: Callable[[str, tuple[int, ...]], int] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self.field = Field()
        self.exact = self.point(self.field)

    def first(self, count: int | None) -> Setting:
        """The same with the first ``count`` assignments of sizes; closures are shared."""
        if count is None or count >= len(self.vectors):
            return self
        found = copy(self)
        found.vectors = self.vectors[:count]
        return found

    def point(self, algebra: Any) -> Point[Any]:
        """The tensors of this setting over an algebra."""
        return Point(algebra, self.equations, self.domains, self.sum_to_one, self.whole)


@dataclass
class _Trial:
    """Formulas in one algebra, each to be compared with the one before it, at indices."""

    algebra: Any
    point: Point[Any]
    formulas: Sequence[sp.Expr]
    domain: Domain
    same: Callable[[Any, Any], bool]
    attempts: int
    seed: int

    def __post_init__(self) -> None:
        self.free = [i for i, _ in self.domain]
        for symbol in self.free:
            self.point.compiler.slot(symbol)
        self.sides = [self.point.compiler.value(each) for each in self.formulas]

    def values(self, at: Sequence[int]) -> tuple[Any, ...]:
        """All formulas at these free indices."""
        indices = dict(zip(self.free, at, strict=True))
        return tuple(self.point.evaluate(side, indices) for side in self.sides)

    def restart(
        self,
        sizes: Sizes,
        seed: object,
        choices: Sequence[bool] | None = None,
        *,
        narrow: bool = False,
    ) -> None:
        """Another point."""
        self.algebra.restart((self.seed, seed), choices, narrow=narrow)
        self.point.restart(sizes)

    def compare(
        self, sizes: Sizes, at: Sequence[int], seed: object, choices: Sequence[bool] | None = None
    ) -> None:
        """Compare at one element, at a new point wherever a formula has no value."""
        undefined = 0
        for attempt in range(self.attempts):
            try:
                values = self.values(at)
            except (RedrawError, UndefinedError) as reason:
                undefined += isinstance(reason, UndefinedError)
                if choices is not None and undefined == MOST_UNDEFINED:
                    break
                narrow = attempt % 2 == 0
                self.restart(sizes, (seed, tuple(at), attempt), choices, narrow=narrow)
                continue
            except NoElementError as place:
                raise _DiffersError(sizes, at, str(place), "") from None
            for left, right in pairwise(values):
                if not self.same(left, right):
                    raise _DiffersError(sizes, at, left, right)
            return
        raise _NoPointError(f"no point with a value at {list(at)} in {attempt + 1} attempts")


def prove_equality(
    rule: str,
    where: str,
    left: sp.Expr,
    right: sp.Expr,
    domain: Domain,
    setting: Setting,
    count: int | None = None,
) -> Equality:
    """Test ``left = right`` for all indices of ``domain``: exactly, else with 60 digits.

    count: how many of the assignments of sizes to use, by default all.
    """
    setting = setting.first(count)
    refuted: Counterexample | None = None
    problem = ""
    try:
        return _exactly([rule], where, [left, right], domain, setting)[0]
    except _DiffersError as found:
        refuted = found.counterexample
    except (_NoPointError, NotImplementedError, KeyError) as reason:
        problem = str(reason)
    try:
        return _by_digits(rule, where, left, right, domain, setting)
    except _DiffersError as found:
        refuted = refuted or found.counterexample
    except (_NoPointError, NotImplementedError, KeyError) as reason:
        problem = problem or str(reason)
    return Equality(rule, where, "exact", None, False, problem, refuted)


def prove_chain(
    rules: Sequence[str],
    where: str,
    formulas: Sequence[sp.Expr],
    domain: Domain,
    setting: Setting,
    count: int | None = None,
) -> list[Equality]:
    """Test ``formulas[0] = formulas[1] = ...``, each equals sign by one of the rules.

    All formulas are evaluated at the same points, each of them once. Where that does not prove
    them all, every equality is tested by itself, to tell which of them fails and where.
    """
    with suppress(_DiffersError, _NoPointError, NotImplementedError, KeyError):
        return _exactly(rules, where, formulas, domain, setting.first(count))
    return [
        prove_equality(rule, where, left, right, domain, setting, count)
        for rule, (left, right) in zip(rules, pairwise(formulas), strict=True)
    ]


def _exactly(
    rules: Sequence[str],
    where: str,
    formulas: Sequence[sp.Expr],
    domain: Domain,
    setting: Setting,
) -> list[Equality]:
    trial = _Trial(
        setting.field,
        setting.exact,
        formulas,
        domain,
        lambda one, other: one == other,
        MOST_ATTEMPTS,
        setting.seed,
    )
    compared = 0
    for number, sizes in enumerate(setting.vectors):
        for k in range(POINTS):
            trial.restart(sizes, (number, k))
            grid = trial.point.grid(domain)
            for at in grid if number == 0 else _spread(grid):
                trial.compare(sizes, at, (number, k))
                compared += 1
    branches, most_signs, complete = _branches(trial, domain, setting.vectors[0])
    missed = 0.0 if complete else (1 - 2.0**-most_signs) ** (compared + branches)
    note = _note(setting.vectors, POINTS)
    if most_signs:
        note += f", {'all' if complete else 'only'} {branches} branches"
    return [
        Equality(rule, where, "exact", min(1.0, error + missed), True, note)
        for rule, error in zip(rules, _error_bounds(trial, domain, setting), strict=True)
    ]


def _spread(grid: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Some elements, the last one among them; all of them are compared for the first sizes."""
    step = -(-len(grid) // MOST_ELEMENTS) or 1
    return grid[::-step]


def _branches(trial: _Trial, domain: Domain, sizes: Sizes) -> tuple[int, int, bool]:
    """Run through all branches at the last element: their number, the most signs, whether all."""
    at = last_element(trial, domain, sizes)
    if at is None:
        return 0, 0, True
    choices: list[bool] = []
    leaves = most = 0
    while leaves < MOST_BRANCHES:
        trial.restart(sizes, "branches", choices)
        # A branch without a value, such as log 0, has nothing to compare; the points have.
        with suppress(_NoPointError):
            trial.compare(sizes, at, "branches", choices)
        leaves += 1
        choices = list(trial.algebra.decisions)
        most = max(most, len(choices))
        while choices and not choices[-1]:
            choices.pop()
        if not choices:
            return leaves, most, True
        choices[-1] = False
    return leaves, most, False


def last_element(trial: _Trial, domain: Domain, sizes: Sizes) -> tuple[int, ...] | None:
    """The element with the largest indices; None if there is none."""
    trial.point.restart(sizes)
    grid = trial.point.grid(domain)
    return grid[-1] if grid else None


def _error_bounds(trial: _Trial, domain: Domain, setting: Setting) -> list[float]:
    """For each equality the chance that different formulas agree at all points of some sizes."""
    point = setting.point(Degrees())
    degrees = _Trial(Degrees(), point, trial.formulas, domain, lambda one, other: True, 1, 0)
    at = last_element(degrees, domain, setting.vectors[0])
    if at is None:
        return [0.0] * (len(trial.formulas) - 1)
    more = (1 + trial.algebra.tests) * trial.algebra.conjugates
    once = (
        bound(point.algebra.total(sides), DRAWN) * more for sides in pairwise(degrees.values(at))
    )
    return [float(min(1.0, each) ** POINTS) for each in once]


def _note(vectors: Sequence[Sizes], points: int) -> str:
    if vectors == [{}]:
        return f"{points} points"
    return f"{len(vectors)} assignments of sizes, {points} points each"


def _by_digits(
    rule: str, where: str, left: sp.Expr, right: sp.Expr, domain: Domain, setting: Setting
) -> Equality:
    algebra = Digits()
    trial = _Trial(
        algebra,
        setting.point(algebra),
        (left, right),
        domain,
        agree,
        MOST_DIGIT_ATTEMPTS,
        setting.seed,
    )
    seen: set[Sign] = set()
    vectors = setting.vectors[:3]
    for number, sizes in enumerate(vectors):
        for k in range(DIGIT_POINTS):
            trial.restart(sizes, (number, k))
            for at in _spread(trial.point.grid(domain)):
                algebra.decisions = []
                trial.compare(sizes, at, (number, k))
                seen.add(tuple(algebra.decisions))
    if not every_branch_seen(seen):
        raise _NoPointError("the points drawn do not reach every branch of a case distinction")
    note = _note(vectors, DIGIT_POINTS)
    return Equality(rule, where, "digits", None, True, note)


def every_branch_seen(seen: set[Sign]) -> bool:
    """Whether every comparison that was made came out both ways."""
    prefixes = {signs[: k + 1] for signs in seen for k in range(len(signs))}
    return all((*prefix[:-1], not prefix[-1]) in prefixes for prefix in prefixes)
