"""What holds before any number is compared: it returns the same twice, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bpsym.verify.adapters.names import letter_of
from bpsym.verify.report import Diagnosis
from bpsym.verify.words.contract import diagnosis
from bpsym.verify.words.remarks import note

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.observe import Array, Language, Observation, Point
    from bpsym.verify.numbers.reference import Reference

# Two calls of one code may sum in another order, no more.
SAME = 1e-12
# A second call that gives the same but for rounding or noise adds nothing to the first.
NOTHING_ADDED = 1e-6


@dataclass(frozen=True, eq=False)
class Calls:
    """What repeated calls at one point gave: the first, and two calls in a row.

    adding: it makes steps, and to each it adds of the last one: all of it, or with a momentum.
    """

    first: Observation
    diagnosis: tuple[Diagnosis, ...]
    adding: bool = False


def repeated(reading: Reading, point: Point, lang: Language) -> Calls:
    """Call at a point, and again twice in a row, and compare."""
    search = reading.search
    first = reading.observe(point)
    mutated = search.mutated
    found = [
        diagnosis("input-mutated", "state", lang, {"name": name}) for name in dict.fromkeys(mutated)
    ]
    second = reading.observe(point, times=2)
    worst, change = most_changed(first.grads, second.grads)
    if change > SAME:
        third = reading.observe(point, times=2)
        steady = most_changed(second.grads, third.grads)[1] <= SAME
        ratio = _ratio(first.grads, second.grads)
        if steady or (ratio is not None and ratio > 1):
            again = _ratio(second.grads, third.grads)
            added = ratio is not None and abs(ratio - 1) > NOTHING_ADDED
            if ratio is not None and added and reading.route.update:
                return Calls(first, tuple(found), adding=True)
            if ratio is not None and added and (steady or again is not None):
                found.append(diagnosis("accumulated", "state", lang, {"ratio": ratio}))
                return Calls(first, tuple(found))
        fields = {"name": reading.spelling.get(worst, worst), "change": change}
        found.append(diagnosis("nondeterministic", "state", lang, fields))
    return Calls(first, tuple(found))


def added_to_a_step(reading: Reading, first: Observation, lang: Language) -> Diagnosis | str:
    """What a step adds of the last: a note if it is a momentum that begins anew with the code."""
    twice = reading.observe(first.point, times=2)
    ratio = _ratio(first.grads, twice.grads) or np.inf
    fields = {"ratio": ratio, "part": ratio - 1}
    if ratio > 2 - NOTHING_ADDED:
        return diagnosis("accumulated", "state", lang, fields)
    again = reading.observe(first.point)
    if most_changed(first.grads, again.grads)[1] > SAME:
        return diagnosis("accumulated momentum", "state", lang, fields)
    return note("momentum", lang, **fields)


def most_changed(first: Mapping[str, Array], second: Mapping[str, Array]) -> tuple[str, float]:
    """The gradient that differs most between two calls, and by how much of itself."""
    worst, change = "", 0.0
    for name in first:
        if name not in second:
            return name, np.inf
        scale = float(np.max(np.abs(first[name]), initial=0.0)) or 1.0
        both_nan = np.isnan(first[name]) & np.isnan(second[name])
        with np.errstate(invalid="ignore"):
            difference = np.where(both_nan, 0.0, np.abs(second[name] - first[name]))
        off = float(np.max(difference, initial=0.0)) / scale
        if not off <= change:
            worst, change = name, off
    return worst, change


def _ratio(first: Mapping[str, Array], second: Mapping[str, Array]) -> float | None:
    """c with ``second = c first`` everywhere, or None."""
    names = [name for name in first if name in second]
    a = np.concatenate([np.ravel(first[name]) for name in names])
    b = np.concatenate([np.ravel(second[name]) for name in names])
    square = float(a @ a)
    if not square or not np.isfinite(square):
        return None
    ratio = float(a @ b) / square
    return ratio if np.max(np.abs(b - ratio * a)) <= 1e-9 * np.max(np.abs(b)) else None


def missing(reading: Reading, observation: Observation, lang: Language) -> tuple[Diagnosis, ...]:
    """Gradients that did not come back."""
    network = reading.search.network
    there = [reading.spelling.get(n, f"d{n}") for n in network.names if n in observation.raw]
    found = []
    for name, shape in network.parameters.items():
        if name in observation.raw:
            continue
        fields = {
            "name": f"d{name}",
            "found": ", ".join(there),
            "shape": str(reading.form.shape(shape)),
        }
        came = reading.unfilled.get(name)
        code = "missing-gradient" if came is None else "zero-gradient"
        if came not in (None, "None") and not str(came).startswith("an empty"):
            code, fields["came"] = "shape not numbers", str(came)
        fields["found"] = fields["found"] or "nothing"
        found.append(diagnosis(code, name, lang, fields))
    return tuple(found)


def swapped(
    reading: Reading, observation: Observation, reference: Reference, lang: Language
) -> tuple[Diagnosis, ...]:
    """Gradients that came back in an order in which their shapes do not fit.

    Where the shapes fit, the numbers tell, in the diagnosis of values.
    """
    network = reading.search.network
    if set(observation.grads) == set(network.names) or set(observation.raw) != set(network.names):
        return ()
    right = reference.at(observation.point).grads
    tolerance = reference.tolerance(observation.point, 2.0**-24 / 64)
    found: dict[str, str] = {}
    for place, value in observation.raw.items():
        for name, shape in network.parameters.items():
            if name in found.values():
                continue
            for array in _as_parameter(value, shape):
                if np.all(np.abs(array - right[name]) <= tolerance[name]):
                    found.setdefault(place, name)
            if place in found:
                break
    moved = [place for place, name in found.items() if place != name]
    if len(found) != len(network.names) or not moved:
        return ()
    spelled = {place: reading.spelling.get(place, place) for place in found}
    fields = {
        "pairs": ", ".join(f"{spelled[place]} = d{found[place]}" for place in moved),
        "order": ", ".join(f"d{name}" for name in network.names),
    }
    order = [found[place] for place in sorted(found, key=lambda each: spelled[each])]
    code = "blocks-swapped backwards" if _backwards(order, network.names) else "blocks-swapped"
    return (diagnosis(code, moved[-1], lang, fields),)


def _as_parameter(value: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """A gradient in the shape of another parameter than the one that it was handed back for."""
    if len(shape) == 1 and value.size == shape[0]:
        yield value.reshape(shape)
    elif len(shape) == 2:
        yield from (each for each in (value, value.T) if each.shape == shape)


def _backwards(order: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the layers come from the last to the first, each letter by itself."""
    letters: dict[str, list[str]] = {}
    for name in names:
        letters.setdefault(letter_of(name), []).append(name)
    return any(len(group) > 1 for group in letters.values()) and all(
        [each for each in order if each in group] == group[::-1] for group in letters.values()
    )


def not_finite(
    observations: Sequence[Observation], reference: Reference, reading: Reading, lang: Language
) -> tuple[Diagnosis, ...]:
    """The gradient nearest the loss that is not finite: below it others inherit the nan."""
    order = [each.tensor for each in reference.derivation.record.adjoints]
    names = sorted(reference.parameters, key=lambda name: _depth(name, reference, order))
    for name in names:
        for each in observations:
            value = each.grads.get(name)
            if value is None:
                continue
            count = int(np.sum(~np.isfinite(value)))
            if count:
                fields = {
                    "name": reading.spelling.get(name, f"d{name}"),
                    "count": count,
                    "m": each.point.m,
                }
                return (diagnosis("not-finite", name, lang, fields),)
    return ()


def _depth(name: str, reference: Reference, order: Sequence[str]) -> int:
    """How late in a backward pass a gradient can be computed."""
    reads = reference.derivation.record.by_tensor[name].reads
    adjoints = {reference.system.tensors[each].adjoint: each for each in order}
    return max((order.index(adjoints[read]) for read in reads if read in adjoints), default=0)
