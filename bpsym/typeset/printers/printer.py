"""Formulas in a language, in one line or in as many as they need.

    FormulaPrinter(LaTeX()).inline(formula)
    FormulaPrinter(Typst(), room=36).display([chain, chain])

A chain is broken at its relations, one side below the other. A side that is still too wide is
broken before its plus and minus signs, then between factors, then inside brackets.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.formulas.tree import (
    Cases,
    Chain,
    Formula,
    Terms,
)
from bpsym.typeset.printers import piece as metrics
from bpsym.typeset.printers.breaking import WIDEST_LEFT, Breaking
from bpsym.typeset.printers.language import Language, Line
from bpsym.typeset.printers.piece import Piece, around
from bpsym.typeset.printers.styles import (
    NO_SHAPES,
    ConditionWords,
    Labels,
    Shapes,
    Style,
)

# A page of A4 with ordinary margins, at the size of the text.
PAGE = 38.0


class FormulaPrinter(Breaking):
    """Prints formulas in one language.

    labels: where a notation puts the layer. room: the longest line, in em.
    words: those in a list of cases.
    """

    def __init__(
        self,
        language: Language,
        *,
        labels: Labels = Labels.ROUND,
        room: float = PAGE,
        words: ConditionWords | None = None,
    ) -> None:
        super().__init__(language, labels, words or ConditionWords())
        self.room = room

    def inline(self, formula: Formula) -> str:
        """A formula within a sentence."""
        return self.language.inline(self._piece(formula, Style.TEXT).text)

    def display(self, formulas: Sequence[Formula], shapes: Shapes = NO_SHAPES) -> str:
        """Formulas on lines of their own.

        shapes: sizes to be written under formulas, wherever they stand as a factor.
        """
        return self.language.display(self.lines(formulas, shapes))

    def lines(self, formulas: Sequence[Formula], shapes: Shapes = NO_SHAPES) -> list[Line]:
        """The lines of a display."""
        self._shapes = shapes
        try:
            return [
                Line(left, right.text, starts=number == 0)
                for formula in formulas
                for number, (left, right) in enumerate(self._rows(formula))
            ]
        finally:
            self._shapes = NO_SHAPES

    def width(self, formula: Formula) -> float:
        """How wide the widest line of a formula is, in em, by estimate."""
        wide = self._piece(formula.first, Style.DISPLAY).width if isinstance(formula, Chain) else 0
        return max(wide * (left != "") + right.width for left, right in self._rows(formula))

    def _rows(self, formula: Formula) -> list[tuple[str, Piece]]:
        if not isinstance(formula, Chain):
            return [("", each) for each in self._side(formula, self.room)]
        left = self._piece(formula.first, Style.DISPLAY)
        room = self.room - left.width - metrics.RELATION
        sides = [side for _, side in formula.rest]
        start, rows = left.text, list[tuple[str, Piece]]()
        lead = ""
        if left.width > WIDEST_LEFT * self.room and not all(
            self._whole(side).width <= room for side in sides
        ):
            rows.append(("", left))
            start, lead = "", self.language.indent
            room = self.room - metrics.QUAD - metrics.RELATION
        for relation, side in formula.rest:
            sign = Piece(self.language.relations[relation], metrics.RELATION)
            for number, each in enumerate(self._side(side, room)):
                parts = (sign, each) if number == 0 else (each,)
                texts = [lead, *(part.text for part in parts)]
                rows.append((start, around(self._joined(texts), parts)))
                start = ""
        return rows

    def _side(self, side: Formula, room: float) -> list[Piece]:
        """One side of an equation in as many lines as it needs."""
        whole = self._whole(side)
        if whole.width <= room:
            return [whole]
        if isinstance(side, Cases):
            return [self._stacked(side, room, closed=False)]
        if isinstance(side, Terms) and self._widest_term(side) > room / 2:
            return self._terms_apart(side, room)
        return self._filled(self._segments(side, room - metrics.QUAD, Style.DISPLAY, 0), room)

    def _whole(self, side: Formula) -> Piece:
        """A side in one line; after a list of cases that ends it no brace is needed."""
        if isinstance(side, Cases):
            return self._cases(side, closed=False)
        return self._piece(side, Style.DISPLAY)


__all__ = ["PAGE", "ConditionWords", "FormulaPrinter", "Labels", "Shapes"]
