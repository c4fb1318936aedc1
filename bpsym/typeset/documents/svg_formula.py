"""A short formula as SVG text: letters slanted, scripts raised and lowered, side by side.

It is read from the MathML of the formula, so that it has the letters of every other format. SVG
cannot measure text, so places are estimated, from the widths that lines are broken by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape, unescape
from xml.etree import ElementTree

from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.printers.mathml import MathML
from bpsym.typeset.printers.piece import letters
from bpsym.typeset.printers.printer import FormulaPrinter
from bpsym.typeset.printers.styles import Labels

_RAISED, _LOWERED, _SCRIPT = -0.46, 0.28, 0.68
# Fonts of text are narrower than those that lines are broken by.
_NARROWER = 0.92
_ACCENTS = {"^": "\u0302", "¯": "\u0304", "~": "\u0303"}


@dataclass(frozen=True)
class Run:
    """Characters of one kind. x, y: of their start, in parts of the size of the letters."""

    text: str
    x: float
    y: float
    size: float
    is_slanted: bool

    @property
    def width(self) -> float:
        """How wide they are."""
        return _NARROWER * self.size * letters(self.text)


def runs(formula: Formula, labels: Labels) -> list[Run]:
    """The runs of a formula from left to right."""
    markup = FormulaPrinter(MathML(), labels=labels).inline(formula)
    return list(_Setter().set(ElementTree.fromstring(unescape(markup))))


def svg_formula(formula: Formula, labels: Labels, x: float, y: float, size: float) -> str:
    """The ``tspan`` elements of a formula whose middle is at x and whose base line is at y."""
    found = runs(formula, labels)
    start = x - size * max((run.x + run.width for run in found), default=0.0) / 2
    return "".join(
        f'<tspan x="{start + size * run.x:.1f}" y="{y + size * run.y:.1f}"'
        + (' font-style="italic"' if run.is_slanted else "")
        + (f' font-size="{size * run.size:.1f}"' if run.size < 1 else "")
        + f">{escape(run.text)}</tspan>"
        for run in found
    )


class _Setter:
    """Sets elements one after the other."""

    def __init__(self, x: float = 0.0, y: float = 0.0, size: float = 1.0) -> None:
        self.x, self.y, self.size = x, y, size

    def set(self, element: ElementTree.Element) -> Iterator[Run]:
        inner = list(element)
        match element.tag:
            case "msub" | "msup" | "msubsup":
                yield from self.set(inner[0])
                places = {"msub": (_LOWERED,), "msup": (_RAISED,), "msubsup": (_LOWERED, _RAISED)}
                yield from self._scripts(inner[1:], places[element.tag])
            case "mover":
                accent = _ACCENTS.get(inner[1].text or "", "")
                yield from (replace(run, text=run.text + accent) for run in self.set(inner[0]))
            case "mspace":
                self.x += 0.17 * self.size
            case _ if inner:
                for each in inner:
                    yield from self.set(each)
            case tag:
                text = "".join(element.itertext())
                slanted = tag == "mi" and len(text) == 1 and "mathvariant" not in element.attrib
                run = Run(text, self.x, self.y, self.size, slanted)
                self.x += run.width
                yield run

    def _scripts(
        self, scripts: list[ElementTree.Element], places: tuple[float, ...]
    ) -> Iterator[Run]:
        """All of them from the same place on."""
        ends = []
        for script, place in zip(scripts, places, strict=True):
            setter = _Setter(self.x, self.y + place * self.size, _SCRIPT * self.size)
            yield from setter.set(script)
            ends.append(setter.x)
        self.x = max(ends)
