"""The path from the raw derivative to the delta form, step by step, with 60 digits.

The raw derivative is held against a difference quotient of the whole cost, which nothing of the
calculus had a hand in; every further step against the step before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import sympy as sp

from bpsym.calculus.scalars.cost import nested_loss
from bpsym.calculus.scalars.steps import ScalarStep
from bpsym.calculus.scalars.unroll import Unrolled
from bpsym.calculus.system import Role
from bpsym.calculus.terms.cases import where
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.evaluate.indices import Indices
from bpsym.proof.evaluate.shared import Shared
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.digits import Digits, agree

POINTS = 4
MOST_ATTEMPTS = 60
# An error of its square against 40 digits that must agree, and 100 that are computed with.
STEP = 30
RULE = "a difference quotient of the whole cost"


class _Values(Shared):
    """Evaluates the expressions of a path; names have the values of what they stand for."""

    def __init__(self, digits: Digits, meanings: dict[sp.Expr, sp.Expr]) -> None:
        super().__init__(digits, lambda symbol: self.point[symbol])
        self.point: dict[sp.Symbol, Any] = {}
        self.meanings = meanings

    def at(self, expr: sp.Expr) -> Any:
        """The value of an expression."""
        return self.value(expr)([])

    def _inner(self, expr: Any, bound: Any) -> Callable[[Indices], Any]:
        if expr in self.meanings:
            return self._value(self.meanings[expr], bound)
        if isinstance(expr, where):
            test = self._condition(expr.args[0], bound)
            then, otherwise = (self._value(each, bound) for each in expr.args[1:])
            return lambda indices: then(indices) if test(indices) else otherwise(indices)
        return super()._inner(expr, bound)


def prove_path(
    unrolled: Unrolled, leaf: sp.Symbol, steps: Sequence[ScalarStep], seed: int = 0
) -> tuple[Equality, ...]:
    """One equality for the raw derivative of the cost by ``leaf``, and one for each further step.

    They are checked at random points; targets that are assumed to sum to one do.
    """
    digits = Digits(seed)
    meanings = {name: value for step in steps for name, value in step.introduced.items()}
    values = _Values(digits, meanings)
    loss = nested_loss(unrolled)
    wrong: dict[int, Counterexample] = {}
    found = attempts = 0
    while found < POINTS:
        attempts += 1
        if attempts > MOST_ATTEMPTS:
            return (Equality(RULE, leaf.name, "digits", None, False, "no point with a value"),)
        digits.restart((seed, "path", attempts), narrow=True)
        values.point = _point(unrolled, digits, positive=attempts % 2 == 1)
        values.values.clear()
        try:
            sides = [_quotient(values, loss, leaf), *(values.at(each.expression) for each in steps)]
        except (RedrawError, UndefinedError):
            continue
        found += 1
        for number, (left, right) in enumerate(pairwise(sides)):
            if not agree(left, right):
                wrong.setdefault(number, Counterexample({}, (), str(left), str(right)))
    return tuple(
        Equality(
            step.rule if number else RULE,
            leaf.name,
            "digits",
            None,
            number not in wrong,
            f"{POINTS} points",
            wrong.get(number),
        )
        for number, step in enumerate(steps)
    )


def _point(unrolled: Unrolled, digits: Digits, *, positive: bool) -> dict[sp.Symbol, Any]:
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


def _quotient(values: _Values, loss: sp.Expr, leaf: sp.Symbol) -> Any:
    """``(C(w + h) - C(w - h)) / 2h``; afterwards the values are those at w again."""
    at = values.point[leaf]
    h = (values.algebra.one / 10**STEP) * max(abs(at), values.algebra.one)
    sides = []
    for moved in (at + h, at - h):
        values.point[leaf] = moved
        sides.append(values.at(loss))
        values.values.clear()
    values.point[leaf] = at
    return (sides[0] - sides[1]) / (2 * h)
