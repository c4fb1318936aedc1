"""A table as lines of text that keep to a width."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from bpsym.typeset.document import TIE
from bpsym.typeset.terminal import columns

_GAP = 2
# Where there is little room a name and its shape may be parted.
_BEFORE_SHAPE = re.compile(rf"{TIE}(?=\()")


def table_lines(
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    to_the_right: Collection[int],
    width: int,
    rule: str,
) -> list[str]:
    """The rows under their heading; where it is too wide, the widest columns are wrapped.

    A column without any content is left out. Cells are wrapped between words; where there is no
    room for a whole word in each column, each row becomes a list of its cells.
    """
    used = [at for at in range(len(heading)) if any(row[at] for row in rows)]
    right = {place for place, at in enumerate(used) if at in to_the_right}
    cells = [[row[at] for at in used] for row in ([*heading], *rows)]
    room = width - _GAP * (len(used) - 1)
    parted = [[_BEFORE_SHAPE.sub(" ", each) for each in row] for row in cells]
    for tried in (cells, parted):
        widths = [max(columns.width(row[at]) for row in tried) for at in range(len(used))]
        words = [max(_longest_word(row[at]) for row in tried) for at in range(len(used))]
        widths = _narrowed(widths, words, room)
        if sum(widths) <= room:
            return list(_lines(tried, widths, right, rule))
    return _as_lists(parted, width)


def _lines(
    cells: Sequence[Sequence[str]], widths: Sequence[int], right: Collection[int], rule: str
) -> Iterator[str]:
    for number, row in enumerate(cells):
        yield from _row(row, widths, right)
        if number == 0:
            yield (" " * _GAP).join(rule * each for each in widths)


def _longest_word(cell: str) -> int:
    """The widest part that is not to be broken; Chinese text breaks between any two characters."""
    return max(map(columns.width, columns.parts(cell, hyphens=True)), default=0)


def _narrowed(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths with the widest columns narrowed until there is room, none below its least width."""
    found = list(widths)
    while sum(found) > room:
        slack = [at for at, width in enumerate(found) if width > least[at]]
        if not slack:
            break
        found[max(slack, key=lambda at: found[at])] -= 1
    return found


def _row(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> list[str]:
    wrapped = [
        columns.wrap(cell, width, hyphens=True) or [""]
        for cell, width in zip(row, widths, strict=True)
    ]
    height = max(map(len, wrapped))
    lines = []
    for level in range(height):
        parts = []
        for at, (column, width) in enumerate(zip(wrapped, widths, strict=True)):
            text = column[level] if level < len(column) else ""
            parts.append(columns.right(text, width) if at in right else columns.left(text, width))
        lines.append((" " * _GAP).join(parts).rstrip())
    return lines


def _as_lists(cells: Sequence[Sequence[str]], width: int) -> list[str]:
    heading, *rows = cells
    lines: list[str] = []
    for row in rows:
        for name, cell in zip(heading, row, strict=True):
            if cell:
                text = f"{name}: {cell}"
                lines += columns.wrap(text, width, subsequent_indent=" " * _GAP, hyphens=True)
        lines.append("")
    return lines[:-1]
