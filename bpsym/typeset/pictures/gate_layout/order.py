"""The order of a column from top to bottom, by the barycentre rule of layered drawings.

Source: Sugiyama, Tagawa and Toda 1981; sweeps go both ways and the best order is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpsym.typeset.pictures.gate_layout.columns import Grid, Link

_SWEEPS = 12

Columns = tuple[tuple[int, ...], ...]


def ordered(grid: Grid) -> Columns:
    """The columns with few crossings between them."""
    columns = _from_the_end(grid)
    best, fewest = columns, crossings(grid, columns)
    for sweep in range(_SWEEPS):
        columns = _swept(grid, columns, from_left=sweep % 2 == 0)
        count = crossings(grid, columns)
        if count < fewest:
            best, fewest = columns, count
    return best


def ports(grid: Grid, columns: Columns) -> Mapping[int, tuple[Link, ...]]:
    """The links into each gate from top to bottom, as those they come from stand."""
    rank = _ranks(columns)
    return {
        item: tuple(sorted(links, key=lambda link: (rank[link.source], link.port or 0)))
        for item, links in grid.into.items()
        if item < grid.gates
    }


def crossings(grid: Grid, columns: Columns) -> int:
    """How many pairs of links cross."""
    rank = _ranks(columns)
    count = 0
    for column in columns:
        ends = sorted(
            (rank[item], rank[link.target]) for item in column for link in grid.out_of[item]
        )
        for at, (_, target) in enumerate(ends):
            count += sum(other < target for source, other in ends[at + 1 :] if source > ends[at][0])
    return count


def _ranks(columns: Columns) -> dict[int, int]:
    return {item: at for column in columns for at, item in enumerate(column)}


def _from_the_end(grid: Grid) -> Columns:
    """The order in which a reader who starts at the end comes upon the items."""
    met: dict[int, None] = {}
    waiting = list(reversed(grid.columns[-1]))
    while waiting:
        item = waiting.pop()
        if item not in met:
            met[item] = None
            waiting += [link.source for link in reversed(grid.into[item])]
    rank = {item: at for at, item in enumerate(met)}
    return tuple(tuple(sorted(column, key=rank.__getitem__)) for column in grid.columns)


def _swept(grid: Grid, columns: Columns, *, from_left: bool) -> Columns:
    found = list(columns)
    rank = _ranks(columns)
    order = range(len(found)) if from_left else range(len(found) - 1, -1, -1)
    for at in order:
        keys = {
            item: (_barycentre(grid, item, rank, from_left=from_left), rank[item])
            for item in found[at]
        }
        found[at] = tuple(sorted(found[at], key=keys.__getitem__))
        rank |= {item: place for place, item in enumerate(found[at])}
    return tuple(found)


def _barycentre(grid: Grid, item: int, rank: Mapping[int, int], *, from_left: bool) -> float:
    """The mean of its neighbours; what is given follows its readers in either sweep."""
    sources = [rank[link.source] for link in grid.into[item]]
    readers = [rank[link.target] for link in grid.out_of[item]]
    return _mean((sources if from_left else readers) or sources or readers or [rank[item]])


def _mean(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers)
