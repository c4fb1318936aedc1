"""Each gate in a column right of those it reads, and the links between neighbouring columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Link:
    """From an item to one in the next column. port: which input of a gate, None for a bend."""

    source: int
    target: int
    port: int | None


@dataclass(frozen=True)
class Grid:
    """Items by columns, from left to right.

    The first ``gates`` items are the gates, by their position; the others are bends, where a wire
    passes a column. links: all between neighbouring columns.
    """

    gates: int
    columns: tuple[tuple[int, ...], ...]
    links: tuple[Link, ...]

    @cached_property
    def into(self) -> dict[int, tuple[Link, ...]]:
        """The links into each item."""
        return self._grouped([link.target for link in self.links])

    @cached_property
    def out_of(self) -> dict[int, tuple[Link, ...]]:
        """The links out of each item."""
        return self._grouped([link.source for link in self.links])

    def _grouped(self, ends: Sequence[int]) -> dict[int, tuple[Link, ...]]:
        found: dict[int, list[Link]] = {each: [] for column in self.columns for each in column}
        for end, link in zip(ends, self.links, strict=True):
            found[end].append(link)
        return {item: tuple(links) for item, links in found.items()}


def grid(inputs: Sequence[Sequence[int]]) -> Grid:
    """The columns of gates that are given in an order of evaluation, the last one read by none.

    inputs: the gates that each gate reads. Each stands as far to the right as its readers allow.
    """
    from_end = [0] * len(inputs)
    for at in range(len(inputs) - 1, -1, -1):
        for read in inputs[at]:
            from_end[read] = max(from_end[read], from_end[at] + 1)
    depth = max(from_end)
    column = [depth - each for each in from_end]
    columns: list[list[int]] = [[] for _ in range(depth + 1)]
    for at, each in enumerate(column):
        columns[each].append(at)
    links: list[Link] = []
    bends: dict[tuple[int, int], int] = {}

    def passing(source: int, until: int) -> int:
        """The item that carries the value of a gate in a column at or right of its own."""
        if until == column[source]:
            return source
        if (source, until) not in bends:
            bend = len(inputs) + len(bends)
            bends[source, until] = bend
            columns[until].append(bend)
            links.append(Link(passing(source, until - 1), bend, None))
        return bends[source, until]

    for at, sources in enumerate(inputs):
        for port, source in enumerate(sources):
            links.append(Link(passing(source, column[at] - 1), at, port))
    return Grid(len(inputs), tuple(map(tuple, columns)), tuple(links))
