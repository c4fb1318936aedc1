"""Formulas in two dimensions: fractions with a rule, sums with limits, lists of cases."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction

from bpsym.typeset.formulas import wrapping
from bpsym.typeset.formulas.strength import Strength, is_factor, strength
from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Cases,
    Chain,
    Comparison,
    Conjunction,
    Decimal,
    Formula,
    Matrix,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
)
from bpsym.typeset.printers.styles import ConditionWords
from bpsym.typeset.terminal import box, columns
from bpsym.typeset.terminal.box import Box
from bpsym.typeset.terminal.glyphs import UNICODE, Glyphs
from bpsym.typeset.terminal.names import Names

_HALF = Fraction(1, 2)


class Style(Enum):
    """Fractions with a rule and limits above sums; limits only; all in one line."""

    DISPLAY = "display"
    TEXT = "text"
    LINE = "line"


ENGLISH = ConditionWords()


class Boxes(Names):
    """Sets formulas as boxes of characters. words: those of a list of cases."""

    def __init__(self, glyphs: Glyphs = UNICODE, words: ConditionWords = ENGLISH) -> None:
        super().__init__(glyphs)
        self.words = words

    def _sign(self, sign: int, term: Box, *, first: bool) -> Box:
        """The sign before a term; a minus keeps clear of the rule of a fraction."""
        glyph = "+" if sign > 0 else self.glyphs.minus
        if first and sign > 0:
            return box.text("")
        return box.text(glyph if first and term.height == 1 else glyph + " ")

    def _box(self, formula: Formula, style: Style, depth: int) -> Box:
        match formula:
            case Symbol():
                return box.text(self.symbol(formula))
            case Number(value):
                return box.text(self.number(value))
            case Decimal(_, digits):
                return box.text(self.number(Fraction(digits)) if "e" in digits else digits)
            case Terms(terms):
                return self._terms(terms, style, depth)
            case Product(factors, joint):
                separator = wrapping.mark(depth + 1) + self.glyphs.joints[joint].lstrip()
                return box.joined(separator, self._factors(factors, style, depth + 2))
            case Quotient():
                return self._quotient(formula, style, depth)
            case Power():
                return self._power(formula, style, depth)
            case Summation():
                body = self._summand(formula.body, style, depth + 2)
                gap = wrapping.mark(depth + 2)
                return box.joined(gap, (self._sigma(formula, style), body))
            case Apply(function, arguments):
                return self._application(function, arguments, style, depth)
            case Comparison() | Chain():
                return self._comparison(formula, style, depth)
            case Conjunction(conditions):
                parts = (self._box(each, style, depth + 1) for each in conditions)
                return box.joined("," + wrapping.mark(depth), parts)
            case Bracket(condition):
                inner = self._box(condition, _smaller(style), depth + 2)
                return box.fenced(inner, self.glyphs.square)
            case Cases():
                if style is Style.LINE:
                    return self._cases_in_line(formula, depth)
                return box.fenced(self._cases(formula, style), self.glyphs.curly)
            case Transpose(argument):
                inner = self._bracketed(argument, Strength.ATOM, style, depth)
                return box.beside((inner, box.text(self.glyphs.transpose)))
            case Matrix(rows):
                return self._matrix(rows, style, depth)
            case Partial(of, by):
                sign = box.text(self.glyphs.partial)
                above = self._bracketed(of, Strength.ATOM, Style.LINE, depth)
                below = self._bracketed(by, Strength.ATOM, Style.LINE, depth)
                return box.beside((sign, above, box.text("/"), sign, below))

    def _matrix(self, rows: tuple[tuple[Formula, ...], ...], style: Style, depth: int) -> Box:
        """Entries in columns, numbers to the right; in one line rows in brackets of their own."""
        cells = [[self._box(each, Style.LINE, depth).rows[0] for each in row] for row in rows]
        if style is Style.LINE:
            lines = ["[" + ", ".join(row) + "]" for row in cells]
            return box.text(lines[0] if len(lines) == 1 else "[" + ", ".join(lines) + "]")
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        aligned = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in cells
        ]
        whole = Box(tuple(aligned), (len(aligned) - 1) // 2)
        return box.fenced(whole, self.glyphs.square)

    def _bracketed(self, formula: Formula, least: Strength, style: Style, depth: int) -> Box:
        """A formula, in round brackets if it is weaker than ``least``."""
        if strength(formula, stacked=style is Style.DISPLAY) >= least:
            return self._box(formula, style, depth)
        return box.fenced(self._box(formula, style, depth + 2), self.glyphs.round)

    def _terms(self, terms: tuple[tuple[int, Formula], ...], style: Style, depth: int) -> Box:
        parts: list[Box] = []
        for number, (sign, term) in enumerate(terms):
            if number:
                parts.append(box.text(wrapping.mark(depth)))
            inner = self._bracketed(term, Strength.SUM, style, depth)
            parts += [self._sign(sign, inner, first=number == 0), inner]
        return box.beside(parts)

    def _factors(self, factors: tuple[Formula, ...], style: Style, depth: int) -> list[Box]:
        stacked = style is Style.DISPLAY
        boxes = []
        for number, factor in enumerate(factors):
            last = number == len(factors) - 1
            if is_factor(factor, last=last, first=number == 0, stacked=stacked):
                boxes.append(self._box(factor, style, depth))
            else:
                inner = self._box(factor, style, depth + 1)
                boxes.append(box.fenced(inner, self.glyphs.round))
        return boxes

    def _quotient(self, quotient: Quotient, style: Style, depth: int) -> Box:
        above, below = quotient.numerator, quotient.denominator
        if style is Style.DISPLAY:
            return box.fraction(
                self._box(above, Style.TEXT, depth),
                self._box(below, Style.TEXT, depth),
                self.glyphs.rule,
            )
        return box.joined(
            "/",
            (
                self._bracketed(above, Strength.PRODUCT, style, depth),
                self._bracketed(below, Strength.POWER, style, depth),
            ),
        )

    def _power(self, power: Power, style: Style, depth: int) -> Box:
        exponent = power.exponent
        if exponent == _HALF:
            return self._root(power.base, style, depth)
        base = self._bracketed(power.base, Strength.ATOM, style, depth)
        digits = str(exponent).replace("-", self.glyphs.minus)
        if all(each in self.glyphs.superscripts for each in digits):
            raised = "".join(self.glyphs.superscripts[each] for each in digits)
        else:
            raised = f"^{digits}" if digits.isdigit() else f"^({digits})"
        blank = " " * len(raised)
        column = Box((raised, *[blank] * (base.height - 1)), base.axis)
        return box.beside((base, column))

    def _root(self, base: Formula, style: Style, depth: int) -> Box:
        bare = isinstance(base, Symbol | Number) and not self.glyphs.is_plain()
        bare = bare and strength(base, stacked=False) is Strength.ATOM
        inner = self._box(base, style, depth + 2)
        if not bare:
            inner = box.fenced(inner, self.glyphs.round)
        return box.beside((box.text(self.glyphs.root), inner))

    def _summand(self, body: Formula, style: Style, depth: int) -> Box:
        return self._bracketed(body, Strength.SUM, style, depth)

    def _sigma(self, summation: Summation, style: Style) -> Box:
        name = self.symbol(summation.index)
        lower, upper = self._compact(summation.lower), self._compact(summation.upper)
        if style is Style.LINE:
            return box.text(f"{self.glyphs.sum}_{{{name}={lower}..{upper}}}")
        parts = (box.text(upper), box.text(self.glyphs.sum), box.text(f"{name}={lower}"))
        return box.stacked(parts, 1)

    def _application(
        self, function: str | Prime, arguments: tuple[Formula, ...], style: Style, depth: int
    ) -> Box:
        separator = "," + wrapping.mark(depth + 2)
        inner = box.joined(
            separator, (self._box(each, _smaller(style), depth + 3) for each in arguments)
        )
        if function == "abs":
            return box.fenced(inner, (self.glyphs.bars, self.glyphs.bars))
        return box.beside((box.text(self.function(function)), box.fenced(inner, self.glyphs.round)))

    def _comparison(self, formula: Comparison | Chain, style: Style, depth: int) -> Box:
        parts = [self._bracketed(formula.first, Strength.TERMS, style, depth)]
        for relation, side in formula.rest:
            sign = wrapping.mark(depth) + self.glyphs.relations[relation] + " "
            parts += [box.text(sign), self._bracketed(side, Strength.TERMS, style, depth + 1)]
        return box.beside(parts)

    def _cases(self, cases: Cases, style: Style) -> Box:
        """Values to the left, conditions to the right, a blank row between two."""
        style = _smaller(style)
        values = [self._box(value, style, 0) for value, _ in cases.branches]
        width = max(each.width for each in values)
        rows: list[Box] = []
        for value, (_, test) in zip(values, cases.branches, strict=True):
            condition = box.text(f"  {columns.filled(self.words.otherwise)}")
            if test is not None:
                condition = box.joined(
                    f"  {columns.filled(self.words.when)} ",
                    (box.text(""), self._box(test, style, 0)),
                )
            gap = box.text(" " * (width - value.width))
            rows.append(box.beside((value, gap, condition)))
        if len(rows) == 2:
            rows.insert(1, box.text(""))
        whole = box.stacked(rows, 0, left=True)
        return Box(tuple(f" {row} " for row in whole.rows), whole.height // 2)

    def _cases_in_line(self, cases: Cases, depth: int) -> Box:
        parts = []
        for value, test in cases.branches:
            line = self._box(value, Style.LINE, depth + 3).rows[0]
            if test is None:
                parts.append(f"else {line}")
            else:
                parts.append(f"{line} if {self._box(test, Style.LINE, depth + 3).rows[0]}")
        separator = ";" + wrapping.mark(depth + 2)
        return box.text("(" + separator.join(parts) + ")")


def _smaller(style: Style) -> Style:
    return Style.TEXT if style is Style.DISPLAY else style
