r"""The formulas of a text: what is displayed in a .tex or .md file, an equation a piece.

    \begin{align*} \delta^l &= ... \\ &= ... \end{align*}          one equation with two sides
    $$ a = b, \qquad c = d $$                                      two equations

Prose around them is left alone, and so are comments and listings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bpsym.verify.reading.tokens import refusal

LARGEST_FILE = 2_000_000
MOST_FORMULAS = 2_000
LONGEST_DISPLAY = 200_000

_ENVIRONMENTS = (
    "equation|align|aligned|alignat|flalign|gather|gathered|multline|eqnarray|displaymath|math"
    "|split|dmath"
)
_LISTINGS = "verbatim|lstlisting|minted|comment|Verbatim"
_OPENING = re.compile(
    r"(?P<skip>\\\\|\\%|\\\$)"
    r"|(?P<dollars>\$\$)"
    r"|(?P<square>\\\[)"
    rf"|\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}"
    rf"|\\begin\{{(?P<listing>(?:{_LISTINGS})\*?)\}}"
    r"|^[ ]*(?P<fence>```+|~~~+)[ ]*(?P<kind>\w*)"
    r"|(?P<remark><!--)"
    r"|(?P<comment>%)",
    re.MULTILINE,
)
_WRAPPING = re.compile(
    rf"\\(?:begin|end)\{{(?:{_ENVIRONMENTS})\*?\}}(?:\{{\d+\}})?"
    r"|\\(?:tag|label|intertext|shortintertext)\*?\{[^{}]*\}|\\nonumber|\\notag"
)
_ROW = re.compile(r"\\\\\*?(?:\[[^\]\n]{0,12}\])?|\\cr(?![A-Za-z])")
# What begins the next equation of a row: a wide space, or an arrow between two of them.
_ARROW = (
    r"\\(?:(?:Long|long)?[rR]ightarrow|(?:Long)?[lL]eftrightarrow|implies|iff|therefore)"
    r"(?![A-Za-z])"
)
_NEXT = re.compile(rf"(?:[,;]\s*(?:\\q?quad|\\ )+|\\qquad|{_ARROW})(?=[^=]{{0,400}}=)")
_LEADING_ARROW = re.compile(rf"^\s*(?:\\q?quad\s*)*{_ARROW}(?:\s|\\q?quad|\\[,;:! ])*")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_BLANKS = re.compile(r"(?:\s|~|&|\{\}|\\q?quad(?![A-Za-z])|\\[,;:! ]|\\noindent)*")


@dataclass(frozen=True)
class Piece:
    """One equation as it stands in a text. where: ``notes.tex, line 12``."""

    text: str
    where: str


def is_latex(text: str) -> bool:
    """Whether a line is to be read as LaTeX: it has a command, a brace or a superscript in it."""
    return any(each in text for each in ("\\", "{", "^", "$"))


def displayed(text: str, file: str) -> tuple[Piece, ...]:
    """The equations that a document displays, in their order.

    Raises ExpressionError for a document that is too large.
    """
    if len(text) > LARGEST_FILE:
        raise refusal(file, "the file is too long", f"{LARGEST_FILE} characters", str(len(text)))
    found: list[Piece] = []
    line, counted = 1, 0
    for start, end in _displays(text):
        line += text.count("\n", counted, start)
        counted = start
        found += _pieces(text[start:end], file, line)
        if len(found) > MOST_FORMULAS:
            raise refusal(file, "there are too many formulas", f"{MOST_FORMULAS}", "more")
    return tuple(found)


def _displays(text: str) -> Iterator[tuple[int, int]]:
    """Where displays begin and end; each opening is looked for once, so that this takes no time."""
    position = 0
    unclosed: set[str] = set()
    while True:
        match = _OPENING.search(text, position)
        if match is None:
            return
        position = match.end()
        closing = _closing(match)
        if not closing or closing in unclosed:
            continue
        end = text.find(closing, position)
        if end < 0:
            unclosed.add(closing)
            continue
        if end - position > LONGEST_DISPLAY:
            continue
        if match["dollars"] or match["square"] or match["name"] or match["kind"] == "math":
            yield position, end
        position = end + len(closing)


def _closing(match: re.Match[str]) -> str:
    """What ends what begins here; empty for what has no end of its own."""
    if match["skip"]:
        return ""
    if match["dollars"]:
        return "$$"
    if match["square"]:
        return "\\]"
    name = match["name"] or match["listing"]
    if name:
        return f"\\end{{{name}}}"
    if match["fence"]:
        return "\n" + match["fence"]
    return "-->" if match["remark"] else "\n"


def equations(text: str, where: str) -> tuple[Piece, ...]:
    """The equations of one formula that a user gives, with or without marks of a display."""
    bare = _COMMENT.sub("", text).strip().strip("$").strip()
    for opening, closing in ((r"\[", r"\]"), (r"\(", r"\)")):
        if bare.startswith(opening) and bare.endswith(closing):
            bare = bare[2:-2]
    return tuple(Piece(each, where) for _, each in _split(bare))


def _pieces(body: str, file: str, line: int) -> Iterator[Piece]:
    for offset, each in _split(body):
        if "=" not in each:
            continue
        at = line + body.count("\n", 0, offset)
        yield Piece(each, f"{file}, line {at}")


def _split(body: str) -> Iterator[tuple[int, str]]:
    """The equations of a display, each with the place where it begins.

    A row that has nothing before its mark of alignment, or begins with an equals sign, goes on
    with the equation above.
    """
    body = _WRAPPING.sub(lambda match: " " * len(match.group()), body)
    current, begun = "", 0
    for start, row in _rows(body):
        blank = _BLANKS.match(row)
        bare = row[blank.end() if blank else 0 :]
        if not bare.strip():
            continue
        goes_on = bool(current) and (
            ("&" in row[: len(row) - len(bare)]) or bare.startswith(("=", "+", "-"))
        )
        if goes_on:
            current += " " + bare
            continue
        if current:
            yield from _several(begun, current)
        current, begun = bare, start + len(row) - len(bare)
    if current:
        yield from _several(begun, current)


def _several(start: int, text: str) -> Iterator[tuple[int, str]]:
    """Equations beside one another in a row."""
    begun = 0
    counted = depth = 0
    for match in _NEXT.finditer(text):
        before = text[begun : match.start()]
        depth += _depth(text[counted : match.start()])
        counted = match.start()
        if depth == 0 and _has_sides(before):
            yield start + begun, _tidy(before)
            begun = match.end()
    yield start + begun, _tidy(text[begun:])


def _has_sides(text: str) -> bool:
    left, sign, right = text.partition("=")
    return bool(left.strip() and sign and right.strip())


def _tidy(text: str) -> str:
    """Without marks of alignment but for those in cases, and without the full stop."""
    parts = re.split(
        r"(\\begin\{(?:d?cases|array)\}.*?\\end\{(?:d?cases|array)\})", text, flags=re.S
    )
    bare = "".join(each if at % 2 else each.replace("&", " ") for at, each in enumerate(parts))
    bare = _LEADING_ARROW.sub("", bare)
    return " ".join(bare.split()).rstrip(" .,;")


def _rows(body: str) -> Iterator[tuple[int, str]]:
    """Rows between breaks that do not lie within cases."""
    start = counted = depth = 0
    for match in _ROW.finditer(body):
        depth += _depth(body[counted : match.start()])
        counted = match.start()
        if depth == 0:
            yield start, body[start : match.start()]
            start = match.end()
    yield start, body[start:]


def _depth(text: str) -> int:
    opened = len(re.findall(r"\\begin\{", text)) + len(re.findall(r"(?<!\\)\{", text))
    closed = len(re.findall(r"\\end\{", text)) + len(re.findall(r"(?<!\\)\}", text))
    return opened - closed


__all__ = ["Piece", "displayed", "equations", "is_latex"]
