"""Reads two-dimensional text as an eye does, and writes it in one line for ``reader``.

It follows the row of the equals sign from left to right: a rule has something above and below it, a
sum has limits, a tall bracket has an inside. Which row that is, the eye takes from the leftmost
rule, sum or brace, for what is inside of something else starts further to the right.
"""

from __future__ import annotations

RIGHT_OF = {"⎜": "⎟", "⎛": "⎞", "⎝": "⎠", "⎨": "⎬", "⎢": "⎥"}
LEFT = {"⎜": "(", "⎛": "(", "⎝": "(", "⎨": "(", "⎢": "["}
CLOSED = {"(": ")", "[": "]"}
TALL = "⎛⎜⎝⎞⎟⎠⎧⎨⎪⎩⎫⎬⎭⎡⎢⎣⎤⎥⎦"
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def flattened(lines: list[str]) -> str:
    """The formula of a block of text, in one line."""
    width = max(map(len, lines))
    return _region([line.ljust(width) for line in lines])


def _region(rows: list[str]) -> str:
    """A rectangle of text by itself, such as what stands above a rule."""
    rows = [row for row in rows if row.strip()]
    left = min(len(row) - len(row.lstrip()) for row in rows)
    rows = [row[left:] for row in rows]
    axis = max(range(len(rows)), key=lambda at: sum(each not in " ─" + TALL for each in rows[at]))
    marks = [at for at, row in enumerate(rows) if any(each in "─Σ⎨" for each in row)]
    if len(rows) > 1 and marks:
        axis = min(marks, key=lambda at: _first(rows[at], "─Σ⎨"))
    return _along(rows, axis)


def _first(row: str, marks: str) -> int:
    return min(row.index(each) for each in marks if each in row)


def _along(rows: list[str], axis: int) -> str:
    found, at, line = "", 0, rows[axis]
    while at < len(line):
        sign = line[at]
        if sign == "─":
            end = at
            while end < len(line) and line[end] == "─":
                end += 1
            above = _region([row[at:end] for row in rows[:axis]])
            below = _region([row[at:end] for row in rows[axis + 1 :]])
            found, at = f"{found}(({above})/({below}))", end
        elif sign == "Σ":
            lower, end = _word(rows[axis + 1], at)
            upper, other = _word(rows[axis - 1], at)
            found, at = f"{found.rstrip(' ')} Σ_{{{lower}..{upper}}} ".lstrip(" "), max(end, other)
            found = found.replace("( Σ", "(Σ")
            while line[at] == " ":
                at += 1
        elif sign in RIGHT_OF:
            top, bottom = _extent(rows, axis, at)
            end = _closing(line, at)
            inner = [row[at + 1 : end] for row in rows[top : bottom + 1]]
            opened = LEFT[sign]
            said = _cases(inner) if sign == "⎨" else _along(inner, axis - top)
            power = ""
            while end + 1 < len(line) and rows[top][end + 1] in RAISED:
                power += rows[top][end + 1]
                end += 1
            found, at = f"{found}{opened}{said.strip()}{CLOSED[opened]}{power}", end + 1
        else:
            found, at = found + sign, at + 1
    return " ".join(found.split())


def _word(row: str, at: int) -> tuple[str, int]:
    """The word around a column, and where it ends."""
    start = end = next(k for k in (at, at - 1, at + 1) if row[k] != " ")
    while start > 0 and row[start - 1] != " ":
        start -= 1
    while end < len(row) and row[end] != " ":
        end += 1
    return row[start:end], end


def _extent(rows: list[str], axis: int, column: int) -> tuple[int, int]:
    top = bottom = axis
    while top > 0 and rows[top - 1][column] in "⎛⎜⎧⎪⎡⎢":
        top -= 1
    while bottom + 1 < len(rows) and rows[bottom + 1][column] in "⎝⎜⎩⎪⎣⎢":
        bottom += 1
    return top, bottom


def _closing(line: str, at: int) -> int:
    opening, closing = line[at], RIGHT_OF[line[at]]
    depth = 0
    for column in range(at, len(line)):
        depth += (line[column] == opening) - (line[column] == closing)
        if depth == 0:
            return column
    return len(line)


def _cases(rows: list[str]) -> str:
    parts = []
    for row in (row.strip() for row in rows if row.strip()):
        value, _, test = row.partition("  ")
        test = test.strip()
        parts.append(f"else {value}" if test == "otherwise" else f"{value} {test}")
    return "; ".join(parts)
