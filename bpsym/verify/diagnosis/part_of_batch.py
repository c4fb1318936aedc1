"""Gradients of a part of the batch: ``X[:32]``, a return inside the loop over the samples.

A gradient is a sum over the samples, so the cumulative sum of a delta is the gradient of a bias for
the first samples, however many: that tells how many count. The rest is then computed for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from bpsym.verify.diagnosis.cases import Array, Case
from bpsym.verify.diagnosis.search import Finding
from bpsym.verify.numbers.crosscheck import decay_gradient, is_dense

# Tried where no bias tells.
COUNTS = (1, 16, 32, 64, 100, 128, 256)


def part_of_batch(cases: Sequence[Case], held: Sequence[Case]) -> Finding | None:
    """The first or last samples, as many at every point, to which all gradients belong."""
    every = [*cases, *held]
    wrong = [case for case in every if case.wrong]
    if not wrong or any(set(case.given) != set(case.right) for case in every):
        return None
    for last in (False, True):
        for count in _counts(wrong[0], last=last):
            for by_all in (False, True) if _mean(wrong[0]) else (False,):
                if all(_fits(case, count, last=last, by_all=by_all) for case in every):
                    words = {"slice": f"[-{count}:]" if last else f"[:{count}]", "count": count}
                    covers = frozenset(wrong[0].given)
                    return Finding("batch-cut", _first(wrong[0]), words=words, covers=covers)
    return None


def _first(case: Case) -> str:
    """Where a backward pass begins."""
    return case.chain.place[next(name for name in case.chain.order if name not in case.given)]


def _mean(case: Case) -> bool:
    return case.reference.derivation.network.reduction == "mean"


def _counts(case: Case, *, last: bool) -> Iterator[int]:
    """How many samples may count, told by a bias, else by what is usual."""
    told = _told(case, last=last)
    yield from (k for k in (COUNTS if told is None else told) if k < case.m)


def _told(case: Case, *, last: bool) -> list[int] | None:
    system = case.reference.system
    values = case.reference.at(case.observation.point).values
    for name in case.given:
        readers = system.readers[name]
        if len(system.tensors[name].sizes) != 1 or not all(is_dense(each) for each in readers):
            continue
        if len(readers) != 1:
            continue
        delta = values[system.tensors[readers[0].defines].adjoint]
        sums = np.cumsum(delta[::-1] if last else delta, axis=0)
        counts = np.arange(1, case.m + 1)
        found = {k for k in counts if case.agrees(name, sums[k - 1])}
        if _mean(case):
            found |= {k for k in counts if case.agrees(name, sums[k - 1] * case.m / k)}
        return sorted(int(k) for k in found)
    return None


def _fits(case: Case, count: int, *, last: bool, by_all: bool) -> bool:
    """Whether all gradients at a point are those of these samples; by_all: divided by m still."""
    if count >= case.m:
        return not case.wrong
    point = case.observation.point

    def cut(values: Array) -> Array:
        return values[-count:] if last else values[:count]

    inputs = {name: cut(each) for name, each in point.inputs.items()}
    targets = {name: cut(each) for name, each in point.targets.items()}
    part = replace(point, m=count, inputs=inputs, targets=targets)
    grads = case.reference.at(part).grads
    for name, value in grads.items():
        decay = decay_gradient(case.reference, point, name)
        share = count / case.m if by_all else 1.0
        if not case.agrees(name, (value - decay) * share + decay):
            return False
    return True
