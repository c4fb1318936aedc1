"""Boxes of text: rows of one width, with an axis by which boxes stand side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bpsym.typeset.terminal.glyphs import Fence

_SHORTEST_RULE = 3


@dataclass(frozen=True)
class Box:
    """A rectangle of characters; ``axis`` is the row at the height of the equals sign."""

    rows: tuple[str, ...]
    axis: int = 0

    @property
    def width(self) -> int:
        """Characters in a row."""
        return len(self.rows[0])

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)


def text(line: str) -> Box:
    """A box of one row."""
    return Box((line,))


def beside(boxes: Iterable[Box]) -> Box:
    """Boxes side by side, their axes in one row."""
    parts = tuple(boxes)
    above = max(part.axis for part in parts)
    below = max(part.height - part.axis for part in parts)
    rows = [""] * (above + below)
    for part in parts:
        blank = " " * part.width
        for number in range(above + below):
            inner = number - above + part.axis
            rows[number] += part.rows[inner] if 0 <= inner < part.height else blank
    return Box(tuple(rows), above)


def joined(separator: str, boxes: Iterable[Box]) -> Box:
    """Boxes side by side with a text between them."""
    parts: list[Box] = []
    for each in boxes:
        parts += [text(separator), each] if parts else [each]
    return beside(parts)


def stacked(boxes: Sequence[Box], axis: int, *, left: bool = False) -> Box:
    """Boxes one above the other, centred or to the left; the axis is that of box ``axis``."""
    width = max(each.width for each in boxes)
    rows = [row.ljust(width) if left else row.center(width) for each in boxes for row in each.rows]
    return Box(tuple(rows), sum(each.height for each in boxes[:axis]) + boxes[axis].axis)


def fraction(above: Box, below: Box, rule: str) -> Box:
    """A numerator, a rule and a denominator."""
    bar = text(rule * max(above.width, below.width, _SHORTEST_RULE))
    return stacked((above, bar, below), 1)


def fenced(inner: Box, fences: tuple[Fence, Fence | None]) -> Box:
    """A box between brackets of its height; before a list of cases there is only a left one."""
    left, right = fences
    closing = (_fence(right, inner),) if right is not None else ()
    return beside((_fence(left, inner), inner, *closing))


def _fence(fence: Fence, inner: Box) -> Box:
    return Box(fence.rows(inner.height, inner.axis), inner.axis)
