"""Numbers from a seed: random ones with few digits, so that a reader can compute with them.

Weights have the spread that emitted code starts with; biases are not zero, so that nothing in a
formula vanishes by chance. Targets are of the kind that their loss takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bpsym.calculus.system import SAMPLES, Role, Tensor
from bpsym.network.build import BuiltNetwork
from bpsym.network.model import Loss

Array = npt.NDArray[Any]

_DIGITS = 2
# Spreads of the starting rules: He et al. 2015, Glorot and Bengio 2010, LeCun et al. 1998.
_GAIN = {"he": 2.0, "glorot": 1.0, "lecun": 1.0}


def short(values: Array) -> Array:
    """Values rounded to two significant digits, and to no more than two decimals from 0.1 on."""
    found = np.array([float(f"{each:.{_DIGITS}g}") for each in np.ravel(values)], dtype=float)
    return found.reshape(np.shape(values))


def seeded(
    built: BuiltNetwork, seed: int, samples: int, *, rounded: bool = True
) -> dict[str, Array]:
    """Values for all parameters, inputs and targets; samples are rows.

    rounded: parameters have few digits, so that a reader can compute with them.
    """
    rng = np.random.default_rng(seed)
    system = built.system

    def shape(tensor: Tensor) -> tuple[int, ...]:
        return tuple(samples if label == SAMPLES else system.sizes[label] for label in tensor.sizes)

    found: dict[str, Array] = {}
    for tensor in system.of_role(Role.PARAMETER):
        start = _parameter(built, tensor, shape(tensor), rng)
        found[tensor.name] = short(start) if rounded else start
    for tensor in system.of_role(Role.INPUT):
        found[tensor.name] = short(rng.uniform(0.1, 1.0, shape(tensor)))
    for loss in built.network.losses:
        name = built.targets.get(str(loss.target)) if loss.target is not None else None
        if name is not None and name not in found:
            dims = shape(system.tensors[name])
            found[name] = _targets(loss, built.target_kind(loss), dims, rng)
    return found


def _parameter(
    built: BuiltNetwork, tensor: Tensor, dims: tuple[int, ...], rng: np.random.Generator
) -> Array:
    start = built.starts[tensor.name]
    if start.value:
        return short(float(start.value) * (1 + 0.2 * rng.uniform(-1, 1, dims)))
    if len(dims) < 2:
        return np.asarray(rng.uniform(0.05, 0.4, dims) * rng.choice([-1.0, 1.0], dims))
    fan_in = int(np.prod(dims[1:]))
    variance = _GAIN.get(start.rule, 1.0) / fan_in
    return rng.standard_normal(dims) * float(np.sqrt(variance))


def _targets(loss: Loss, kind: str, dims: tuple[int, ...], rng: np.random.Generator) -> Array:
    match kind:
        case "distribution" if loss.targets == "weights" or loss.kind == "kl_divergence":
            return _shares(dims)
        case "distribution":
            return np.eye(dims[-1])[rng.integers(0, dims[-1], dims[:-1])]
        case "unit":
            return rng.integers(0, 2, dims).astype(float)
        case "signs":
            return rng.choice([-1.0, 1.0], dims)
        case "positive":
            return rng.integers(1, 5, dims).astype(float)
        case _:
            return short(rng.uniform(0.1, 1.0, dims))


def _shares(dims: tuple[int, ...]) -> Array:
    """Rows of different multiples of a power of two that sum to exactly one."""
    classes = dims[-1]
    rows = np.full(dims, 1.0 / 2 ** int(np.ceil(np.log2(2 * classes))))
    rows[..., 0] += 1 - rows.sum(axis=-1)
    return rows
