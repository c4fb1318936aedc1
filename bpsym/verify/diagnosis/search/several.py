"""Two mistakes and more: one after another down the backward pass, or two in one place."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from time import process_time

from bpsym.verify.diagnosis.chain import Edit
from bpsym.verify.diagnosis.search.candidates import Candidates
from bpsym.verify.diagnosis.search.finding import Finding, edits_of, mistakes, of_variant
from bpsym.verify.diagnosis.search.material import Material
from bpsym.verify.diagnosis.variants import Variant

MOST_MISTAKES = 3
BREADTH = 4
MOST_PAIRS = 4000
# A bias may hide a wrong delta by a fault of its own: the weight of the layer is tried too.
FIRST_TRIED = 2


@dataclass(eq=False)
class Several:
    """ends: the processor time after which nothing more is tried."""

    material: Material
    candidates: Candidates
    ends: float

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return process_time() > self.ends

    def explain(
        self, edits: tuple[Edit, ...], wrong: frozenset[str], depth: int = MOST_MISTAKES
    ) -> list[Finding] | None:
        """Explain the first wrong parameter by itself, then judge the rest again."""
        if not wrong:
            return []
        if depth < MOST_MISTAKES:
            singles = self.candidates.of_everything(edits, wrong)
            whole = min(singles, key=lambda each: each.rank, default=None)
            if whole is not None:
                return [whole]
        if depth == 1 or self.late:
            return None
        ordered = [name for name in self.material.peel_order if name in wrong]
        found: list[list[Finding]] = []
        for first in ordered[:FIRST_TRIED]:
            for candidate in self._ranked(edits, first, wrong)[:BREADTH]:
                inner = (*edits, *candidate.edits)
                rest = self.explain(inner, self.material.left(inner), depth - 1)
                if rest is not None:
                    found.append([candidate, *rest])
                    break
        if found:
            return min(found, key=mistakes)
        if depth < 2:
            return None
        for first in ordered[:FIRST_TRIED]:
            pair = self._pair_at(edits, first, wrong)
            if pair:
                return [replace(each, covers=wrong) for each in pair]
        return None

    def _ranked(self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str]) -> list[Finding]:
        """The mistakes that explain ``first``: those that leave the least to explain before."""
        scored: list[tuple[int, float, int, Finding]] = []
        for finding in self.candidates.of_one(edits, first, wrong):
            left = self.material.left((*edits, *finding.edits))
            # A right gradient may be two mistakes that cancel, if that explains much more.
            if first in left or not (left <= wrong or len(left) < len(wrong) - 1):
                continue
            explained = replace(finding, covers=wrong - left)
            scored.append((len(left), finding.rank, len(scored), explained))
        scored.sort(key=lambda entry: entry[:3])
        return [entry[3] for entry in scored]

    def _pair_at(
        self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str]
    ) -> tuple[Finding, ...] | None:
        """Two mistakes in one place: a variant and a factor, two variants, or one solved for."""
        near = [
            each
            for each in self.candidates.variants
            if first in self.material.affects(each) and self.material.affects(each) <= wrong
        ]
        solved = [each for each in near if each.family is not None]
        every = [each for each in near if each.family is None]
        plain = [each for each in every if not each.everywhere]
        loops = [each for each in every if each.everywhere]
        return (
            self._factor_and_decay(edits, first, wrong)
            or self._with_factor(edits, first, every)
            or self._of_two(edits, first, wrong, loops)
            or self._of_two(edits, first, wrong, plain)
            or self._with_number(edits, first, plain, solved)
        )

    def _factor_and_decay(
        self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str]
    ) -> tuple[Finding, ...] | None:
        """``u = c data + d W``, with neither right."""
        weights = [name for name in self.material.of_rank(2) if name in wrong]
        # A bias may have too few entries to tell the two apart.
        pairs = self.candidates.decay.pairs(edits, weights[0] if weights else first)
        if pairs is None:
            return None
        for where, tensors, code in self.material.places():
            if first not in self.material.below(tensors):
                continue
            law = self.candidates.factors.given([c for c, _ in pairs], where, tensors, code)
            if law is None:
                continue
            for decay in self.candidates.decay.beginning_at((*edits, *law.edits), first):
                if self._complete(edits, (law, decay)):
                    return law, decay
        return None

    def _with_factor(
        self, edits: tuple[Edit, ...], first: str, plain: list[Variant]
    ) -> tuple[Finding, ...] | None:
        factors, case = self.candidates.factors, self.material.cases[0]
        only = frozenset({first})
        for variant, (where, tensors, code) in itertools.product(
            plain, tuple(self.material.places())
        ):
            if self.late:
                return None
            if first not in self.material.below(tensors):
                continue
            inner = (*edits, *variant.edits)
            if factors.number(case, inner, tensors, only, "data") is None:
                continue
            for law in factors.at(inner, where, tensors, code, only):
                both = (of_variant(variant), law)
                if self._complete(edits, both):
                    return both
        return None

    def _of_two(
        self, edits: tuple[Edit, ...], first: str, wrong: frozenset[str], plain: list[Variant]
    ) -> tuple[Finding, ...] | None:
        case = self.material.cases[0]
        for one, other in itertools.islice(itertools.combinations(plain, 2), MOST_PAIRS):
            if self.late:
                return None
            if set(_slots(one)) & set(_slots(other)) and one.code == other.code:
                continue
            if case.consistent((*edits, *one.edits, *other.edits), wrong - {first}):
                both = (of_variant(one), of_variant(other))
                if self._complete(edits, both):
                    return both
        return None

    def _with_number(
        self, edits: tuple[Edit, ...], first: str, plain: list[Variant], solved: list[Variant]
    ) -> tuple[Finding, ...] | None:
        for variant, family in itertools.product(plain, solved):
            if self.late:
                return None
            inner = (*edits, *variant.edits)
            number = self.candidates.solver.solved(family, inner, frozenset({first}))
            if number is not None:
                both = (of_variant(variant), number)
                if self._complete(edits, both):
                    return both
        return None

    def _complete(self, edits: tuple[Edit, ...], findings: tuple[Finding, ...]) -> bool:
        return self.material.whole((*edits, *edits_of(findings)))


def _slots(variant: Variant) -> list[tuple[str, int | None]]:
    return [(edit.tensor, edit.term) for edit in variant.edits]
