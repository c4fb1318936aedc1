"""What holds before any number is compared: it returns the same twice, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.verify.adapters.forms import given
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
        changed = _changed(first.grads, second.grads)
        ratio = _ratio(first.grads, second.grads)
        part = _ratio(*(_some(each.grads, changed) for each in (first, second)))
        if ratio is None and part is not None:
            again = _ratio(*(_some(each.grads, changed) for each in (second, third)))
            if part - 1 > NOTHING_ADDED and (steady or again is not None):
                names = ", ".join(reading.spelling.get(each, each) for each in changed)
                fields = {"ratio": part, "names": names}
                found.append(diagnosis("accumulated some", "state", lang, fields))
                return Calls(first, tuple(found))
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


def _changed(first: Mapping[str, Array], second: Mapping[str, Array]) -> tuple[str, ...]:
    """The gradients that are not the same at two calls."""
    return tuple(
        name
        for name in first
        if name in second and most_changed({name: first[name]}, {name: second[name]})[1] > SAME
    )


def _some(grads: Mapping[str, Array], names: Sequence[str]) -> dict[str, Array]:
    return {name: grads[name] for name in names if name in grads}


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
    if set(observation.grads) == set(network.names):
        return _flat_swapped(reading, observation, reference, lang)
    if set(observation.raw) != set(network.names):
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


def _flat_swapped(
    reading: Reading, observation: Observation, reference: Reference, lang: Language
) -> tuple[Diagnosis, ...]:
    """A flat vector whose parts, each right, stand in another order than the parameters."""
    if reading.trial is None or not reading.trial.returned.flat:
        return ()
    point, network = observation.point, reading.search.network

    def held(grads: Mapping[str, Array]) -> Mapping[str, Array]:
        """Gradients as the code holds its parameters, the bias in W where it has it there."""
        return given(replace(point, params=grads), reading.form, network).params

    right, yours = held(reference.at(point).grads), held(observation.grads)
    near = held(reference.tolerance(point, 2.0**-24 / 64))
    order = [name for name in reading.trial.returned.grads if name in yours]
    vector = np.concatenate([np.ravel(yours[name]) for name in order])
    found = _in_order(vector, right, near)
    if found is None or found == order or set(found) != set(order):
        return ()
    fields = {
        "pairs": ", ".join(f"d{name}" for name in found),
        "order": ", ".join(f"d{name}" for name in order),
    }
    return (diagnosis("blocks-swapped flat", found[0], lang, fields),)


def _in_order(
    vector: Array, right: Mapping[str, Array], near: Mapping[str, Array]
) -> list[str] | None:
    """The order in which a vector holds all the right blocks; None if it does not."""
    if not right:
        return [] if not vector.size else None
    for name, block in right.items():
        size = block.size
        if size > vector.size:
            continue
        if np.all(np.abs(vector[:size] - np.ravel(block)) <= np.abs(np.ravel(near[name]))):
            others = {other: each for other, each in right.items() if other != name}
            rest = _in_order(vector[size:], others, near)
            if rest is not None:
                return [name, *rest]
    return None


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
