"""What can be read at a place that makes its value the right one: a factor, a term, itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bpsym.verify.mending.scene import equal

Array = npt.NDArray[Any]
Operation = Literal["*", "+", "-", "="]
# One number fits by chance, and what fits by chance is not right at another point.
FEWEST = 2


def fitting(
    value: Array, sight: Mapping[str, Array], wanted: Sequence[Array]
) -> Iterator[tuple[Operation, str]]:
    """What is to be done with which text, for the value to be one of those wanted."""
    if value.size < FEWEST or value.dtype.kind != "f":
        return
    right = [
        each.reshape(value.shape)
        for one in wanted
        for each in _turned(one)
        if each.size == value.size and np.squeeze(each).shape == np.squeeze(value).shape
    ]
    for text, read in sight.items():
        if np.squeeze(read).shape != np.squeeze(value).shape or read.dtype.kind not in "fb":
            continue
        other = read.reshape(value.shape).astype(float)
        for each in right:
            if equal(value, each):
                continue
            if equal(other, each):
                yield "=", text
            elif equal(value * other, each):
                yield "*", text
            elif equal(value + other, each):
                yield "+", text
            elif equal(value - other, each):
                yield "-", text


def _turned(array: Array) -> Iterator[Array]:
    """An array of two axes as it is, turned round, and of the first sample alone."""
    yield array
    if array.ndim == 2:
        yield array.T
        if array.shape[0] > 1 and array.shape[1] > 1:
            yield array[0]
