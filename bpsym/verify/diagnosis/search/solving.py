"""A number that a mistake depends on: a learning rate, an epsilon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Edit
from bpsym.verify.diagnosis.laws import factor
from bpsym.verify.diagnosis.search.finding import Finding, of_variant
from bpsym.verify.diagnosis.search.material import SOLVED, Material
from bpsym.verify.diagnosis.variants import Variant

MOST_STEPS = 16


@dataclass(frozen=True, eq=False)
class Solver:
    """Solves for the number of a family of mistakes."""

    material: Material

    def solved(
        self, variant: Variant, edits: tuple[Edit, ...], names: frozenset[str]
    ) -> Finding | None:
        """The number at the first point, kept at the others; at each where it varies."""
        assert variant.family is not None
        first = self.material.cases[0]
        number: float | dict[int, float] | None = self._at(variant, edits, names, first)
        if number is None:
            return None
        if variant.varies:
            every = (*self.material.cases, *self.material.held)
            several = [self._at(variant, edits, names, case) for case in every]
            if any(each is None for each in several):
                return None
            number = {
                id(case.scope.sizes): each
                for case, each in zip(every, several, strict=True)
                if each is not None
            }
        found = variant.family(number)
        predicted = first.predicted((*edits, *found))
        if not all(
            first.agrees(name, predicted[name], SOLVED) for name in names & set(first.given)
        ):
            return None
        words = {**variant.words}
        if not isinstance(number, dict):
            words["number"] = f"{number:.4g}"
        return of_variant(variant, found, words)

    def _at(
        self, variant: Variant, edits: tuple[Edit, ...], names: frozenset[str], case: Case
    ) -> float | None:
        assert variant.family is not None
        family = variant.family
        order = self.material.peel_order
        mine = [name for name in order if name in names and name in case.given][:2]
        base = case.predicted((*edits, *family(0.0)))
        # The first of them depends on the number alone; those below may do so in powers.
        wanted = [case.given[name] - base[name] for name in mine]

        def reached(t: float) -> float:
            moved = case.predicted((*edits, *family(t)))
            return factor(wanted, [moved[name] - base[name] for name in mine]) or 0.0

        return secant(reached, variant.start)


def secant(reached: Callable[[float], float], start: float) -> float | None:
    """The t > 0 with ``reached(t) = 1``, by the secant method; None if it is not found."""
    known, value = 0.0, 0.0
    t = start
    for _ in range(MOST_STEPS):
        now = reached(t)
        if not np.isfinite(now):
            return None
        if now == value:  # as near as rounding lets it come
            break
        step = (1 - now) * (t - known) / (now - value)
        known, value = t, now
        if abs(step) <= 1e-13 * abs(t):
            return t
        t = t + step if t + step > 0 else t / 10
    return t if t > 0 and abs(reached(t) - 1) < 1e-6 else None
