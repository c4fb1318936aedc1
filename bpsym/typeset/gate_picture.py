"""Gates as a plane figure: who stands where, in numbers and texts that any language can draw.

Columns by the length of the longest way to the cost. Rows by the gates that are read: a chain of
gates is a straight line, and what is given stands beside it. Units are those of SVG, y grows
downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpsym.typeset.picture import Picture

RADIUS = 12.0
_COLUMN, _ROW = 82.0, 54.0
_MARGIN = 34.0
_SWEEPS = 4


@dataclass(frozen=True)
class Node:
    """A gate before it has a place.

    text: the operation in a circle, or the name of what is given. inputs: positions of nodes.
    above, below: its value and its error signal. edges: the local gradient on the line from each
    input.
    """

    text: str
    inputs: tuple[int, ...]
    above: str
    below: str
    edges: tuple[str, ...]
    is_given: bool


@dataclass(frozen=True)
class Spot:
    """A node with the place of its middle."""

    node: Node
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A line from a node to a reader, with a text at its middle."""

    x1: float
    y1: float
    x2: float
    y2: float
    text: str
    text_x: float
    text_y: float


@dataclass(frozen=True)
class GatePicture:
    """The whole drawing."""

    title: str
    width: float
    height: float
    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]


Drawn = Picture | GatePicture


def gate_picture(title: str, nodes: Sequence[Node]) -> GatePicture:
    """The drawing of gates in an order of evaluation, the last one being the cost."""
    column, height = _columns(nodes), _heights(nodes)
    rows = _spread(nodes, column, height)
    top = min(rows)
    spots = tuple(
        Spot(node, _MARGIN + column[at] * _COLUMN, _MARGIN + rows[at] - top)
        for at, node in enumerate(nodes)
    )
    lines = tuple(
        _line(spots[read], spots[at], text)
        for at, node in enumerate(nodes)
        for read, text in zip(node.inputs, node.edges, strict=True)
    )
    width = 2 * _MARGIN + max(column) * _COLUMN
    return GatePicture(title, width, 2 * _MARGIN + max(rows) - top, spots, lines)


def _columns(nodes: Sequence[Node]) -> list[int]:
    """Each node as far to the right as those that read it allow."""
    from_end = [0] * len(nodes)
    for at in range(len(nodes) - 1, -1, -1):
        for read in nodes[at].inputs:
            from_end[read] = max(from_end[read], from_end[at] + 1)
    return [max(from_end) - each for each in from_end]


def _heights(nodes: Sequence[Node]) -> list[float]:
    """Gates as high as the gates that they read; what is given stands beside its first reader."""
    found: dict[int, float] = {}
    lowest = 0.0

    def slot() -> float:
        nonlocal lowest
        lowest += _ROW
        return lowest - _ROW

    def visit(at: int) -> float:
        if at not in found:
            read = list(dict.fromkeys(nodes[at].inputs))
            computed = [each for each in read if not nodes[each].is_given]
            given = [each for each in read if nodes[each].is_given and each not in found]
            inner = [visit(each) for each in computed]
            if not inner:
                for each in given:
                    found[each] = slot()
                # Beside what it is the first to read, so that the gates of a unit stay together.
                inner = [found[each] for each in given or read] or [slot()]
            found[at] = sum(inner) / len(inner)
            for number, each in enumerate(given):
                found.setdefault(each, found[at] + (_ROW if number else -_ROW))
        return found[at]

    visit(len(nodes) - 1)
    return [visit(at) for at in range(len(nodes))]


def _spread(nodes: Sequence[Node], column: Sequence[int], wanted: Sequence[float]) -> list[float]:
    """Heights at which no two nodes of a column overlap, as near to the wanted ones as can be."""
    rows = list(wanted)
    for _ in range(_SWEEPS):
        for number in range(max(column) + 1):
            own = [at for at in range(len(nodes)) if column[at] == number]
            own.sort(key=rows.__getitem__)
            placed: list[float] = []
            for at in own:
                placed.append(max(rows[at], placed[-1] + _ROW) if placed else rows[at])
            shift = sum(rows[at] - y for at, y in zip(own, placed, strict=True)) / len(own)
            for at, y in zip(own, placed, strict=True):
                rows[at] = y + shift
    return rows


def _line(source: Spot, target: Spot, text: str) -> Line:
    dx, dy = target.x - source.x, target.y - source.y
    length = (dx * dx + dy * dy) ** 0.5
    x1, y1 = source.x + RADIUS * dx / length, source.y + RADIUS * dy / length
    x2, y2 = target.x - RADIUS * dx / length, target.y - RADIUS * dy / length
    # Where what is given stands beside a gate, the text would meet the value above that gate.
    part = 0.5 if source.node.is_given else 0.62
    return Line(x1, y1, x2, y2, text, x1 + part * (x2 - x1), y1 + part * (y2 - y1))
