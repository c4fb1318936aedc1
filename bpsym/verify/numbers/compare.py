"""Gradients beside the right ones, entry by entry; losses beside the declared one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bpsym.verify.report import LossResult, ParameterResult

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Observation
    from bpsym.verify.numbers.reference import Reference

# A loss that is off by less has an epsilon in its logarithm, and is the declared one.
LOSS_SLACK = 1e-6
# A tolerance above this part of the largest entry judges nothing.
COARSE = 1e-2
# An entry this many tolerances off is wrong; between 1 and this it may be either.
SURE = 30.0


@dataclass(frozen=True, eq=False)
class Judged:
    """One parameter at one point.

    coarse: the tolerance is so wide that nothing is judged. close: off, but not surely.
    """

    result: ParameterResult
    coarse: bool = False
    close: bool = False


def roundoffs(reference: Reference, observations: Sequence[Observation]) -> dict[str, float]:
    """The unit roundoff that the returned dtype promises, for each parameter."""
    found = {}
    for name in reference.parameters:
        kinds = {each.grads[name].dtype for each in observations if name in each.grads}
        floats = [float(np.finfo(kind).eps) / 2 for kind in kinds if kind.kind == "f"]
        found[name] = max([2.0**-53, *floats])
    return found


def returned_dtype(observations: Sequence[Observation]) -> str:
    """The narrowest floating type among the gradients."""
    kinds = {value.dtype for each in observations for value in each.grads.values()}
    floats = [kind for kind in kinds if kind.kind == "f"]
    return min(floats, key=lambda kind: kind.itemsize).name if floats else "float64"


def judged(reference: Reference, name: str, observation: Observation, epsilon: float) -> Judged:
    """One gradient at one point; where it is close the right one is computed in a wider type."""
    point = observation.point
    wanted = tuple(point.params[name].shape)
    value = observation.grads.get(name)
    if value is None:
        raw = observation.raw.get(name)
        shape = None if raw is None else tuple(raw.shape)
        nothing = ParameterResult(
            name, False, None, None, None, None, samples=point.m, shape=shape, wanted=wanted
        )
        return Judged(nothing)
    tolerance = reference.tolerance(point, epsilon)[name]
    # The smallest normal number: below it there is no relative precision to ask for.
    tolerance = tolerance + observation.slack.get(name, 0.0) + np.finfo(float).tiny
    right = reference.at(point).grads[name]
    user = np.asarray(value, float)
    with np.errstate(all="ignore"):
        excess = np.abs(user - right) / tolerance
        if np.any((excess > 0.1) & (excess < SURE)):
            right = reference.best(point).grads[name]
            excess = np.asarray(np.abs(user - right) / tolerance, float)
        largest = float(np.max(np.abs(user - right)))
    excess = np.where(np.isnan(excess), np.inf, excess)
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), excess.shape))
    scale = float(np.max(np.abs(right)))
    relative = largest / scale if scale else (0.0 if largest == 0 else np.inf)
    result = ParameterResult(
        name=name,
        ok=bool(excess[at] <= 1),
        max_relative_error=relative,
        worst_index=at,
        yours=float(user[at]),
        right=float(right[at]),
        tolerance=float(tolerance[at]),
        excess=float(excess[at]),
        samples=point.m,
        shape=tuple(value.shape),
        wanted=wanted,
    )
    coarse = bool(scale and np.max(tolerance) > COARSE * scale)
    return Judged(result, coarse, bool(1 < excess[at] < SURE))


def worst(found: Sequence[Judged]) -> ParameterResult:
    """The result at the point where a parameter fared worst."""

    def badness(each: Judged) -> tuple[bool, float]:
        excess = each.result.excess
        return not each.result.ok, np.inf if excess is None else excess

    return max(found, key=badness).result


def compared_loss(
    reference: Reference, observations: Sequence[Observation], epsilon: float, *, judge: bool
) -> LossResult:
    """The loss at the point where it is furthest off; not judged if none comes back."""
    found = []
    for each in observations:
        if each.loss is None:
            return LossResult(None)
        right = reference.at(each.point).loss
        rounding = float(reference.tolerance(each.point, epsilon)["C"])
        off = abs(each.loss - right) / max(rounding, LOSS_SLACK * abs(right))
        found.append((off if off == off else np.inf, each, right))
    off, where, right = max(found, key=lambda one: one[0])
    ok = bool(off <= 1) if judge else None
    return LossResult(ok, where.loss, right, where.point.m)


def common_factor(reference: Reference, observations: Sequence[Observation]) -> float | None:
    """c where every gradient at every point is c times the right one, at each batch size alike."""
    yours, right = [], []
    for each in observations:
        grads = reference.at(each.point).grads
        if set(each.grads) != set(grads):
            return None
        yours += [np.ravel(each.grads[name]).astype(float) for name in grads]
        right += [np.ravel(value) for value in grads.values()]
    u, r = np.concatenate(yours), np.concatenate(right)
    square = float(r @ r)
    if not square or not np.all(np.isfinite(u)):
        return None
    c = float(u @ r) / square
    near = np.max(np.abs(u - c * r)) <= 1e-9 * np.max(np.abs(u))
    return c if c > 0 and near else None


def loss_ratios(
    reference: Reference, observations: Sequence[Observation]
) -> Mapping[int, float] | None:
    """m -> the returned loss over the declared one, where that depends on m alone."""
    found: dict[int, list[float]] = {}
    for each in observations:
        right = reference.at(each.point).loss
        if each.loss is None or not right:
            return None
        found.setdefault(each.point.m, []).append(each.loss / right)
    if any(max(ratios) - min(ratios) > 1e-6 * abs(ratios[0]) for ratios in found.values()):
        return None
    return {m: ratios[0] for m, ratios in found.items()}
