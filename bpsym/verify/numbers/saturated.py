"""Further points, where outputs of a sigmoid or a softmax are nearly 0 or 1.

Code that cuts probabilities off at 0.001 is right wherever none comes so near. Here some do. What
guards a logarithm by a small epsilon, 1e-7 and less, is not held against it: no output is nearer to
0 and 1 than ``exp(-LOGIT)``, and the loss may be off by ``LOSS_SLACK`` of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.calculus.system import Role

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Array, Observation, Point
    from bpsym.verify.numbers.points import Points
    from bpsym.verify.numbers.reference import Reference

# A last pre-activation, whether a softmax reads it, the parameters that it is computed from.
End = tuple[str, bool, tuple[str, ...]]

# exp(-8) = 0.0003: beyond the bounds that change a loss, above those that only guard it.
LOGIT = 8.0
LOSS_SLACK = 1e-4


def saturated_points(reference: Reference, points: Points) -> tuple[Point, ...]:
    """For each batch size a point with outputs near 0 and 1; empty if no output is a probability.

    The weights of the last layer are scaled up, so that nothing else changes.
    """
    ends = tuple(_probabilities(reference))
    found = []
    for base in points.generic[:2] if ends else ():
        tried = [_moved(reference, base, ends, sign) for sign in (1, -1)]
        fit = [each for each in tried if _finite(reference, each)]
        # The larger loss has a target whose probability is small: there a bound shows.
        found += sorted(fit, key=lambda each: reference.at(each).loss)[-1:]
    return tuple(found)


def _moved(reference: Reference, base: Point, ends: Sequence[End], sign: int) -> Point:
    values = reference.at(base).values
    params = dict(base.params)
    for z, softmax, names in ends:
        scale = LOGIT / _reach(values[z], softmax=softmax)
        if np.isfinite(scale) and scale > 1:
            params.update({name: base.params[name] * (sign * scale) for name in names})
    return replace(base, params=params)


def _finite(reference: Reference, point: Point) -> bool:
    at = reference.at(point)
    return bool(np.isfinite(at.loss)) and all(np.isfinite(g).all() for g in at.grads.values())


def _reach(z: Array, *, softmax: bool) -> float:
    """The largest logit: of a softmax the largest difference of two."""
    return float(np.max(np.ptp(z, axis=-1))) if softmax else float(np.max(np.abs(z)))


def _probabilities(reference: Reference) -> Iterator[End]:
    """The last pre-activations whose outputs are probabilities, and the parameters they read."""
    system = reference.system
    costs = {each.defines for each in system.relations if each.defines in system.weights}
    for relation in system.relations:
        readers = system.readers[relation.defines]
        if not readers or not all(each.defines in costs for each in readers):
            continue
        softmax = relation.schema.label == "softmax"
        if not softmax and relation.schema.label != "sigmoid":
            continue
        for z in relation.reads:
            [definition, *others] = system.definitions.get(z, ()) or (None,)
            if definition is None or others or definition.schema.label != "dense":
                continue
            own = [n for n in definition.reads if system.tensors[n].role is Role.PARAMETER]
            alone = all(system.readers[n] == (definition,) or _decayed(reference, n) for n in own)
            if alone and system.readers[z] == (relation,):
                yield z, softmax, tuple(own)


def _decayed(reference: Reference, name: str) -> bool:
    """Whether a parameter is read by one layer, and by the decay."""
    readers = reference.system.readers[name]
    return sum(each.schema.label != "decay" for each in readers) == 1


def loss_is_near(reference: Reference, seen: Observation) -> bool:
    """Whether the loss that came back, if one did, is the declared one to within a guard."""
    if seen.loss is None:
        return True
    right = reference.at(seen.point).loss
    return bool(abs(seen.loss - right) <= LOSS_SLACK * abs(right))
