"""Breaking a line of mathematics: where it may break, and where it breaks best.

A place where a line may break is one character of Unicode's private use area instead of a space;
how deep in brackets it stands is the number of that character. The least deep place wins.
"""

from __future__ import annotations

import re

_FIRST = 0xE000
_DEEPEST = 0xFF
_MARK = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + _DEEPEST)}]")

# A break before this part of the line would leave it too empty, unless nothing else fits.
_LEAST_FILLED = 0.4


def mark(depth: int) -> str:
    """A space at which a line may break."""
    return chr(_FIRST + min(depth, _DEEPEST))


def unmarked(text: str) -> str:
    """The text with plain spaces."""
    return _MARK.sub(" ", text)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` characters, without marks.

    What has no place to break and is too long is cut; only a name longer than a line is.
    """
    lines = []
    while len(text) > width:
        places = [match.start() for match in _MARK.finditer(text[: width + 1])]
        places = [at for at in places if at > 0]
        filled = [at for at in places if at >= _LEAST_FILLED * width] or places
        if filled:
            at = min(filled, key=lambda place: (ord(text[place]), -place))
            lines.append(text[:at])
            text = text[at + 1 :]
        else:
            lines.append(text[:width])
            text = text[width:]
    return [unmarked(line).rstrip() for line in (*lines, text)]
