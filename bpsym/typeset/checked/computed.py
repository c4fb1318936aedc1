"""One equation of a document, computed side by side at the numbers of a reader."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bpsym.calculus.system import SAMPLES
from bpsym.typeset.checked.reader import Reader
from bpsym.typeset.formulas.evaluate import Values, evaluate
from bpsym.typeset.formulas.scopes import free_indices
from bpsym.typeset.formulas.tree import Chain, Kind, Symbol, symbols

# Sides agree to so many parts of their size, and numbers near zero to the second of these.
_AGREE, _NEAR_ZERO = 1e-6, 1e-9
# Of a line with more places so many are computed.
_MOST_PLACES = 8


class MismatchError(Exception):
    """A side that is not what the side before it is."""


def require_computed(chain: Chain, reader: Reader) -> None:
    """Raise MismatchError unless all sides have the value of the left side, wherever that is."""
    if is_between_matrices(chain, reader):
        require_equal(chain, reader.values(matrix=True))
        return
    for at in places(chain, reader):
        require_equal(chain, reader.values().at(**at))


def is_between_matrices(chain: Chain, reader: Reader) -> bool:
    """Whether an equation has arrays without indices in it."""
    return any(
        each.kind is Kind.TENSOR and not each.subscripts and reader.labels(each.name)
        for each in symbols(chain)
    )


def require_equal(chain: Chain, values: Values) -> None:
    """Raise MismatchError unless all sides have the value, and the shape, of the left side."""
    expected = np.asarray(evaluate(chain.first, values), dtype=float)
    for number, (_, side) in enumerate(chain.rest, 1):
        got = np.asarray(evaluate(side, values), dtype=float)
        where = f"side {number}" + (f" at {dict(values.indices)}" if values.indices else "")
        if got.shape != expected.shape:
            raise MismatchError(f"the shape {got.shape} and not {expected.shape} on {where}")
        if not np.allclose(got, expected, rtol=_AGREE, atol=_NEAR_ZERO):
            raise MismatchError(f"{_short(got)} and not {_short(expected)} on {where}")


def _short(array: Any) -> str:
    return ", ".join(f"{each:.9g}" for each in array.flat[:4])


def places(chain: Chain, reader: Reader) -> Iterable[Mapping[str, int]]:
    """Values of the free indices: all, or some if there are many."""
    ranges = {name: reader_range(chain, name, reader) for name in free_indices(chain)}
    every = list(itertools.product(*(range(1, last + 1) for last in ranges.values())))
    if len(every) > _MOST_PLACES:
        every = random.Random(0).sample(every, _MOST_PLACES)
    return [dict(zip(ranges, each, strict=True)) for each in every]


def reader_range(chain: Chain, name: str, reader: Reader) -> int:
    """The last value of a free index: that of the shortest dimension where it stands alone.

    An index of one block of a concatenation is also an index of the whole, which is longer.
    """
    sizes = {**reader.system.sizes, SAMPLES: reader.worked.samples, "": 1}
    found = []
    for each in symbols(chain):
        shape = [sizes[label] for label in reader.labels(each.name)]
        if each.name in reader.defined:
            shape = list(np.shape(reader.defined[each.name]))
        for place, length in zip(each.subscripts, shape, strict=False):
            if isinstance(place, Symbol) and place.kind is Kind.INDEX and place.name == name:
                found.append(length)
    if not found:
        raise KeyError(name)
    return min(found)


def define(chain: Chain, reader: Reader) -> None:
    """Learn what a letter stands for that the document brings in itself."""
    assert isinstance(chain.first, Symbol)
    values = reader.values()
    names = [each.name for each in chain.first.subscripts if isinstance(each, Symbol)]
    if not names:
        reader.define(chain.first.name, np.asarray(evaluate(chain, values)))
        return
    ranges = [range(1, reader_range(chain, name, reader) + 1) for name in names]
    array = np.empty([len(each) for each in ranges])
    for place in itertools.product(*ranges):
        here = values.at(**dict(zip(names, place, strict=True)))
        array[tuple(each - 1 for each in place)] = evaluate(chain, here)
    reader.define(chain.first.name, array)
