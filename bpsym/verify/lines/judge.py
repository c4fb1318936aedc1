"""All lines together: each is judged on its own, but by one convention.

Every name on a right side stands for its right value, so that a wrong line does not spoil the
next. The convention is the one in which most lines are right, then the one that needs the fewest
mistakes to explain the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bpsym.calculus.system import SAMPLES, Role
from bpsym.typeset.formulas.tree import ONE, Kind, Partial, symbols, walk
from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.observe import Observation
from bpsym.verify.lines.arranged import Arranged
from bpsym.verify.lines.compare import Compared, compared
from bpsym.verify.lines.convention import (
    Convention,
    Declared,
    conventions_of_code,
    conventions_of_text,
)
from bpsym.verify.lines.equality import Equality, NumpyEquality, TreeEquality
from bpsym.verify.lines.names import Naming
from bpsym.verify.lines.read import Readable
from bpsym.verify.lines.result import LineResult
from bpsym.verify.numbers.points import choose_points, random_point
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.numbers.wide import wide_points

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.diagnosis.observe import Language, Point

# A convention that turns wrong lines into right ones must do so for this many.
SPEAKING = 2
POINTS_OF_ONE = 3
# An unknown mistake weighs as much as this many known ones.
UNEXPLAINED = 5


@dataclass(frozen=True, eq=False)
class Reading:
    """The lines in one convention."""

    readable: Readable
    convention: Convention
    found: tuple[Compared, ...]

    @property
    def right(self) -> frozenset[int]:
        """The groups that are right."""
        wrong = {each.equality.group for each in self.found if not each.result.ok}
        return frozenset(each.equality.group for each in self.found) - wrong

    @property
    def merit(self) -> int:
        """Lines that are right count; those that cannot even be computed count against it."""
        groups = {each.equality.group for each in self.found if each.result.problem}
        return 2 * len(self.right) - len(groups)


class LineJudge:
    """Judges equalities of one network."""

    def __init__(
        self, derivation: Derivation, declared: Declared, seed: int, lang: Language
    ) -> None:
        self.derivation = derivation
        self.declared = declared
        self.seed = seed
        self.lang = lang
        self.reference = Reference(derivation)
        self.chain = Chain(derivation.record)
        self.naming = Naming(derivation, self.chain)
        self._chains = {id(derivation.record): self.chain}
        self._cases: dict[tuple[int, bool], list[Case]] = {}

    @cached_property
    def _batch(self) -> Sequence[Point]:
        """Points with several samples; further out too, beyond upper kinks, as for code."""
        points = choose_points(self.reference, seed=self.seed)
        return (*points.generic, *wide_points(self.reference, points))

    @cached_property
    def _single(self) -> Sequence[Point]:
        """Points with one sample, for formulas that are written for one."""
        rng = np.random.default_rng(self.seed)
        return [random_point(self.reference, 1, rng) for _ in range(POINTS_OF_ONE)]

    def chain_of(self, readable: Readable) -> Chain:
        """The terms of the derivation whose equations a notation writes."""
        return self._chains.setdefault(id(readable.record), Chain(readable.record))

    def points(self, readable: Readable, convention: Convention) -> list[Arranged]:
        """The points as a convention arranges them."""
        chain, one = self.chain_of(readable), convention.samples == "one"
        key = id(chain), one
        if key not in self._cases:
            self._cases[key] = [
                Case(chain, Observation(point, None, {}), 2.0**-53, self.reference)
                for point in (self._single if one else self._batch)
            ]
        adjoints = {each.adjoint: each.name for each in chain.system.tensors.values()}
        return [Arranged(each, convention, adjoints) for each in self._cases[key]]

    def readings(self, readables: Sequence[Readable]) -> list[Reading]:
        """The lines in every convention that comes into question, guarded ones last."""
        mean = self.derivation.network.reduction == "mean"
        found: list[Reading] = []
        for readable in readables:
            code = any(isinstance(each, NumpyEquality) for each in readable.equalities)
            conventions = (
                conventions_of_code(self.declared, mean=mean)
                if code
                else conventions_of_text(readable.notation, self.declared, mean=mean)
            )
            batch = any(_counts_samples(each) for each in readable.equalities)
            partials = any(map(_has_partials, readable.equalities))
            for convention in self._distinct(conventions, readable.equalities):
                if batch and convention.samples == "one":
                    continue
                if convention.partials and not partials:
                    continue
                points = self.points(readable, convention)
                judged = tuple(
                    self._compared(each, readable, convention, points)
                    for each in readable.equalities
                )
                found.append(Reading(readable, convention, judged))
                if not convention.guarded and all(each.result.ok for each in judged):
                    return [found[-1]]
        return sorted(found, key=lambda each: each.convention.guarded)

    def _compared(
        self,
        equality: Equality,
        readable: Readable,
        convention: Convention,
        points: Sequence[Arranged],
    ) -> Compared:
        """An equality at all points; one written for the first sample, at one sample too."""
        found = compared(equality, points, self.lang)
        if found.result.ok or not isinstance(equality, TreeEquality):
            return found
        if convention.samples == "one" or not _of_first_sample(equality, points[0]):
            return found
        again = compared(equality, self._at_one(readable, convention), self.lang)
        return again if again.result.ok else found

    def _at_one(self, readable: Readable, convention: Convention) -> list[Arranged]:
        """Batches of one sample, arranged as batches are."""
        one = self.points(readable, replace(convention, samples="one"))
        return [Arranged(each.case, convention, each.of_adjoint) for each in one]

    def _distinct(
        self, conventions: Iterator[Convention], equalities: Sequence[Equality]
    ) -> Iterator[Convention]:
        """Without those that differ only in what the lines do not speak of."""
        names = {each.of for each in equalities}
        for each in equalities:
            if isinstance(each, NumpyEquality):
                names.update(each.reads)
            else:
                names.update(self.naming.of_adjoint)
                names.update(self.naming.of_adjoint.values())
        system = self.chain.system
        of = self.naming.of_adjoint
        parameters = [system.tensors[of.get(n, n)] for n in names if of.get(n, n) in system.tensors]
        parameters = [each for each in parameters if each.role is Role.PARAMETER]
        biases = any(len(each.sizes) == 1 for each in parameters)
        weights = any(len(each.sizes) == 2 for each in parameters)
        seen: set[Convention] = set()
        for convention in conventions:
            key = convention
            if not biases:
                key = replace(key, bias="flat")
            if not weights:
                key = replace(key, weights="out,in", guarded=False)
            if key not in seen:
                seen.add(key)
                yield convention if weights else replace(convention, guarded=False)

    def best(self, readings: Sequence[Reading]) -> list[Reading]:
        """The readings in which most lines are right; a guarded one only if lines speak for it."""
        free = [each for each in readings if not each.convention.guarded]
        if not free:
            free = list(readings)
        most = max(each.merit for each in free)
        kept = [each for each in free if each.merit == most]
        for each in readings:
            if each in free or each.merit <= most:
                continue
            speaking = each.right - frozenset().union(*(other.right for other in kept))
            if len(speaking) >= SPEAKING and self._reads_weights(each, speaking):
                most, kept = each.merit, [each]
        return kept

    def _reads_weights(self, reading: Reading, groups: frozenset[int]) -> bool:
        """Whether a line computes with a weight: transposed results alone are mistakes."""
        if reading.convention.notation:
            return True
        weights = {
            each.name for each in self.chain.system.of_role(Role.PARAMETER) if len(each.sizes) == 2
        }
        for each in reading.found:
            equality = each.equality
            if equality.group not in groups:
                continue
            if not isinstance(equality, NumpyEquality):
                return True
            if weights.intersection(equality.reads):
                return True
        return False


def _counts_samples(equality: Equality) -> bool:
    """Whether a formula has m in it: it is then not one for a single sample."""
    if not isinstance(equality, TreeEquality):
        return False
    return any(each.name == SAMPLES for each in symbols(equality.side) if each.kind is Kind.SIZE)


def _has_partials(equality: Equality) -> bool:
    """Whether a derivative of the cost is written in it as one."""
    if not isinstance(equality, TreeEquality):
        return False
    sides = (*walk(equality.left), *walk(equality.side))
    return any(isinstance(each, Partial) for each in sides)


def _of_first_sample(equality: TreeEquality, at: Arranged) -> bool:
    """Whether every value in it is that of sample 1: it is then written for a single sample."""
    found = False
    for each in (*symbols(equality.left), *symbols(equality.side)):
        name = at.of_adjoint.get(each.name, each.name)
        tensor = at.case.chain.system.tensors.get(name) if each.kind is Kind.TENSOR else None
        if tensor is None or SAMPLES not in tensor.sizes or not each.subscripts:
            continue
        place = each.subscripts[0 if at.convention.samples == "rows" else -1]
        if place != ONE:
            return False
        found = True
    return found


def _named(result: LineResult) -> bool:
    return bool(result.diagnosis) and result.diagnosis[0].code != "unknown"


def merged(found: Sequence[Compared], results: Sequence[LineResult]) -> tuple[LineResult, ...]:
    """One result a group: its worst, of several that are wrong one whose mistake has a name."""
    groups: dict[int, LineResult] = {}
    for each, result in zip(found, results, strict=True):
        group = each.equality.group
        other = groups.get(group)
        if other is None or (not result.ok and (other.ok or _named(result) > _named(other))):
            groups[group] = result
    return tuple(groups[group] for group in sorted(groups))
