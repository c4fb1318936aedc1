"""Text in a terminal, where a Chinese character takes two columns."""

from __future__ import annotations

import re
import textwrap
import unicodedata

_WIDE = frozenset("WF")
# A line does not begin with one of these.
_CLOSING = frozenset("\uff0c\u3002\uff1b\uff1a\u3001\uff09\u201d")
_TOKEN = re.compile(r"[\u2e80-\uffef]| +|[^\u2e80-\uffef ]+")
_HYPHEN = re.compile(r"(?<=[^\W\d]-)(?=[^\W\d])")


def width(text: str) -> int:
    """The columns that a text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in text)


def left(text: str, columns: int) -> str:
    """The text with spaces behind it."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """The text with spaces before it."""
    return " " * (columns - width(text)) + text


def parts(text: str, *, hyphens: bool = False) -> list[str]:
    """What a line may be broken between: words, spaces and single Chinese characters.

    hyphens: also after a hyphen between letters.
    """
    tokens = _TOKEN.findall(text)
    return [part for each in tokens for part in _HYPHEN.split(each)] if hyphens else tokens


def wrap(
    text: str,
    columns: int,
    *,
    initial_indent: str = "",
    subsequent_indent: str = "",
    hyphens: bool = False,
) -> list[str]:
    """Lines of at most that many columns; Chinese text breaks between any two characters.

    hyphens: lines may also end after a hyphen between letters.
    """
    if width(text) == len(text) and not hyphens:
        return textwrap.wrap(
            text,
            columns,
            initial_indent=initial_indent,
            subsequent_indent=subsequent_indent,
            break_on_hyphens=False,
        )
    lines, line = list[str](), initial_indent
    tokens = parts(text, hyphens=hyphens)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=False):
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


# Stands behind a character of two columns where a string's length is taken for its width.
_FILL = "\u2060"


def filled(text: str) -> str:
    """The text with as many characters as it takes columns."""
    return "".join(each + _FILL * (width(each) - 1) for each in text)


def unfilled(text: str) -> str:
    """The text as it is shown."""
    return text.replace(_FILL, "")
