"""A further point, further out: beyond the upper kinks, where gradients are large.

At a point of ordinary size relu6 is relu, a Huber loss with a wide middle is half a square, and a
bound of 5 cuts off nothing. Here inputs are scaled up, and targets that may have any size. Outputs
of a sigmoid or a softmax are kept away from 0 and 1, where code that guards a logarithm by an
epsilon is right to within that epsilon only.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.calculus.system import Role
from bpsym.verify.numbers.points import MARGIN, Kink, Points, kinks_of

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Array, Point
    from bpsym.verify.numbers.reference import Reference

SCALES = (3.0, 6.0, 12.0, 24.0)
# Without a kink to reach, values need not be so large that a smooth slope is nothing but rounding.
SMOOTH_SCALES = (3.0, 5.0)
REACH = 6.0
# Residuals of this size are beyond the thresholds in use, and gradients beyond the bounds in use.
TARGETS = 50.0
# exp(-6) is far above every epsilon in a logarithm.
MOST_AT_OUTPUT = 6.0


def wide_points(reference: Reference, points: Points) -> tuple[Point, ...]:
    """For each batch size a point that visits as many branches as can be; empty if none is fit."""
    kinks = kinks_of(reference)
    goals = kinks or _thresholds(reference)
    found = []
    for base in points.generic[:2]:
        best, fewest = None, np.inf
        for point in _tried(reference, base, SCALES if kinks else SMOOTH_SCALES):
            values = reference.at(point).values
            if not _fit(reference, values, kinks):
                continue
            left = len(unvisited(goals, [values]))
            if left < fewest:
                best, fewest = point, left
            if not left:
                break
        if best is not None:
            found.append(best)
    return tuple(found)


def _thresholds(reference: Reference) -> tuple[Kink, ...]:
    """Where code often takes another formula for a smooth activation, though it has no kink."""
    bounded = _bounded(reference)
    return tuple(
        Kink(z, relation.defines, (-REACH, REACH))
        for relation in reference.system.relations
        if relation.schema.activation is not None and (z := relation.formal()["z"]) not in bounded
    )


def unvisited(
    kinks: Sequence[Kink], values: Sequence[Mapping[str, Array]]
) -> tuple[tuple[str, float, float], ...]:
    """The branches that no value lies in: the pre-activation, from where, to where."""
    return tuple(
        (z, low, high)
        for z, low, high in _branches(kinks)
        if not any(np.any((each[z] > low) & (each[z] < high)) for each in values)
    )


def _branches(kinks: Sequence[Kink]) -> Iterator[tuple[str, float, float]]:
    for kink in kinks:
        edges = (-np.inf, *kink.places, np.inf)
        for low, high in itertools.pairwise(edges):
            yield kink.z, low, high


def _tried(reference: Reference, base: Point, scales: Sequence[float]) -> Iterator[Point]:
    last = _last_parameters(reference)
    free = free_targets(reference, base)
    targets = {n: v * (TARGETS if n in free else 1) for n, v in base.targets.items()}
    for scale in scales:
        inputs = {name: values * scale for name, values in base.inputs.items()}
        for shrink in (1.0, 1 / scale, 0.25 / scale):
            params = {n: v * (shrink if n in last else 1) for n, v in base.params.items()}
            yield replace(base, params=params, inputs=inputs, targets=targets)


def _last_parameters(reference: Reference) -> frozenset[str]:
    """The weights of the outputs that a loss bounds."""
    system = reference.system
    return frozenset(
        name
        for z in _bounded(reference)
        for relation in system.definitions[z]
        for name in relation.reads
        if system.tensors[name].role is Role.PARAMETER and len(system.tensors[name].sizes) == 2
    )


def free_targets(reference: Reference, base: Point | None = None) -> frozenset[str]:
    """The targets that may be any numbers, those left out that are classes at a point."""
    built = reference.derivation.built
    classes = frozenset(
        name
        for name, values in (base.targets.items() if base is not None else ())
        if np.all((values == 0) | (values == 1))
    )
    return frozenset(
        built.targets[loss.target]
        for loss in built.network.losses
        if loss.target is not None
        and loss.target in built.targets
        and built.target_kind(loss) not in ("distribution", "unit", "signs", "positive")
        and built.targets[loss.target] not in classes
    )


def _bounded(reference: Reference) -> frozenset[str]:
    """The last pre-activations where an output is not free."""
    built = reference.derivation.built
    if len(free_targets(reference)) == len(set(built.targets.values())):
        return frozenset()
    system = reference.system
    costs = {r.defines for r in system.relations if r.defines in system.weights}
    ends = {
        r.defines
        for r in system.relations
        if system.readers[r.defines] and all(x.defines in costs for x in system.readers[r.defines])
    }
    before = {
        name
        for r in system.relations
        if r.defines in ends
        for name in r.reads
        if system.tensors[name].role is Role.HIDDEN
    }
    # A loss of the logits reads the last pre-activations themselves.
    return frozenset(before | ends)


def _fit(reference: Reference, values: Mapping[str, Array], kinks: Sequence[Kink]) -> bool:
    finite = np.isfinite(values["C"]) and all(
        np.isfinite(values[reference.system.tensors[name].adjoint]).all()
        for name in reference.parameters
    )
    bounded = all(np.max(np.abs(values[z])) <= MOST_AT_OUTPUT for z in _bounded(reference))
    return bool(finite and bounded) and all(
        float(np.min(np.abs(values[kink.z] - place))) > MARGIN / 10
        for kink in kinks
        for place in kink.places
    )
