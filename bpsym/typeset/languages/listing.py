"""Lists in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.document import Text


def listed(parts: Sequence[Text], last: str = "and") -> Text:
    """``a``, ``a and b``, ``a, b and c``."""
    text: Text = ()
    for number, part in enumerate(parts):
        if number:
            text += (f" {last} " if number == len(parts) - 1 else ", ",)
        text += part
    return text


def joined(parts: Sequence[Text]) -> Text:
    """``甲、乙和丙``."""
    text: Text = ()
    for number, part in enumerate(parts):
        if number:
            text += (" 和 " if number == len(parts) - 1 else "、",)
        text += part
    return text
