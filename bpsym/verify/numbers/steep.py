"""Further points: gradients far beyond every bound in use, and more samples than a slice takes.

``np.clip(g, -5, 5)`` changes nothing where gradients are below 5, and ``X[:32]`` nothing where a
batch has 13 samples. Inputs are scaled up and the weights that read them down by the same power of
two, so that every value after them is the same to the last bit while their gradients grow; targets
that may have any size are moved away from the outputs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.calculus.system import Role
from bpsym.verify.numbers.crosscheck import is_decay, is_dense
from bpsym.verify.numbers.points import PointError, Points, generic_point
from bpsym.verify.numbers.wide import TARGETS, free_targets

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Point
    from bpsym.verify.numbers.reference import Reference

INPUTS = 2.0**10
# Above every bound in use.
LARGE = 1e3
GROWTH = 16.0
MOST_TARGETS = 1e6
# More than the slices in use, 32 to 256; fewer where the code is slow.
MANY = (257, 131, 67)
MOST_SECONDS = 1.0


def steep_points(reference: Reference, points: Points) -> tuple[Point, ...]:
    """For each batch size a point with large gradients; empty if nothing makes them larger."""
    first = first_weights(reference)
    found = []
    for base in points.generic[:2]:
        free = free_targets(reference, base)
        inputs = {n: v * (INPUTS if first else 1.0) for n, v in base.inputs.items()}
        params = {n: v / (INPUTS if n in first else 1.0) for n, v in base.params.items()}
        scaled = _with_targets(reference, replace(base, params=params, inputs=inputs), free)
        if scaled is not None and (first or free):
            found.append(scaled)
    return tuple(found)


def _with_targets(reference: Reference, base: Point, free: frozenset[str]) -> Point | None:
    """Targets so large that gradients are; no larger than helps, and finite."""
    best, most, scale = None, 0.0, TARGETS if free else 1.0
    while True:
        targets = {n: v * (scale if n in free else 1.0) for n, v in base.targets.items()}
        point = replace(base, targets=targets)
        at = reference.at(point)
        if not np.isfinite(at.loss) or not all(np.isfinite(g).all() for g in at.grads.values()):
            return best
        least = min(float(np.max(np.abs(each))) for each in at.grads.values())
        # A loss that is linear far out gives the same gradient however far.
        if best is not None and least < 2 * most:
            return best
        best, most = point, least
        if not free or least >= LARGE or scale > MOST_TARGETS:
            return best
        scale *= GROWTH


def first_weights(reference: Reference) -> frozenset[str]:
    """The weights that read inputs, if inputs are read by nothing else; empty otherwise."""
    system = reference.system
    inputs = {each.name for each in system.of_role(Role.INPUT)}
    found: set[str] = set()
    for name in inputs:
        for relation in system.readers[name]:
            if not is_dense(relation):
                return frozenset()
            tensors = [system.tensors[each] for each in relation.reads]
            found |= {t.name for t in tensors if t.role is Role.PARAMETER and len(t.sizes) == 2}
    for weight in found:
        for relation in system.readers[weight]:
            if not is_decay(relation) and not inputs.intersection(relation.reads):
                return frozenset()
    return frozenset(found)


def crowded_points(reference: Reference, points: Points, seconds: float) -> tuple[Point, ...]:
    """A point with as many samples as are done in time; empty if even the fewest are not.

    seconds: what a call takes for one sample.
    """
    for m in MANY:
        if m * seconds > MOST_SECONDS or m in reference.system.sizes.values():
            continue
        try:
            return (generic_point(reference, m, np.random.default_rng(points.generic[0].m)),)
        except PointError:
            return ()
    return ()
