"""Text in a terminal, where a Chinese character takes two columns."""

from __future__ import annotations

import re
import textwrap
import unicodedata

_WIDE = frozenset("WF")
# A line does not begin with one of these.
_CLOSING = frozenset("\uff0c\u3002\uff1b\uff1a\u3001\uff09\u201d")
_TOKEN = re.compile(r"[\u2e80-\uffef]| +|[^\u2e80-\uffef ]+")


def width(text: str) -> int:
    """The columns that a text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in text)


def left(text: str, columns: int) -> str:
    """The text with spaces behind it."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """The text with spaces before it."""
    return " " * (columns - width(text)) + text


def wrap(
    text: str, columns: int, *, initial_indent: str = "", subsequent_indent: str = ""
) -> list[str]:
    """Lines of at most that many columns; Chinese text breaks between any two characters."""
    if width(text) == len(text):
        return textwrap.wrap(
            text,
            columns,
            initial_indent=initial_indent,
            subsequent_indent=subsequent_indent,
            break_on_hyphens=False,
        )
    lines, line = list[str](), initial_indent
    tokens = _TOKEN.findall(text)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        is_start = line in (initial_indent, subsequent_indent)
        fits = width(line) + width(token) + 2 * (following in _CLOSING) <= columns
        if not fits and not is_start and token not in _CLOSING:
            lines.append(line.rstrip())
            line = subsequent_indent
            if token.isspace():
                continue
        line += token
        while width(line) > columns:
            cut = next(k for k in range(len(line), 0, -1) if width(line[:k]) <= columns)
            lines.append(line[:cut])
            line = subsequent_indent + line[cut:]
    return [*lines, line.rstrip()] if line.strip() else lines
