"""The formula tree as terminal text, in one line or in two dimensions.

    z1[n,i] = Σ_{j=1..n0} W1[i,j] X[n,j] + b1[i]

The names are those of the emitted code and the subscripts stand in brackets, as in the code and as
in what users type: ``W1²`` would be a square, and a terminal has no raised letters to rely on.
"""

from __future__ import annotations

from bpsym.typeset.formulas import wrapping
from bpsym.typeset.formulas.strength import Strength
from bpsym.typeset.formulas.tree import (
    Cases,
    Chain,
    Formula,
    Joint,
    Product,
    Summation,
    Terms,
)
from bpsym.typeset.terminal import box, columns
from bpsym.typeset.terminal.box import Box
from bpsym.typeset.terminal.boxes import Boxes, Style

_HANGING = 4
# The columns of a brace before branches and of the space on both sides of them.
_BRACE = 3


class Printer(Boxes):
    """Prints formulas with one set of characters.

    words: those of a list of cases.
    """

    def line(self, formula: Formula) -> str:
        """A formula in one line."""
        return columns.unfilled(wrapping.unmarked(self._box(formula, Style.LINE, 0).rows[0]))

    def lines(self, formula: Formula, width: int) -> list[str]:
        """A formula in two dimensions, in lines of at most ``width`` characters."""
        if not isinstance(formula, Chain):
            rows = self._side(formula, width)
        else:
            rows = self._chain(formula, width)
        return [
            columns.unfilled(wrapping.unmarked(line)).rstrip()
            for each in rows
            for line in _cut(each, width).rows
        ]

    def _chain(self, chain: Chain, width: int) -> list[Box]:
        left = self._box(chain.first, Style.DISPLAY, 0)
        column = left.width + 3
        rows: list[Box] = []
        if column > width // 2 and not self._fits(chain, width - column):
            rows, left = [left], box.text("")
            column = _HANGING
        for relation, side in chain.rest:
            sign = self.glyphs.relations[relation] + " "
            start = box.beside((left, box.text(sign.rjust(column - left.width))))
            for each in self._side(side, width - column):
                rows.append(box.beside((start, each)))
                start = box.text(" " * column)
            left = box.text(" " * left.width)
        return rows

    def _fits(self, chain: Chain, room: int) -> bool:
        return all(self._top(side, Style.DISPLAY).width <= room for _, side in chain.rest)

    def _side(self, side: Formula, room: int) -> list[Box]:
        """One side of an equation in as many rows as it needs."""
        whole = self._top(side, Style.DISPLAY)
        if whole.width <= room:
            return [whole]
        if isinstance(side, Terms) and len(side.terms) > 1:
            rows = self._terms_apart(side, room)
            if rows:
                return rows
        if isinstance(side, Cases):
            return [self._branches_apart(side, room, closed=False)]
        if whole.height > 1:
            segments = self._segments(side, room)
            if all(each.width <= room for each in segments):
                return _filled(segments, room)
        line = self._box(side, Style.LINE, 0).rows[0]
        return [box.text(each) for each in wrapping.wrapped(line, room)]

    def _terms_apart(self, side: Terms, room: int) -> list[Box]:
        """Each term of a long sum in rows of its own; none if all are narrower than half a row."""
        inner = [self._bracketed(term, Strength.SUM, Style.DISPLAY, 0) for _, term in side.terms]
        if max(each.width for each in inner) <= room // 2:
            return []
        rows: list[Box] = []
        for number, ((sign, term), whole) in enumerate(zip(side.terms, inner, strict=True)):
            lead = self._sign(sign, whole, first=number == 0)
            parts, hanging = [whole], max(lead.width, 2)
            if lead.width + whole.width > room and not isinstance(term, Terms):
                parts = self._side(term, room - hanging)
            blank = box.text(" " * hanging)
            rows += [box.beside((blank if at else lead, each)) for at, each in enumerate(parts)]
        return rows

    def _branches_apart(self, cases: Cases, room: int, *, closed: bool) -> Box:
        """Wide branches one below the other, the condition of each in rows of its own.

        closed: with a brace behind them, where more may follow.
        """
        inside = room - _BRACE - closed
        rows: list[Box] = []
        for value, test in cases.branches:
            if rows:
                rows.append(box.text(""))
            rows += _hung(self._side(value, inside - 2), box.text(""), box.text("  "))
            words = self.words.otherwise if test is None else f"{self.words.when} "
            lead = box.text(f"  {columns.filled(words)}")
            parts = [box.text("")] if test is None else self._side(test, inside - lead.width)
            rows += _hung(parts, lead, box.text(" " * lead.width))
        whole = box.stacked(rows, 0, left=True)
        inner = Box(tuple(f" {row} " for row in whole.rows), whole.height // 2)
        return box.fenced(inner, (self.glyphs.curly[0], self.glyphs.curly[1] if closed else None))

    def _top(self, side: Formula, style: Style) -> Box:
        """A whole side: a list of cases has no closing brace here."""
        if isinstance(side, Cases) and style is not Style.LINE:
            return box.fenced(self._cases(side, style), (self.glyphs.curly[0], None))
        return self._box(side, style, 0)

    def _segments(self, formula: Formula, room: int) -> list[Box]:
        """Parts of a formula that may stand in rows of their own."""
        match formula:
            case Terms(terms):
                found: list[Box] = []
                for number, (sign, term) in enumerate(terms):
                    inner = self._bracketed(term, Strength.SUM, Style.DISPLAY, 0)
                    lead = self._sign(sign, inner, first=number == 0)
                    parts = [inner]
                    if lead.width + inner.width > room and inner.height > 1:
                        parts = self._segments(term, room)
                    found += [box.beside((lead, parts[0])), *parts[1:]]
                return found
            case Product(factors, Joint.BESIDE):
                boxes = self._factors(factors, Style.DISPLAY, 0)
                last = factors[-1]
                if isinstance(last, Cases) and boxes[-1].width > room:
                    return [*boxes[:-1], self._branches_apart(last, room, closed=True)]
                if isinstance(last, Summation):
                    return [*boxes[:-1], *self._segments(last, room)]
                return boxes
            case Product(factors, joint):
                boxes = self._factors(factors, Style.DISPLAY, 0)
                mark = box.text(self.glyphs.joints[joint].lstrip())
                return [boxes[0], *(box.beside((mark, each)) for each in boxes[1:])]
            case Summation():
                body = self._summand(formula.body, Style.DISPLAY, 0)
                parts = [body]
                if isinstance(formula.body, Product | Summation):
                    parts = self._segments(formula.body, room)
                sigma = self._sigma(formula, Style.DISPLAY)
                return [box.joined(" ", (sigma, parts[0])), *parts[1:]]
            case _:
                return [self._box(formula, Style.DISPLAY, 0)]

    def _compact(self, formula: Formula) -> str:
        """A formula of indices, without spaces."""
        return self.line(formula).replace(" ", "")


def _hung(rows: list[Box], first: Box, blank: Box) -> list[Box]:
    """Rows behind a first box, those after the first behind a blank one."""
    return [box.beside((blank if at else first, each)) for at, each in enumerate(rows)]


def _filled(segments: list[Box], room: int) -> list[Box]:
    """Segments side by side, as many in a row as fit."""
    rows: list[Box] = []
    for each in segments:
        if rows and rows[-1].width + 1 + each.width <= room:
            rows[-1] = box.joined(" ", (rows[-1], each))
        else:
            rows.append(each)
    return rows


def _cut(each: Box, width: int) -> Box:
    """A box that is too wide even so, one name longer than a line, cut into rows."""
    if each.width <= width:
        return each
    rows = tuple(row[at : at + width] for row in each.rows for at in range(0, each.width, width))
    return Box(tuple(row.ljust(width) for row in rows))
