"""A small network that stands in for a large one: the same formulas, few layers, narrow.

Widths do not enter any formula, so small ones will do. Where a single tensor carries everything
from the layers before to the layers behind, layers between two such tensors can be left out,
provided that every sequence of three segments that occurs is kept: a formula depends on nothing
further away, and the twin's own derivation shows whether that was enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.calculus.system import SAMPLES, Relation, Role, System

# Segments in a row that must occur in the twin if they occur in the network.
IN_A_ROW = 3


@dataclass(frozen=True)
class Segment:
    """Relations between two tensors that carry everything.

    kind: equal for segments that differ in names alone. exit: the tensor that the next one reads.
    """

    relations: tuple[Relation, ...]
    kind: object
    exit: str | None


@dataclass(frozen=True)
class Twin:
    """The shortened network. missing: formulas of the network that do not occur in it."""

    derivation: Derivation
    missing: int


def shortened(derivation: Derivation) -> Twin | None:
    """A twin with repeated layers left out, or None if there are none to leave out."""
    system = derivation.system
    segments = _segments(system)
    kept = _kept([segment.kind for segment in segments])
    if len(kept) == len(segments):
        return None
    renamed: dict[str, str] = {}
    for before, here in pairwise(kept):
        skipped, entry = segments[here - 1].exit, segments[before].exit
        if skipped is not None and entry is not None and skipped != entry:
            renamed[skipped] = entry
    chosen = {relation for k in kept for relation in segments[k].relations}
    shorter = _subsystem(system, chosen, renamed)
    inputs = any(system.tensors[each.tensor].role is Role.INPUT for each in derivation.adjoints)
    derived = derive_system(shorter, inputs=inputs)
    formals = {each.formal for each in derived.adjoints}
    missing = {each.formal for each in derivation.adjoints} - formals
    return Twin(derived, len(missing))


def _subsystem(system: System, chosen: set[Relation], renamed: Mapping[str, str]) -> System:
    """The chosen relations in their order, each reading what stands in for a skipped tensor."""
    relations = []
    for relation in system.relations:
        if relation in chosen:
            first, *reads = relation.names
            names = (first, *(renamed.get(name, name) for name in reads))
            relations.append(Relation(relation.schema, names))
    used = {name for relation in relations for name in relation.names}
    tensors = {name: tensor for name, tensor in system.tensors.items() if name in used}
    objective = tuple((name, weight) for name, weight in system.objective if name in used)
    labels = {label for tensor in tensors.values() for label in tensor.sizes}
    sizes = {label: number for label, number in system.sizes.items() if label in labels}
    return System(tensors, tuple(relations), objective, sizes)


def _segments(system: System) -> list[Segment]:
    """Cut the relations wherever one hidden tensor alone is read on both sides of the cut."""
    relations = _by_use(system)
    first, last = _lifetimes(system, relations)
    ending: dict[int, list[str]] = {}
    for name, at in last.items():
        ending.setdefault(at, []).append(name)
    starting: dict[int, list[str]] = {}
    for name, at in first.items():
        starting.setdefault(at, []).append(name)
    segments: list[Segment] = []
    current: list[Relation] = []
    alive: set[str] = set()
    entry: str | None = None
    for at, relation in enumerate(relations):
        current.append(relation)
        alive.update(starting.get(at, ()))
        alive.difference_update(ending.get(at, ()))
        carrier = next(iter(alive)) if len(alive) == 1 else None
        if carrier is not None and _carries(system, carrier):
            kind = _kind(system, current, entry)
            segments.append(Segment(tuple(current), kind, carrier))
            current, entry = [], carrier
    if current:
        segments.append(Segment(tuple(current), _kind(system, current, entry), None))
    return segments


def _carries(system: System, name: str) -> bool:
    tensor = system.tensors[name]
    return tensor.role is Role.HIDDEN and len(tensor.sizes) == 2 and tensor.sizes[0] == SAMPLES


def _by_use(system: System) -> list[Relation]:
    """The relations, those that read no hidden tensor (decay) right after a reader of the same."""
    hidden = {each.name for each in system.of_role(Role.HIDDEN, Role.INPUT)}
    loose: dict[str, list[Relation]] = {}
    found: list[Relation] = []
    free: set[Relation] = set()
    for relation in system.relations:
        if hidden.isdisjoint(relation.reads) and relation.reads:
            loose.setdefault(relation.reads[0], []).append(relation)
            free.add(relation)
    for relation in system.relations:
        if relation in free:
            continue
        found.append(relation)
        for name in relation.reads:
            found.extend(loose.pop(name, ()))
    return [*found, *(relation for rest in loose.values() for relation in rest)]


def _lifetimes(
    system: System, relations: Sequence[Relation]
) -> tuple[dict[str, int], dict[str, int]]:
    """Where each tensor is first defined or read, and where it is last read."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, relation in enumerate(relations):
        for name in relation.names:
            first.setdefault(name, at)
            last[name] = at
    return first, last


def _kind(system: System, relations: Sequence[Relation], entry: str | None) -> object:
    """What a segment is, with names and sizes numbered in the order of meeting."""
    names: dict[str, int] = {}
    sizes: dict[str, int] = {}
    if entry is not None:
        names[entry] = 0
    same, weights = system.representative, system.weights
    rows = [
        (relation.schema, tuple(names.setdefault(name, len(names)) for name in relation.names))
        for relation in relations
    ]
    shapes = []
    for name in names:
        tensor = system.tensors[name]
        labels = tuple(sizes.setdefault(same[label], len(sizes)) for label in tensor.sizes)
        shapes.append(
            (tensor.role, tensor.axes, tensor.named, tensor.sums_to_one, labels, weights.get(name))
        )
    return entry is not None, tuple(rows), tuple(shapes)


def _kept(kinds: Sequence[object]) -> list[int]:
    """The positions of a shorter sequence in which every run of ``IN_A_ROW`` kinds occurs.

    Where the last ``IN_A_ROW - 1`` kinds are the same at two positions, what lies between them can
    be left out without making a run that did not occur.
    """
    window = IN_A_ROW - 1
    states = [tuple(kinds[max(0, k - window + 1) : k + 1]) for k in range(len(kinds))]
    known: set[object] = set()
    needed = []
    for k in range(1, len(kinds)):
        run = (states[k - 1], kinds[k])
        if run not in known:
            known.add(run)
            needed.append(k)
    kept = [0]
    at = 0
    for goal in needed:
        while at < goal - 1:
            at = max(k for k in range(at, goal) if states[k] == states[at])
            if at < goal - 1:
                at += 1
                kept.append(at)
        kept.append(goal)
        at = goal
    return kept
