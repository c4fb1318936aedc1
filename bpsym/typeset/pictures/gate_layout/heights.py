"""Heights: as straight as can be, with room between those of one column."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from bpsym.typeset.pictures.gate_layout.columns import Grid, Link
from bpsym.typeset.pictures.gate_layout.order import Columns
from bpsym.typeset.pictures.spacing import apart

_SWEEPS = 24
# What a wire wants counts more where it carries what was computed, most where it alone does.
_GIVEN, _COMPUTED, _ALONE = 0.1, 6.0, 40.0


def heights(
    grid: Grid,
    columns: Columns,
    offsets: Mapping[Link, float],
    extents: Mapping[int, tuple[float, float]],
) -> dict[int, float]:
    """The height of each item, growing downwards.

    offsets: of the port of each link from the middle of its gate. extents: how far each item
    reaches up and down.
    """
    found: dict[int, float] = {}
    for column in columns:
        gaps = _gaps(column, extents)
        middle = sum(gaps) / 2
        for at, item in enumerate(column):
            found[item] = sum(gaps[:at]) - middle
    for sweep in range(_SWEEPS):
        # First by the readers alone, so that the gates of a unit come together.
        both = sweep >= _SWEEPS // 3
        for column in columns if sweep % 2 else reversed(columns):
            wanted, weights = [], []
            for item in column:
                pulls = [
                    (found[e.target] + offsets[e], _weight(grid, e)) for e in grid.out_of[item]
                ]
                if both or not pulls:
                    pulls += [
                        (found[e.source] - offsets[e], _weight(grid, e)) for e in grid.into[item]
                    ]
                weight = sum(w for _, w in pulls)
                height = sum(h * w for h, w in pulls) / weight if pulls else found[item]
                wanted.append(height)
                weights.append(weight or 1.0)
            placed = apart(wanted, weights, _gaps(column, extents))
            found |= dict(zip(column, placed, strict=True))
    return found


def _weight(grid: Grid, link: Link) -> float:
    if not grid.into[link.source]:
        return _GIVEN
    alone = len(grid.into[link.target]) == 1 and len(grid.out_of[link.source]) == 1
    return _ALONE if alone else _COMPUTED


def _gaps(column: Sequence[int], extents: Mapping[int, tuple[float, float]]) -> list[float]:
    return [extents[one][1] + extents[other][0] for one, other in itertools.pairwise(column)]
