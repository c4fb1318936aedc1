"""Tries changes of the user's file until its gradients are right.

The mistake is known from the numbers; where the file makes it is found by the same numbers: the
place that gives what the derivation gives with the mistake made. There the statement is changed,
in one part or as a whole, and the file is run with it. What is shown has passed at every point.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.errors import BpsymError
from bpsym.verify.mending.edits import Change, Sight, changes
from bpsym.verify.mending.insertions import inserted, rescaled
from bpsym.verify.mending.loops import loops_changed
from bpsym.verify.mending.right_sides import exchanged
from bpsym.verify.mending.runs import Runs, Wrong
from bpsym.verify.mending.shown import as_shown
from bpsym.verify.mending.sights import Lines, Sights
from bpsym.verify.mending.source import Patch, Source
from bpsym.verify.mending.suspects import Suspects

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.chain import Chain
    from bpsym.verify.diagnosis.observe import Point
    from bpsym.verify.diagnosis.search import Finding

MOST_STEPS = 8
LONGEST = 200_000
# What no change of one statement mends, or what is not seen in the values of a statement.
LEFT = ("finite-difference", "wrong-loss")
LIKELY = 1.6
LEFTOVER = (
    "single-entry",
    "updated-weight",
    "gradient-clipped",
)  # of a statement that does too much
# The rank of a change that is tried where nothing points to the statement.
SMALL = 0.9


@dataclass(frozen=True, eq=False)
class Mender:
    """What mends one file.

    load: the request that loads it. wrong: the parameters that an observation has wrong.
    lines: the right sides that the derivation has for a place, in given names. decay: the declared
    l2, whose term some code adds afterwards.
    """

    reading: Reading
    load: Mapping[str, Any]
    chain: Chain
    points: Sequence[Point]
    wrong: Wrong
    lines: Lines
    decay: float = 0.0

    @cached_property
    def _runs(self) -> Runs:
        return Runs(self.reading, self.load, self.points, self.wrong, self.chain.parameters)

    @cached_property
    def _suspects(self) -> Suspects:
        return Suspects(self._runs, self.chain, self.decay)

    @cached_property
    def _sights(self) -> Sights:
        return Sights(self._runs, self.chain, self.lines)

    def mended(self, findings: Sequence[Finding], text: str) -> list[list[Patch]] | None:
        """For each finding the statements that mend it; None if the file does not pass with them.

        text: of the file.
        """
        if len(text) > LONGEST or any(each.code in LEFT for each in findings):
            return None
        with warnings.catch_warnings(), np.errstate(all="ignore"):  # most changes are nonsense
            warnings.simplefilter("ignore")
            return self._mended(findings, text)

    def _mended(self, findings: Sequence[Finding], text: str) -> list[list[Patch]] | None:
        self._runs.start()
        patches: list[list[Patch]] = []
        try:
            left = self._runs.begin(text)
            for at, finding in enumerate(findings):
                if finding.alternative:
                    patches.append([])
                    continue
                more = [each.covers for each in findings[at + 1 :] if not each.alternative]
                later = frozenset().union(*more)
                mine, text, left = self._one(finding, text, left, later)
                patches.append(mine)
            passes = not left and self._passes(text)
        except (BpsymError, SyntaxError, ValueError, LookupError, RecursionError):
            return None
        finally:
            self._runs.restore()
        return as_shown(patches) if passes and any(patches) else None

    def _one(
        self, finding: Finding, text: str, left: frozenset[str], later: frozenset[str]
    ) -> tuple[list[Patch], str, frozenset[str]]:
        """Statements are changed until what a finding explains is right."""
        patches: list[Patch] = []
        for _ in range(MOST_STEPS):
            if not left or (patches and not (left & finding.covers) - later):
                break
            step = self._step(finding, text, left, later, first=not patches)
            if step is None:
                break
            patch, left = step
            patches.append(patch)
            text = patch.text
        return patches, text, left

    def _step(
        self,
        finding: Finding,
        text: str,
        left: frozenset[str],
        later: frozenset[str],
        *,
        first: bool,
    ) -> tuple[Patch, frozenset[str]] | None:
        """The first change with which fewer gradients are wrong, and those that still are."""
        source = Source(text)
        partial: tuple[Patch, frozenset[str]] | None = None
        if finding.code in LEFTOVER:
            for statement in self._elsewhere(source, (), left):
                if self._passes(statement.text):
                    return statement, frozenset()
                if self._runs.spent(1 / 3):
                    break
        here = self._suspects.places(finding, source, left, first=first)
        several = bool(later) or not first or len({each.tensor for each in finding.edits}) > 1
        for patch in self._tried(finding, source, here, left):
            if patch is None:  # a place is done with
                if partial is not None and several:
                    return partial
                continue
            rest = self._runs.left(patch.text)
            if not rest:
                if self._runs.right_elsewhere(patch.text):
                    return patch, rest
            elif rest < left and partial is None and (finding.covers & left) - rest:
                partial = patch, rest
            if self._runs.spent():
                break
        return partial

    def _passes(self, text: str) -> bool:
        return not self._runs.left(text) and self._runs.right_elsewhere(text)

    def _tried(
        self, finding: Finding, source: Source, here: Sequence[int], left: frozenset[str]
    ) -> Iterator[Patch | None]:
        """What may mend it: what is likely where it is, then elsewhere, then the rest."""
        rest: list[Patch] = []
        if finding.code == "blocks-swapped":
            yield from exchanged(source)
        for number in here:
            for rank, patch in self._patches(finding, source, number, left):
                if rank <= LIKELY:
                    yield patch
                else:
                    rest.append(patch)
            yield None
        yield from inserted(source, finding.where, here, left)
        yield from loops_changed(source)
        yield from self._elsewhere(source, here, left)
        for number in self._suspects.doubtful(source, left):
            if number not in here:
                every = self._patches(finding, source, number, left)
                yield from (patch for rank, patch in every if rank <= LIKELY)
        yield from rest

    def _elsewhere(
        self, source: Source, tried: Sequence[int], left: frozenset[str]
    ) -> Iterator[Patch]:
        """Statements left out or put off, and small changes of any that was run."""
        run = self._suspects.doubtful(source, left)
        bodies = {id(source.places[n].inside): source.places[n].inside for n in run}
        for body in bodies.values():
            block = getattr(body, "body", [])
            if not isinstance(block, list):
                continue
            last = [each for each in block if not isinstance(each, ast.Return)][-1:]
            for each in block:
                if isinstance(each, ast.AugAssign | ast.Assign | ast.For | ast.If | ast.Expr):
                    patches = [source.without(each)]
                    if last and each is not last[0] and isinstance(each, ast.AugAssign):
                        patches.append(source.later(each, last[0]))
                    yield from (patch for patch in patches if patch is not None)
        for number in run:
            if number in tried:
                continue
            place = source.places[number]
            for change in changes(place.node, Sight({}, source.functions)):
                if change.rank <= SMALL:
                    patch = source.patched(place, change.old, change.new)
                    if patch is not None:
                        yield patch

    def _patches(
        self, finding: Finding, source: Source, number: int, left: frozenset[str]
    ) -> Iterator[tuple[float, Patch]]:
        """The changes of a place, with their ranks."""
        place = source.places[number]
        sight = self._sights.of(finding, source, number, left)
        done: set[str] = {source.text}
        divided = rescaled(source, place.statement, sight.counts)
        whole = (*self._of_statement(source, number), *divided)
        for change in (*whole, *changes(place.node, sight)):
            if isinstance(change, Patch):
                rank, patch = 0.0, change
            else:
                rank, made = change.rank, source.patched(place, change.old, change.new)
                if made is None:
                    continue
                patch = made
            if patch.text not in done:
                done.add(patch.text)
                yield rank, patch

    def _of_statement(self, source: Source, number: int) -> Iterator[Patch | Change]:
        """``+=`` for ``=``, and the other way round."""
        place = source.places[number]
        new: ast.stmt
        match place.statement:
            case ast.Assign(targets=[target], value=value) if value is place.node:
                new = ast.AugAssign(target, ast.Add(), value)  # type: ignore[arg-type]
            case ast.AugAssign(target=target, op=ast.Add(), value=value):
                new = ast.Assign([target], value)
            case ast.AugAssign(target=target, op=ast.Sub(), value=value):
                new = ast.AugAssign(target, ast.Add(), value)
            case _:
                return
        patch = source.restated(place.statement, ast.fix_missing_locations(new))
        if patch is not None:
            yield patch
