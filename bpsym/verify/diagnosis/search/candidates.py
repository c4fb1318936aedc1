"""Everything that explains one gradient, on top of the mistakes that are known already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bpsym.arrays.index_values import Scope
from bpsym.verify.diagnosis.cases import Array, Case
from bpsym.verify.diagnosis.chain import After, Edit
from bpsym.verify.diagnosis.search.decay import Decay
from bpsym.verify.diagnosis.search.factors import Factors
from bpsym.verify.diagnosis.search.finding import Finding, of_variant
from bpsym.verify.diagnosis.search.material import Material
from bpsym.verify.diagnosis.search.solving import Solver
from bpsym.verify.diagnosis.variants import Variant

# A block with fewer entries says nothing about one of them.
FEWEST_ENTRIES = 4


@dataclass(eq=False)
class Candidates:
    """Mistakes by what they explain. variants: those that are tried so far."""

    material: Material
    variants: tuple[Variant, ...] = ()
    factors: Factors = field(init=False)
    decay: Decay = field(init=False)
    solver: Solver = field(init=False)

    def __post_init__(self) -> None:
        """The kinds of mistakes that are solved for."""
        self.factors = Factors(self.material)
        self.decay = Decay(self.material)
        self.solver = Solver(self.material)

    def of_everything(self, edits: tuple[Edit, ...], wrong: frozenset[str]) -> Iterator[Finding]:
        """The mistakes that, on top of ``edits``, explain everything."""
        yield from self.factors.everywhere(edits, wrong)
        yield from self.decay.of_all(edits, wrong)
        for variant in self.variants:
            if not wrong <= self.material.affects(variant):
                continue
            finding = self.fitted(variant, edits, wrong, frozenset())
            if finding is not None and self.material.whole((*edits, *finding.edits)):
                yield replace(finding, covers=wrong)

    def of_one(
        self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str]
    ) -> Iterator[Finding]:
        """The mistakes that explain ``first``, and break nothing that is right."""
        names = frozenset({first})
        for where, tensors, code in self.material.places():
            if first in self.material.below(tensors):
                yield from self.factors.at(edits, where, tensors, code, names)
        yield from self.decay.beginning_at(edits, first)
        for variant in self.variants:
            if first in self.material.affects(variant):
                finding = self.fitted(variant, edits, names, wrong - names)
                if finding is not None:
                    yield finding
        for special in (self._single_entry, self._cut):
            finding = special(edits, first)
            if finding is not None:
                yield finding

    def fitted(
        self,
        variant: Variant,
        edits: tuple[Edit, ...],
        names: frozenset[str],
        ignored: frozenset[str],
    ) -> Finding | None:
        """The variant as a finding if it explains ``names`` at the first point, and breaks nothing.

        ignored: the parameters that it need not explain.
        """
        if variant.family is not None:
            return self.solver.solved(variant, edits, names)
        if not self.material.cases[0].consistent((*edits, *variant.edits), ignored):
            return None
        return of_variant(variant)

    def _single_entry(self, edits: tuple[Edit, ...], name: str) -> Finding | None:
        """One entry of a block is off, the same at all points."""
        every = (*self.material.cases, *self.material.held)
        places: set[tuple[int, ...]] = set()
        values: dict[int, float] = {}
        for case in every:
            if name not in case.given or case.given[name].size < FEWEST_ENTRIES:
                return None
            given, predicted = case.given[name], case.predicted(edits)[name]
            off = np.argwhere(~_alike(case, name, given, predicted))
            if len(off) > 1:
                return None
            places |= {tuple(int(at) for at in each) for each in off}
        if len(places) != 1:
            return None
        [place] = places
        values = {id(case.scope.sizes): float(case.given[name][place]) for case in every}
        index = ", ".join(str(at) for at in place)
        words = {"weight": name, "index": f"{name}[{index}]", "place": list(place)}
        edit = Edit(name, None, after=_entry(place, values))
        return Finding("single-entry", name, (edit,), words, 1.9)

    def _cut(self, edits: tuple[Edit, ...], name: str) -> Finding | None:
        """A block cut off at a bound, the same at all points."""
        every = [c for c in (*self.material.cases, *self.material.held) if name in c.given]
        bound = max((float(np.max(np.abs(c.given[name]))) for c in every), default=0.0)
        seen = [(case, case.predicted(edits)[name]) for case in every]
        cut = any(np.max(np.abs(predicted)) > bound for _, predicted in seen)
        inside = any(np.any(np.abs(predicted) < bound) for _, predicted in seen)
        if not (bound > 0 and cut and inside):
            return None
        for case, predicted in seen:
            if not case.agrees(name, np.clip(predicted, -bound, bound)):
                return None
        how = f"|u| <= {bound:.6g} in {name}"
        edit = Edit(name, None, after=lambda array, _: np.clip(array, -bound, bound))
        return Finding("gradient-clipped", name, (edit,), {"how": how, "bound": bound}, 2.0)


def _alike(case: Case, name: str, given: Array, predicted: Array) -> Array:
    """Entry by entry, whether a gradient is the predicted one."""
    scale = float(np.max(np.abs(predicted)))
    return np.asarray(np.abs(given - predicted) <= np.maximum(case.bar(name), 1e-9 * scale))


def _entry(place: tuple[int, ...], values: Mapping[int, float]) -> After:
    def after(array: Array, scope: Scope) -> Array:
        changed = np.array(array)
        changed[place] = values.get(id(scope.sizes), changed[place])
        return changed

    return after


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """The commonest first."""
    return sorted(findings, key=lambda each: each.rank)
