"""From wrong gradients to mistakes: one that explains all, else several, else ``unknown``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import process_time

from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.search.candidates import Candidates, ordered
from bpsym.verify.diagnosis.search.finding import Finding, by_law
from bpsym.verify.diagnosis.search.material import Material
from bpsym.verify.diagnosis.search.several import Several
from bpsym.verify.diagnosis.variants import rare_variants_of, variants_of

# After this no further mistakes are put together: a diagnosis is worth a second or two of waiting.
SECONDS = 1.6
MOST_ALTERNATIVES = 3


class Search:
    """Explains gradients by a few mistakes."""

    def __init__(self, chain: Chain, cases: Sequence[Case], held: Sequence[Case]) -> None:
        self.material = Material(chain, cases, held)
        self.candidates = Candidates(self.material)
        self.several = Several(self.material, self.candidates, process_time() + SECONDS)

    def run(self, wrong: frozenset[str]) -> list[Finding]:
        """The mistakes, in the order of a backward pass; ``unknown`` where nothing fits."""
        found: list[Finding] = []
        for variants in (variants_of, rare_variants_of):
            more = sorted(variants(self.material.chain), key=lambda each: each.rank)
            self.candidates.variants = (*self.candidates.variants, *more)
            found = self._singles(wrong)
            if found:
                break
        # Whatever is put together may be rare too: of two mistakes often one is.
        found = found or self._several(wrong)
        if found:
            return [part for each in found for part in by_law(each)]
        return self._partly(wrong)

    def _singles(self, wrong: frozenset[str]) -> list[Finding]:
        """The mistakes that explain everything by themselves, each code and place once."""
        found = self.candidates.of_everything((), wrong)
        kept: list[Finding] = []
        for each in ordered([each for each in found if self.material.confirms([each])]):
            if not any(self._said(each, other) for other in kept):
                kept.append(replace(each, alternative=bool(kept)))
        return kept[:MOST_ALTERNATIVES]

    def _said(self, finding: Finding, other: Finding) -> bool:
        """Whether another finding names this mistake, at its place or at a delta above it."""
        if finding.code != other.code:
            return False
        places = self.material.chain.place.items()
        tensors = (name for name, place in places if place == other.where)
        above = (self.material.chain.below[name] for name in tensors)
        return finding.where == other.where or any(finding.where in each for each in above)

    def _several(self, wrong: frozenset[str]) -> list[Finding]:
        found = self.several.explain((), wrong)
        return found if found and self.material.confirms(found) else []

    def _partly(self, wrong: frozenset[str]) -> list[Finding]:
        """``unknown`` at the first wrong place; a mistake that is independent of it is named."""
        first = next(name for name in self.material.peel_order if name in wrong)
        place = self._blamed(first, wrong)
        below = self._inheriting(place, first)
        unknown = Finding("unknown", place, words={"weight": first}, covers=wrong & below)
        rest = wrong - below
        return [unknown, *self._of_rest(rest, below)] if rest else [unknown]

    def _of_rest(self, rest: frozenset[str], ignored: frozenset[str]) -> list[Finding]:
        first = next(name for name in self.material.peel_order if name in rest)
        fitting = self.candidates.of_one((), first, rest | ignored)
        for finding in ordered(list(fitting)):
            whole = self.material.whole(finding.edits, ignored)
            if whole and self.material.confirms([finding], ignored):
                return [replace(finding, covers=rest)]
        return []

    def _blamed(self, first: str, wrong: frozenset[str]) -> str:
        """The delta if all that is computed from it is wrong, else the parameter alone."""
        for tensor in self.material.read_by(first):
            below = self.material.chain.below[tensor]
            if len(below) > 1 and below <= wrong:
                return self.material.chain.place[tensor]
        return first

    def _inheriting(self, place: str, first: str) -> frozenset[str]:
        if place == first:
            return frozenset({first})
        places = self.material.chain.place.items()
        tensor = next(name for name, each in places if each == place)
        return self.material.chain.below[tensor]
