"""A table as lines of text that keep to a width."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bpsym.typeset import columns

_GAP = 2
_NARROWEST_COLUMN = 6


def table_lines(
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    to_the_right: Collection[int],
    width: int,
    rule: str,
) -> list[str]:
    """The rows under their heading; where it is too wide, the widest columns are wrapped.

    A column without any content is left out. Lines longer than ``width`` come only from more
    columns than there is room for; then each row becomes a list of its cells.
    """
    used = [at for at in range(len(heading)) if any(row[at] for row in rows)]
    right = {place for place, at in enumerate(used) if at in to_the_right}
    cells = [[row[at] for at in used] for row in ([*heading], *rows)]
    widths = [max(columns.width(row[at]) for row in cells) for at in range(len(used))]
    room = width - _GAP * (len(used) - 1)
    words = [max(_longest_word(row[at]) for row in cells) for at in range(len(used))]
    widths = _narrowed(_narrowed(widths, words, room), [_NARROWEST_COLUMN] * len(used), room)
    if sum(widths) > room:
        return _as_lists(cells, width)
    lines: list[str] = []
    for number, row in enumerate(cells):
        lines += _row(row, widths, right)
        if number == 0:
            lines.append((" " * _GAP).join(rule * each for each in widths))
    return lines


def _longest_word(cell: str) -> int:
    return max(map(columns.width, cell.split(" ")))


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
    wrapped = [columns.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
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
                lines += columns.wrap(f"{name}: {cell}", width, subsequent_indent=" " * _GAP)
        lines.append("")
    return lines[:-1]
