"""Gradients without a readable shape, and the mistake that leaves a gradient of such a shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.search import Finding


def shapes(chain: Chain, cases: Sequence[Case]) -> list[Finding]:
    """Gradients without a readable shape, and the reading that fits."""
    found = []
    for name in chain.parameters:
        if all(name in case.given or name not in case.observation.raw for case in cases):
            continue
        found.append(_misshapen(chain, [case for case in cases if name not in case.given], name))
    return found


def _misshapen(chain: Chain, cases: Sequence[Case], name: str) -> Finding:
    """A shape with an axis of m samples, or with its axes the wrong way round, says it all.

    m is no width of the network. So this holds whatever else is wrong with the numbers.
    """
    case = cases[0]
    raw = np.asarray(case.observation.raw[name])
    right = case.right[name]
    words: dict[str, object] = {
        "weight": name,
        "shape": str(raw.shape),
        "wanted": str(right.shape),
        "reading": "Give it that shape",
    }
    code = _code_of_shape(raw.shape, right.shape, case.m)
    same = raw.size == right.size and np.allclose(raw.reshape(right.shape), right, rtol=1e-6)
    if code == "shape" and same:
        words["reading"] = f"The numbers are right; reshape them to {right.shape}"
    return Finding(code, name, words=words, covers=frozenset({name}))


def _code_of_shape(shape: tuple[int, ...], right: tuple[int, ...], m: int) -> str:
    """Which mistake leaves a gradient of that shape, ``shape`` if none does."""
    if len(right) == 2:
        return "gradient-transposed" if shape == right[::-1] else "shape"
    if len(right) != 1:
        return "shape"
    [width] = right
    if shape in ((m, width), (width, m)):
        return "bias-unsummed"
    if shape in ((m,), (m, 1), (1, m)):
        return "bias-axis"
    if width > 1 and int(np.prod(shape)) == 1:
        return "bias-sum-all"
    return "shape"
