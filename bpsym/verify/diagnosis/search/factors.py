"""One factor: at the output, at a delta, at a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bpsym.arrays.index_values import Scope
from bpsym.verify.diagnosis.cases import Array, Case
from bpsym.verify.diagnosis.chain import Edit
from bpsym.verify.diagnosis.laws import Law, factor, identified, same_number
from bpsym.verify.diagnosis.search.finding import Finding
from bpsym.verify.diagnosis.search.material import Material

# Entries of a block that are looked at before all are.
FEW = 100
# Losses whose square brings down a 2, so that half of it is likely.
TWOS = ("squared_error", "mean_squared_error")


@dataclass(frozen=True, eq=False)
class Factors:
    """A factor is solved for at each point by itself, and one law must give it at all of them."""

    material: Material

    def everywhere(self, edits: tuple[Edit, ...], wrong: frozenset[str]) -> Iterator[Finding]:
        """The factors that, on top of ``edits``, explain everything."""
        for where, tensors, code in self.material.places():
            if wrong <= self.material.below(tensors):
                for finding in self.at(edits, where, tensors, code, wrong):
                    if self.material.whole((*edits, *finding.edits)):
                        yield replace(finding, covers=wrong)

    def at(
        self,
        edits: tuple[Edit, ...],
        where: str,
        tensors: tuple[str, ...],
        code: str,
        names: frozenset[str],
    ) -> Iterator[Finding]:
        """The laws of a factor at ``tensors`` that explain ``names``, where there is one.

        The factor is on the data alone, or on the decay too.
        """
        material = self.material
        parameters = all(name in material.chain.parameters for name in tensors)
        for way in ("data", "whole") if parameters else ("data",):
            factors = self._at_all_points(edits, tensors, names, way)
            if factors is not None and any(abs(c - 1) >= 1e-9 for c in factors):
                laws = identified(factors, material.situations, material.tolerance)
                if laws:
                    yield self._finding(laws, where, tensors, code, way, factors)
                for other in self._other_names(laws, tensors):
                    finding = self._finding((other,), where, tensors, code, way, factors)
                    yield replace(finding, rank=finding.rank + self._unlikely(other))
            if not material.has_decay(tensors):
                break

    def given(
        self, factors: Sequence[float], where: str, tensors: tuple[str, ...], code: str
    ) -> Finding | None:
        """Factors on the data that are known from elsewhere, as a finding; None if no law."""
        laws = identified(factors, self.material.situations, self.material.tolerance)
        return self._finding(laws, where, tensors, code, "data", factors) if laws else None

    def _at_all_points(
        self, edits: tuple[Edit, ...], tensors: tuple[str, ...], names: frozenset[str], way: str
    ) -> list[float] | None:
        factors = []
        for case in self.material.cases:
            c = self.number(case, edits, tensors, names, way)
            if c is None:
                return None
            factors.append(c)
        return factors

    def _other_names(self, laws: tuple[Law, ...], tensors: tuple[str, ...]) -> Iterator[Law]:
        """Other names of one factor, at an output: there a mean over the outputs is taken."""
        outputs = {z for z, _ in self.material.sites.outputs()}
        if len(laws) == 1 and outputs and set(tensors) <= outputs:
            yield from same_number(laws[0], self.material.situations)

    def _unlikely(self, law: Law) -> float:
        """A half for a loss whose square brings no 2 down is a mean over two outputs."""
        losses = self.material.cases[0].reference.derivation.network.losses
        twos = any(loss.kind in TWOS for loss in losses)
        return -0.05 if law.code == "mean-over-outputs" and not twos else 0.05

    def scaled_by(self, tensors: tuple[str, ...], way: str, by: Law | float) -> tuple[Edit, ...]:
        """The edits that put a factor at these tensors."""
        material = self.material

        def after(array: Array, scope: Scope) -> Array:
            return array * number_of(by, scope, material.cases)

        found = []
        for name in tensors:
            data = [t.number for t in material.chain.terms[name] if t.upstream is not None]
            parameter = name in material.chain.parameters
            if way == "whole" or not parameter or not material.has_decay([name]):
                found.append(Edit(name, None, after=after))
            else:
                found += [Edit(name, number, after=after) for number in data]
        return tuple(found)

    def number(
        self,
        case: Case,
        edits: tuple[Edit, ...],
        tensors: tuple[str, ...],
        names: frozenset[str],
        way: str,
    ) -> float | None:
        """The factor at ``tensors`` that explains ``names`` at one point."""
        with_it = case.predicted(edits)
        without = case.predicted((*edits, *self.scaled_by(tensors, way, 0.0)))
        mine = [name for name in names if name in case.given]
        if not _may_fit(case, with_it, without, mine):
            return None
        moved = [with_it[name] - without[name] for name in mine]
        scales = [float(np.max(np.abs(each))) or 1.0 for each in moved]
        wanted = [case.given[name] - without[name] for name in mine]
        c = factor(
            [a / s for a, s in zip(moved, scales, strict=True)],
            [b / s for b, s in zip(wanted, scales, strict=True)],
        )
        if c is None or not np.isfinite(c):
            return None
        fits = all(
            case.agrees(name, without[name] + c * part)
            for name, part in zip(mine, moved, strict=True)
        )
        return c if fits else None

    def _through(self, tensors: tuple[str, ...]) -> str | None:
        """The weight that the delta above is pulled back through; None at an output."""
        chain = self.material.chain
        if tensors[0] in chain.parameters:
            return None
        place = chain.place[tensors[0]]
        pulled = (o for o in self.material.sites.pulled() if chain.place[o.term.tensor] == place)
        ends = {z for z, _ in self.material.sites.outputs()}
        return None if ends.issuperset(tensors) else next((o.name for o in pulled), place)

    def _finding(
        self,
        laws: tuple[Law, ...],
        where: str,
        tensors: tuple[str, ...],
        code: str,
        way: str,
        factors: Sequence[float],
    ) -> Finding:
        first = laws[0]
        name = first.code
        if first.code == "double-batch-mean" and code:
            name = code
        through = self._through(tensors) if first.code == "zero-gradient" else None
        if through is not None:
            name = "not-propagated"
        formula = " * ".join(law.formula for law in laws)
        parts = tuple(self.scaled_by(tensors, way, law) for law in laws)
        edits = tuple(edit for part in parts for edit in part)
        words: dict[str, object] = {"factor": formula, "weight": through or where, "how": "zero"}
        words["laws"] = laws
        by_m = {case.m: c for case, c in zip(self.material.cases, factors, strict=True)}
        places = tuple(dict.fromkeys(self.material.chain.place[each] for each in tensors))
        everywhere = places if len(places) > 1 else ()
        rank = 0.5 + 0.4 * (len(laws) - 1) + 0.3 * (name == "scaled") + 0.05 * len(everywhere)
        rank += 1.5 * (name == "not-propagated")
        return Finding(name, where, edits, words, rank, everywhere, by_m)


def _may_fit(
    case: Case,
    with_it: Mapping[str, Array],
    without: Mapping[str, Array],
    names: Sequence[str],
) -> bool:
    """A look at a few entries of each block: most factors are out of the question at once."""
    found: float | None = None
    for name in names:
        step = max(1, with_it[name].size // FEW)
        base, top, given = (
            np.ravel(each)[::step] for each in (without[name], with_it[name], case.given[name])
        )
        moved = top - base
        c = factor([moved], [given - base])
        if c is None:
            continue
        scale = float(np.max(np.abs(moved)))
        if float(np.max(np.abs(given - base - c * moved))) > 1e-3 * abs(c) * scale:
            return False
        if found is not None and abs(c - found) > 1e-2 * abs(found):
            return False
        found = c
    return True


def number_of(by: Law | float, scope: Scope, cases: Sequence[Case]) -> float:
    """The number that a law gives for a batch size."""
    if isinstance(by, Law):
        return by.factor(replace(cases[0].situation, m=scope.sizes["m"]))
    return by
