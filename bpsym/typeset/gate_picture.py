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
# Pictures of more gates, given ones included, cannot be read.
MOST_DRAWN = 40
_COLUMN, _ROW = 90.0, 60.0
_MARGIN = 34.0
_SWEEPS = 4
# A sign of a value, and of a local gradient, which is set smaller; and how high such texts are.
_SIGN, _SMALL_SIGN, _HIGH = 6.2, 5.2, 11.0
# Where on its line a local gradient may stand, the middle first.
_PARTS = (0.5, 0.58, 0.42, 0.66, 0.34, 0.74, 0.26, 0.82, 0.18)

Box = tuple[float, float, float, float]


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
    taken = [box for spot in spots for box in _boxes(spot)]
    lines = tuple(
        _line(spots[read], spots[at], text, taken)
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


def _line(source: Spot, target: Spot, text: str, taken: list[Box]) -> Line:
    """A line, its text where it hides least of what stands there; its place is taken then."""
    dx, dy = target.x - source.x, target.y - source.y
    length = (dx * dx + dy * dy) ** 0.5
    x1, y1 = source.x + RADIUS * dx / length, source.y + RADIUS * dy / length
    x2, y2 = target.x - RADIUS * dx / length, target.y - RADIUS * dy / length
    boxes = [
        _box(x1 + part * (x2 - x1), y1 + part * (y2 - y1), len(text) * _SMALL_SIGN)
        for part in _PARTS
    ]
    chosen = min(boxes, key=lambda box: sum(_overlap(box, each) for each in taken))
    taken.append(chosen)
    left, top, right, bottom = chosen
    return Line(x1, y1, x2, y2, text, (left + right) / 2, (top + bottom) / 2)


def _boxes(spot: Spot) -> list[Box]:
    """What a node covers: itself, its value above it, its error signal below it."""
    node = spot.node
    found = [_box(spot.x, spot.y, max(2 * RADIUS, len(node.text) * _SIGN + 6), 2 * RADIUS)]
    for text, y in ((node.above, spot.y - RADIUS - 7), (node.below, spot.y + RADIUS + 6)):
        if text:
            found.append(_box(spot.x, y, len(text) * _SIGN))
    return found


def _box(x: float, y: float, width: float, height: float = _HIGH) -> Box:
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _overlap(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0
