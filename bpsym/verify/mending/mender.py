"""Tries changes of the user's file until its gradients are right.

The mistake is known from the numbers; where the file makes it is found by the same numbers: the
place that gives what the derivation gives with the mistake made. There the statement is changed,
in one part or as a whole, and the file is run with it. What is shown has passed at every point.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bpsym.errors import BpsymError
from bpsym.verify.adapters.forms import slices
from bpsym.verify.mending.edits import Change, Sight, changes
from bpsym.verify.mending.right_sides import (
    exchanged,
    is_readable,
    named_numbers,
    numbers,
    of_layer,
    parts,
    slope,
)
from bpsym.verify.mending.scene import alike, counts, located, ratio, spelled
from bpsym.verify.mending.source import Patch, Source

if TYPE_CHECKING:
    from bpsym.arrays.index_values import Scope
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.chain import Chain
    from bpsym.verify.diagnosis.observe import Observation, Point
    from bpsym.verify.diagnosis.search import Finding

Array = npt.NDArray[Any]

# A mistake is mended in few places, a place has few changes that are likely, and nobody waits long.
MOST_PLACES = 4
MOST_RUNS = 260
MOST_STEPS = 8
MOST_FACTORS = 14
MOST_SLOPES = 8
SECONDS = 2.5
LONGEST = 200_000
# What no change of one statement mends, or what is not seen in the values of a statement.
LEFT = ("finite-difference", "wrong-loss")
LIKELY = 1.6
LEFTOVER = (
    "single-entry",
    "updated-weight",
    "gradient-clipped",
)  # of a statement that does too much
COARSE = ("precision",)
# The rank of a change that is tried where nothing points to the statement.
SMALL = 0.9
FORWARD = ("wrong-activation", "bias-left-out")

Wrong = Callable[["Observation"], frozenset[str]]
Lines = Callable[[str, Mapping[str, str], Sequence[str]], list[str]]


@dataclass
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
    runs: int = 0
    ends: float = 0.0
    _seen: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)

    def mended(self, findings: Sequence[Finding], text: str) -> list[list[Patch]] | None:
        """For each finding the statements that mend it; None if the file does not pass with them.

        text: of the file.
        """
        if len(text) > LONGEST or any(each.code in LEFT for each in findings):
            return None
        self.ends = time.monotonic() + SECONDS
        patches: list[list[Patch]] = []
        try:
            left = self._left(text)
            for at, finding in enumerate(findings):
                later = frozenset().union(*(each.covers for each in findings[at + 1 :]))
                mine, text, left = self._one(finding, text, left, later)
                patches.append(mine)
            passes = not left and all(not self._left(text, each) for each in self.points)
        except (BpsymError, SyntaxError, ValueError, LookupError, RecursionError):
            return None
        finally:
            self._restore()
        return patches if passes and any(patches) else None

    def _restore(self) -> None:
        try:
            self._request(dict(self.load))
        except BpsymError:  # the process is gone, and the report is made without it
            return

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
            for statement in self._elsewhere(source, ()):
                if not self._left(statement.text) and all(
                    not self._left(statement.text, each) for each in self.points[1:]
                ):
                    return statement, frozenset()
                if self.runs > MOST_RUNS // 3 or time.monotonic() > self.ends:
                    break
        here = self._places(finding, source, left, first=first)
        several = bool(later) or not first or finding.where == "regularisation"
        for patch in self._tried(finding, source, here, left):
            if patch is None:  # a place is done with
                if partial is not None and several:
                    return partial
                continue
            rest = self._left(patch.text)
            if not rest:
                if all(not self._left(patch.text, each) for each in self.points[1:]):
                    return patch, rest
            elif rest < left and partial is None and (finding.covers & left) - rest:
                partial = patch, rest
            if self.runs > MOST_RUNS or time.monotonic() > self.ends:
                break
        return partial

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
        yield from self._elsewhere(source, here)
        yield from rest

    def _elsewhere(self, source: Source, tried: Sequence[int]) -> Iterator[Patch]:
        """Statements left out or put off, and small changes of any that was run."""
        run = list(dict.fromkeys(number for number, _ in self._values(source.text)))
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

    # where ------------------------------------------------------------------------------------

    def _places(
        self, finding: Finding, source: Source, left: frozenset[str], *, first: bool
    ) -> list[int]:
        """The places that may be at fault, the likeliest first."""
        values = self._values(source.text)
        scope = self.chain.scope(self._looked_at)
        parameters = self.chain.parameters
        adjoint = {name: each.adjoint for name, each in self.chain.system.tensors.items()}
        right = [np.asarray(each) for each in scope.values.values()]
        if finding.code in FORWARD:
            known = [
                scope.values[n]
                for n in (finding.where, f"z{finding.where[1:]}")
                if n in scope.values
            ]
            found = [n for each in known for n in alike(values, np.asarray(each), right)]
            return list(dict.fromkeys(found))[: 2 * MOST_PLACES]
        signals = self._signals(finding, scope, adjoint) if first else []
        seen = self._observed(source.text)
        named = [finding.where] if finding.where in parameters else []
        handed: list[Array] = []
        for name in dict.fromkeys((*named, *(n for n in self.chain.order if n in left))):
            given = seen.grads.get(name, seen.raw.get(name))
            if given is not None:
                decay = self.decay * self._looked_at.params[name]
                handed += [np.asarray(given)]
                handed += [given - decay] if self.decay and given.shape == decay.shape else []
        coarse = finding.code in COARSE
        order = [number for number, _ in values]
        nodes = [place.node for place in source.places]
        found = []
        # 1/m may come later, at the gradients: then the code has m times the adjoints.
        groups = [signals, [each * self._looked_at.m for each in signals], handed]
        for loosely in (False, True):
            for group in groups:
                here = {
                    n for a in group for n in located(values, a, loosely=loosely, coarse=coarse)
                }
                copied = finding.code == "missing-derivative"
                found += sorted(
                    here,
                    key=lambda n: (copied and not isinstance(nodes[n], ast.Name), order.index(n)),
                )
        tensor = {each.name: each.tensor for each in self.chain.derivation.adjoints}
        if finding.where in tensor and not found:
            found += alike(values, np.asarray(scope.values[adjoint[tensor[finding.where]]]), right)
        return list(dict.fromkeys(found))[:MOST_PLACES]

    def _signals(self, finding: Finding, scope: Scope, adjoint: Mapping[str, str]) -> list[Array]:
        """The adjoints that the mistake spoils first, with the mistake made."""
        found: list[Array] = []
        here = [name for name, place in self.chain.place.items() if place == finding.where]
        for name in dict.fromkeys((*(each.tensor for each in finding.edits), *here)):
            with np.errstate(all="ignore"):
                given = np.asarray(self.chain.adjoint_with(scope, finding.edits, name))
            found.append(given)
            factor = ratio(given, np.asarray(scope.values[adjoint[name]]))
            if factor is not None:  # it may come down with the factor from what is above
                found += [factor * np.asarray(scope.values[adjoint[each]]) for each in here]
        return found

    # what -------------------------------------------------------------------------------------

    def _patches(
        self, finding: Finding, source: Source, number: int, left: frozenset[str]
    ) -> Iterator[tuple[float, Patch]]:
        """The changes of a place, with their ranks."""
        place = source.places[number]
        sight = self._sight(finding, source, number, left)
        done: set[str] = {source.text}
        for change in (*self._of_statement(source, number), *changes(place.node, sight)):
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

    def _sight(self, finding: Finding, source: Source, number: int, left: frozenset[str]) -> Sight:
        """What can be read at a place, and what is right there in these names."""
        sights = self._watched(source.text, number)
        sight = {text: np.asarray(value) for text, value in (sights[0] if sights else [])}
        scope = self.chain.scope(self._looked_at)
        known = {name: np.asarray(each) for name, each in scope.values.items()}
        for each in self.chain.derivation.adjoints:
            known[each.name] = np.asarray(
                scope.values[self.chain.system.tensors[each.tensor].adjoint]
            )
        place = source.places[number]
        counters = frozenset(
            each.id
            for loop in ast.walk(place.inside)
            if isinstance(loop, ast.For) and any(n is place.node for n in ast.walk(loop))
            for each in ast.walk(loop.target)
            if isinstance(each, ast.Name)
        )
        value = next((np.asarray(v) for n, v in self._values(source.text) if n == number), None)
        m = self._looked_at.m
        signal = known.get(finding.where)
        one = signal is not None and value is not None and m > 1 and value.size * m == signal.size
        form = self.reading.form
        names = spelled(sight, known, self.chain.parameters, form, counters, one=one)
        later = {n: known[n] * self._looked_at.m for n in known if n.startswith(("delta", "adj"))}
        names = spelled(sight, later, (), form, counters, one=one) | names
        sizes = counts(sight, self._looked_at.m)
        if not sizes and not self.reading.form.single:
            sizes = [
                f"{text}.shape[1]" if self.reading.form.columns else f"len({text})"
                for name, text in names.items()
                if name[0] in "XY"
            ]
        if sizes:
            names["m"] = sizes[0]
        wanted = [finding.where, *(name for name in self.chain.order if name in left)]
        right: list[str] = []
        for name in dict.fromkeys(wanted):
            key = f"d{name}" if name in self.chain.parameters else name
            right += self.lines(key, names, sizes[:1])
        right = [named_numbers(each, sight) for each in dict.fromkeys(right)]
        factors, terms = parts(right)
        slopes = [each for text in right for each in slope(text)]
        alike = [t for t, v in sight.items() if value is not None and v.shape == value.shape != ()]
        own = list(dict.fromkeys(self._own_factors(source)))
        moved = [each for text in own for each in of_layer(text, finding.where, names)]
        singles = list(factors)
        factors = [*factors, *moved, *own, *alike]

        def readable(found: Sequence[str]) -> list[str]:
            return [each for each in dict.fromkeys(found) if is_readable(each, sight, source)]

        return Sight(
            sight,
            source.functions,
            sizes[:2],
            readable(factors)[:MOST_FACTORS],
            readable(terms),
            readable(right)[:6],
            readable([*slopes, *moved, *singles])[:MOST_SLOPES],
            numbers(right),
        )

    def _own_factors(self, source: Source) -> Iterator[str]:
        """What the file multiplies by elsewhere, slopes above all."""
        for each in source.places:
            for node in ast.walk(each.node):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                    yield from (ast.unparse(part) for part in (node.left, node.right))

    # runs -------------------------------------------------------------------------------------

    @cached_property
    def _looked_at(self) -> Point:
        """The point at which the code is watched: one sample where it takes one."""
        point = self.points[0]
        return next(iter(slices(point))) if self.reading.form.single else point

    def _request(self, request: Mapping[str, Any]) -> Any:
        self.runs += 1
        return self.reading.search.runner.request(request, "a changed copy of the file")

    def _observed(self, text: str) -> Observation:
        self._request({**self.load, "text": text})
        return self.reading.observe(self._looked_at)

    def _left(self, text: str, point: Point | None = None) -> frozenset[str]:
        """The parameters that the file with this text gets wrong; all if it does not run."""
        try:
            self._request({**self.load, "text": text})
            return self.wrong(self.reading.observe(point or self.points[0]))
        except BpsymError as error:
            if getattr(error, "kind", "") in ("exit", "crash", "timeout", "flood"):
                raise
            return frozenset(self.chain.parameters)

    def _values(self, text: str) -> list[tuple[int, Any]]:
        if text not in self._seen:
            self._request({**self.load, "text": text, "watch": True})
            self.reading.observe(self._looked_at)
            self._seen[text] = self._request({"do": "seen"})["value"]["values"]
        return self._seen[text]

    def _watched(self, text: str, number: int) -> list[list[tuple[str, Any]]]:
        self._request({**self.load, "text": text, "watch": True, "place": number})
        self.reading.observe(self._looked_at)
        sights: list[list[tuple[str, Any]]] = self._request({"do": "seen"})["value"]["sights"]
        return sights
