"""A printed part of a formula, and how much room it takes.

Line breaks are decided before any typesetter sees the formula, so widths are estimated: in em of
the surrounding text, from the widths of Computer Modern, which is wider than most. A formula that
fits by this estimate fits on the page.
"""

from __future__ import annotations

from dataclasses import dataclass

SCRIPT = 0.72
RELATION = 1.4
SIGN = 1.25
LEADING_SIGN = 0.8
FENCE = 0.42
TALL_FENCE = 0.7
GAP = 0.18
COMMA = 0.5
SUM = 1.5
FRACTION_MARGIN = 0.3
ROOT = 0.9
BRACE = 0.9
QUAD = 2.0
COLUMN = 1.0

_WIDE = dict.fromkeys("mw", 0.85) | dict.fromkeys("MW", 1.0)
_NARROW = dict.fromkeys("ijlt.,'|", 0.36)
_DIGIT, _LOWER, _UPPER = 0.5, 0.56, 0.76
# Outside of formulas: signs, and by what the letters of ASCII are narrower.
_MARKS = dict.fromkeys(" \u00a0", 0.33) | dict.fromkeys("()", 0.4) | {"×": 0.8}
_ROMAN = 0.9


def letters(text: str) -> float:
    """The width of letters and digits."""
    return sum(map(_letter, text))


def roman(text: str) -> float:
    """The width of words, whose letters are narrower than those of formulas."""
    return sum(
        _MARKS.get(each) or _letter(each) * (_ROMAN if each.isascii() else 1) for each in text
    )


def _letter(each: str) -> float:
    known = _WIDE.get(each) or _NARROW.get(each)
    if known is not None:
        return known
    if each.isdigit():
        return _DIGIT
    if not each.isascii():
        return 1.0
    return _UPPER if each.isupper() else _LOWER


@dataclass(frozen=True)
class Piece:
    r"""Source text of the output language.

    width: in em. tall: the size that brackets around it need, 0 for those of a line of text, 1 to
    4 for TeX's ``\big`` to ``\Bigg``. nested: whether there are brackets of ordinary size in it.
    """

    text: str
    width: float
    tall: int = 0
    nested: bool = False


def around(text: str, parts: tuple[Piece, ...], *, extra: float = 0.0) -> Piece:
    """A piece whose text holds the parts side by side, ``extra`` em wider than they are."""
    return Piece(
        text,
        sum(part.width for part in parts) + extra,
        max((part.tall for part in parts), default=0),
        any(part.nested for part in parts),
    )
