"""Lists in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.calculus.system import SAMPLES
from bpsym.typeset.document import Text
from bpsym.typeset.formulas.tree import Formula, Kind, Symbol

# The number of samples, and what stands before a mean over them.
M = Symbol(SAMPLES, Kind.SIZE, SAMPLES)
ONE_BY_M: Text = ("1/", M)

_FIRST_IDEOGRAPH = "\u4e00"


def listed(parts: Sequence[Text], last: str = "and") -> Text:
    """``a``, ``a and b``, ``a, b and c``."""
    text: Text = ()
    for number, part in enumerate(parts):
        if number:
            text += (f" {last} " if number == len(parts) - 1 else ", ",)
        text += part
    return text


def joined(parts: Sequence[Text]) -> Text:
    """``甲、乙和丙``; a space parts Chinese from formulas and Latin letters only."""
    text: Text = ()
    for number, part in enumerate(parts):
        if number == len(parts) - 1 and number:
            text += (f"{_space(text[-1], -1)}和{_space(part[0], 0)}",)
        elif number:
            text += ("、",)
        text += part
    return text


def _space(beside: str | Formula, end: int) -> str:
    is_chinese = isinstance(beside, str) and beside[end] >= _FIRST_IDEOGRAPH
    return "" if is_chinese else " "


def layers(first: int, second: int, last: int) -> str:
    """``1, 2, 3`` or ``1, 2, ..., 49``, up or down."""
    numbers = [first, second]
    if abs(last - second) > 1:
        return f"{first}, {second}, ..., {last}"
    if last != second:
        numbers.append(last)
    return ", ".join(map(str, numbers))
