"""Where gradients are compared: points at which no two mistakes look the same, if it can be helped.

Two batch sizes, each different from every width and from the other: with m = 1 a missing 1/m, a
mean for a sum and the last sample alone all look right, with m equal to a width a wrong axis does.
No bias is zero, or decay on biases would not be seen. Activations are kept away from their kinks,
where both one-sided derivatives are right; one extra point lies exactly on a kink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from bpsym.calculus.system import SAMPLES, Role, Tensor
from bpsym.calculus.terms.functions import U
from bpsym.errors import BpsymError
from bpsym.verify.diagnosis.observe import Point

if TYPE_CHECKING:
    from bpsym.network.model import Loss
    from bpsym.verify.diagnosis.observe import Array
    from bpsym.verify.numbers.reference import Reference

BATCHES = (8, 13, 5, 11, 17, 19, 7, 23, 29, 31)
TRIES = 60
# How near a kink a pre-activation may come, at most; less where there are many of them.
MARGIN = 1e-3


class PointError(BpsymError):
    """A network for which no point was found at which it can be judged."""


@dataclass(frozen=True, eq=False)
class Points:
    """generic: four points, of batch sizes m1, m2, m1, m2. kink: on a kink, or None.

    above: the kink point moved to the right of the kink by a hair.
    """

    generic: tuple[Point, ...]
    kink: Point | None = None
    above: Point | None = None

    @property
    def batches(self) -> tuple[int, ...]:
        """The batch sizes, each once."""
        return tuple(dict.fromkeys(each.m for each in self.generic))


def choose_points(reference: Reference, *, seed: int = 0) -> Points:
    """Points for the network of a derivation.

    Raises PointError if the network is finite nowhere that was tried.
    """
    widths = set(reference.system.sizes.values())
    first, second = [m for m in BATCHES if m not in widths][:2]
    rng = np.random.default_rng(seed)
    generic = tuple(generic_point(reference, m, rng) for m in (first, second, first, second))
    kink, above = _at_kink(reference, generic[0])
    return Points(generic, kink, above)


def generic_point(reference: Reference, m: int, rng: np.random.Generator) -> Point:
    """The best of a few random points: finite, off the kinks, with few gradients zero.

    Raises PointError if the network is finite at none of them.
    """
    kinks = kinks_of(reference)
    best, most = None, -1.0
    for attempt in range(TRIES):
        point = random_point(reference, m, rng, positive=attempt % 4 == 3 and best is None)
        try:
            at = reference.at(point)
        except FloatingPointError:
            continue
        if not np.isfinite(at.loss) or not all(np.isfinite(g).all() for g in at.grads.values()):
            continue
        if kinks and _distance(at.values, kinks) < _margin(at.values, kinks):
            continue
        alive = min(float(np.mean(grad != 0)) for grad in at.grads.values())
        if alive > most:
            best, most = point, alive
        if most == 1:
            break
        if attempt > TRIES // 2 and most > 0:
            break
    if best is None:
        raise PointError.single(
            where=f"network {reference.derivation.network.name!r}",
            what="its loss or a gradient is not finite, or lies on a kink, wherever it was tried",
            expected=f"a finite loss at one of {TRIES} random points",
            got="none",
            way_out="check the expressions: a logarithm or a root of a negative number?",
        )
    return best


def random_point(
    reference: Reference, m: int, rng: np.random.Generator, *, positive: bool = False
) -> Point:
    """A random point with batch size m; positive: weights and inputs all positive."""
    system = reference.system

    def shape(tensor: Tensor) -> tuple[int, ...]:
        return tuple(m if label == SAMPLES else system.sizes[label] for label in tensor.sizes)

    def sign(values: Array) -> Array:
        return np.abs(values) if positive else values

    params = {}
    starts = reference.derivation.built.starts
    for tensor in system.of_role(Role.PARAMETER):
        dims = shape(tensor)
        start = starts[tensor.name]
        if len(dims) >= 2:
            values = rng.standard_normal(dims) * np.sqrt(1.3 / np.prod(dims[1:]))
        elif start.value:
            values = float(start.value) * (1 + 0.4 * rng.uniform(-1, 1, dims))
        else:
            values = rng.uniform(0.1, 0.6, dims) * rng.choice([-1.0, 1.0], dims)
        params[tensor.name] = sign(values)
    inputs = {
        tensor.name: sign(rng.standard_normal(shape(tensor)) + 0.2)
        for tensor in system.of_role(Role.INPUT)
    }
    return Point(m, params, inputs, _targets(reference, m, rng))


def _targets(reference: Reference, m: int, rng: np.random.Generator) -> Mapping[str, Array]:
    built = reference.derivation.built
    found: dict[str, Array] = {}
    for loss in built.network.losses:
        if loss.target is None or loss.target not in built.targets:
            continue
        name = built.targets[loss.target]
        tensor = reference.system.tensors[name]
        if name in found:
            continue
        width = [reference.system.sizes[label] for label in tensor.sizes if label != SAMPLES]
        found[name] = target_values(loss, built.target_kind(loss), m, width, rng)
    return found


def target_values(
    loss: Loss, kind: str, m: int, width: list[int], rng: np.random.Generator
) -> Array:
    """Targets of the kind that a loss takes, in the form in which they are used in practice.

    One-hot rows for a cross-entropy and 0 or 1 for its binary form, since code may index with
    them; every class occurs if m allows. Soft rows for a divergence, whose terms need y > 0.
    """
    shape = (m, *width)
    if kind == "distribution":
        classes = width[-1]
        if loss.targets == "weights":
            return rng.uniform(0.2, 1.5, shape)
        if loss.kind == "kl_divergence":
            soft = rng.uniform(0.1, 1, shape)
            return np.asarray(soft / soft.sum(axis=-1, keepdims=True))
        labels = rng.permutation(np.arange(m) % classes)
        return np.asarray(np.eye(classes)[labels])
    if kind == "unit":
        values = rng.integers(0, 2, shape).astype(float)
        values.flat[0], values.flat[-1] = 0.0, 1.0
        return values
    if kind == "signs":
        return rng.choice([-1.0, 1.0], shape)
    if kind == "positive":
        return rng.uniform(0.3, 3, shape)
    return rng.standard_normal(shape)


def one_hot(reference: Reference, points: Points) -> Points | None:
    """The same points with one class per sample, for code that takes labels; None if none does.

    A sigmoid for every class, or a squared error, is often trained with labels too.
    """
    names = [
        name
        for name, values in points.generic[0].targets.items()
        if values.ndim == 2 and values.shape[1] > 1
    ]
    if not names:
        return None

    def hot(point: Point | None) -> Point | None:
        if point is None:
            return None
        targets = dict(point.targets)
        for name in names:
            count = targets[name].shape[1]
            targets[name] = np.eye(count)[np.argmax(targets[name], axis=1)]
        return replace(point, targets=targets)

    generic = tuple(each for each in map(hot, points.generic) if each is not None)
    return Points(generic, hot(points.kink), hot(points.above))


@dataclass(frozen=True)
class Kink:
    """A pre-activation and the values at which its activation has a kink."""

    z: str
    a: str
    places: tuple[float, ...]


def kinks_of(reference: Reference) -> tuple[Kink, ...]:
    """The pre-activations whose activation has a kink, and where."""
    found = []
    for relation in reference.system.relations:
        activation = relation.schema.activation
        if activation is None:
            continue
        places = _places(activation.expression)
        if places:
            formal = relation.formal()
            found.append(Kink(formal["z"], relation.defines, places))
    return tuple(found)


def _places(expression: sp.Expr) -> tuple[float, ...]:
    """Where a case distinction in ``U`` changes over, or an absolute value has its kink."""
    edges = [each.lhs - each.rhs for each in expression.atoms(sp.core.relational.Relational)]
    edges += [each.args[0] for each in expression.atoms(sp.Abs)]
    found = []
    for edge in edges:
        slope = sp.diff(edge, U)
        if slope.is_number and slope != 0:
            found.append(float(-edge.xreplace({U: sp.Integer(0)}) / slope))
    return tuple(sorted(set(found)))


def _distance(values: Mapping[str, Array], kinks: tuple[Kink, ...]) -> float:
    return min(
        float(np.min(np.abs(values[kink.z] - place))) for kink in kinks for place in kink.places
    )


def _margin(values: Mapping[str, Array], kinks: tuple[Kink, ...]) -> float:
    """Smaller where there are more chances to come near."""
    count = sum(values[kink.z].size * len(kink.places) for kink in kinks)
    return min(MARGIN, 0.05 / count)


def _at_kink(reference: Reference, base: Point) -> tuple[Point | None, Point | None]:
    """A point with a sample at which a unit of the first layer lies exactly on its kink.

    The first sample is zero, so that its pre-activation is the bias, which is set to the kink; a
    layer without a bias is at zero there anyway.
    """
    system = reference.system
    for kink in kinks_of(reference):
        for relation in system.definitions[kink.z]:
            reads = [system.tensors[name] for name in relation.reads]
            if any(each.role is Role.HIDDEN for each in reads):
                continue
            biases = [
                each.name for each in reads if each.role is Role.PARAMETER and len(each.sizes) == 1
            ]
            if len(biases) > 1 or (not biases and 0.0 not in kink.places):
                continue
            for place in kink.places:
                points = _kink_points(base, biases, place)
                if points is None:
                    continue
                at, above = points
                values = reference.at(at).values
                ties = values[kink.z][0] == place
                if np.any(ties) and np.isfinite(reference.at(at).loss):
                    return at, above
    return None, None


def _kink_points(base: Point, biases: list[str], place: float) -> tuple[Point, Point | None] | None:
    inputs = {name: np.array(values) for name, values in base.inputs.items()}
    for values in inputs.values():
        values[0] = 0
    if not biases:
        if place != 0:
            return None
        return replace(base, inputs=inputs, kind="kink"), None
    [name] = biases
    below, above = (dict(base.params) for _ in range(2))
    for params, value in ((below, place), (above, place + 1e-300 if place == 0 else np.nan)):
        bias = np.array(params[name])
        bias[0] = np.nextafter(place, np.inf) if value != value else value
        params[name] = bias
    at = replace(base, params=below, inputs=inputs, kind="kink")
    return at, replace(base, params=above, inputs=inputs, kind="kink")
