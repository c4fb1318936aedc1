"""Where a formula may be broken: its parts between these places, and lines filled with them.

A formula is broken before its plus and minus signs, then between factors, then inside brackets;
a list of cases is broken row by row. In a sum with a term that is wider than half a line each term
has lines of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpsym.typeset.formulas.strength import Strength
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Cases,
    Chain,
    Comparison,
    Conjunction,
    Formula,
    Joint,
    Power,
    Product,
    Quotient,
    Summation,
    Terms,
)
from bpsym.typeset.printers import piece as metrics
from bpsym.typeset.printers.language import Fence
from bpsym.typeset.printers.names import LARGEST, fence_size
from bpsym.typeset.printers.piece import Piece
from bpsym.typeset.printers.pieces import Pieces
from bpsym.typeset.printers.styles import Style, smaller

# What stands to the left, or the conditions of a list of cases, may take this part of a line.
WIDEST_LEFT = 0.45

# A line is not left emptier than this for the sake of a better place to break.
_LEAST_FILLED = 0.4

# Lists of cases within each other are not broken into lines that are narrower than this.
_LEAST_ROOM = 10.0


@dataclass(frozen=True)
class Segment:
    """A part between two places where a line may break.

    within, starting: how it is written in a line, and at the start of one.
    depth: how deep in the formula the place before it is; the least deep makes the best break.
    """

    within: Piece
    starting: Piece
    depth: int = 0

    def at(self, depth: int) -> Segment:
        """The same with another place before it."""
        return Segment(self.within, self.starting, depth)


class Breaking(Pieces):
    """Breaks formulas into lines."""

    def _filled(self, segments: list[Segment], room: float) -> list[Piece]:
        """Segments put into lines; those after the first are indented."""
        rows: list[Piece] = []
        while segments:
            end = _end_of_line(segments, room if not rows else room - metrics.QUAD)
            head = segments[0].starting if rows else segments[0].within
            indent = (Piece(self.language.indent, metrics.QUAD),) if rows else ()
            rest = [each.within for each in segments[1:end]]
            rows.append(self._beside((*indent, head, *rest)))
            segments = segments[end:]
        return rows

    def _widest_term(self, formula: Terms) -> float:
        return max(self._piece(term, Style.DISPLAY).width for _, term in formula.terms)

    def _terms_apart(self, formula: Terms, room: float) -> list[Piece]:
        """Each term of a long sum in a line of its own, or in more if it is that wide."""
        indent = Piece(self.language.indent, metrics.QUAD)
        rows: list[Piece] = []
        for number, (sign, term) in enumerate(formula.terms):
            left = room - metrics.QUAD * (number > 0)
            inner = left - metrics.SIGN - metrics.QUAD
            parts = self._segments_between(term, Strength.SUM, inner, Style.DISPLAY, 0)
            lines = self._filled(self._led(self._sign(sign, first=number == 0), parts), left)
            rows += [self._beside((indent, each)) for each in lines] if number else lines
        return rows

    def _segments(self, formula: Formula, room: float, style: Style, depth: int) -> list[Segment]:
        """The parts of a formula between the places at which a line may break."""
        whole = self._piece(formula, style)
        if whole.width <= room:
            return [Segment(whole, whole)]
        match formula:
            case Terms(terms):
                found: list[Segment] = []
                for number, (sign, term) in enumerate(terms):
                    left = room - metrics.SIGN
                    parts = self._segments_between(term, Strength.SUM, left, style, depth + 2)
                    parts = self._led(self._sign(sign, first=number == 0), parts)
                    found += [parts[0].at(depth), *parts[1:]]
                return found
            case Product(factors, joint):
                return self._segments_of_factors(factors, joint, room, style, depth)
            case Summation(body=body):
                left = room - metrics.SUM
                parts = self._segments_between(body, Strength.SUM, left, style, depth)
                return self._led(self._sigma(formula, style), parts)
            case Quotient(numerator, denominator):
                reciprocal = Quotient(ONE, denominator)
                if numerator != ONE and self._piece(reciprocal, style).width <= room:
                    above: tuple[Formula, ...] = (numerator,)
                    if isinstance(numerator, Product) and numerator.joint is Joint.BESIDE:
                        above = numerator.factors
                    return self._segments(Product((reciprocal, *above)), room, style, depth)
                return self._segments_slashed(numerator, denominator, room, style, depth)
            case Power(base, exponent):
                # No root goes over two lines: it becomes a power with the exponent 1/2.
                raised = [self._number(exponent, Style.SCRIPT)]
                return self._segments_fenced((base,), room - 1.0, style, depth + 1, raised)
            case Apply(function, arguments):
                if function == "abs":
                    return self._segments_fenced(
                        arguments, room, style, depth + 1, fence=Fence.BARS
                    )
                parts = self._segments_fenced(arguments, room - 3.0, style, depth + 1)
                return self._led(self._function(function), parts)
            case Bracket(condition):
                return self._segments_fenced(
                    (condition,), room, smaller(style), depth + 1, fence=Fence.SQUARE
                )
            case Conjunction(conditions):
                return self._segments_listed(conditions, room, style, depth + 1)
            case Cases():
                stacked = self._stacked(formula, room, closed=True)
                return [Segment(stacked, stacked)]
            case Comparison(first, rest) | Chain(first, rest):
                found = self._segments(first, room, style, depth + 1)
                for relation, side in rest:
                    sign_piece = Piece(self.language.relations[relation], metrics.RELATION)
                    parts = self._segments(side, room, style, depth + 1)
                    parts = self._led(sign_piece, parts)
                    found += [parts[0].at(depth), *parts[1:]]
                return found
            case _:
                return [Segment(whole, whole)]

    def _segments_between(
        self, formula: Formula, least: Strength, room: float, style: Style, depth: int
    ) -> list[Segment]:
        if self._strength(formula, style) >= least:
            return self._segments(formula, room, style, depth)
        return self._segments_fenced((formula,), room, style, depth + 1)

    def _segments_slashed(
        self, above: Formula, below: Formula, room: float, style: Style, depth: int
    ) -> list[Segment]:
        """A fraction whose denominator is too wide for a rule."""
        left = room - metrics.SIGN
        found = self._segments_between(above, Strength.PRODUCT, left, style, depth + 1)
        slash = Piece(self.language.slash, 0.5)
        parts = self._segments_between(below, Strength.POWER, left, style, depth + 1)
        parts = self._led(slash, parts)
        return [*found, parts[0].at(depth + 1), *parts[1:]]

    def _segments_listed(
        self, formulas: Sequence[Formula], room: float, style: Style, depth: int
    ) -> list[Segment]:
        """With commas, which stay at the end of a line."""
        comma = Piece(self.language.comma, metrics.COMMA)
        found: list[Segment] = []
        for each in formulas:
            if found:
                last = found[-1]
                within = self._beside((last.within, comma))
                found[-1] = Segment(within, self._beside((last.starting, comma)), last.depth)
            parts = self._segments(each, room - metrics.COMMA, style, depth + 1)
            found += [parts[0].at(depth), *parts[1:]]
        return found

    def _stacked(self, cases: Cases, room: float, *, closed: bool) -> Piece:
        """A list of cases that is too wide.

        Its values stand in several lines, the conditions beside them where there is room, else
        below.
        """
        room = max(room - metrics.BRACE * (1 + closed), _LEAST_ROOM)
        tests = [self._test(test) for _, test in cases.branches]
        beside = 1.0 + max(each.width for each in tests)
        is_beside = beside <= WIDEST_LEFT * room
        rows: list[tuple[str, str]] = []
        widest = 0.0
        for (value, test), whole in zip(cases.branches, tests, strict=True):
            left = room - beside if is_beside else room
            lines = self._text_lines(value, left)
            widest = max(widest, *(each.width for each in lines))
            rows += [(each.text, "") for each in lines]
            if is_beside:
                rows[-1] = (lines[-1].text, whole.text)
                continue
            indent = Piece(self.language.indent, metrics.QUAD)
            for line in self._test_lines(test, left - metrics.QUAD):
                shown = self._beside((indent, line))
                widest = max(widest, shown.width)
                rows.append((shown.text, ""))
        width = widest + beside * is_beside + metrics.BRACE * (1 + closed)
        return Piece(self.language.cases(rows, closed=closed), width, LARGEST)

    def _text_lines(self, formula: Formula, room: float) -> list[Piece]:
        """A formula within a list of cases, in as many lines as it needs."""
        whole = self._piece(formula, Style.TEXT)
        if whole.width <= room:
            return [whole]
        inner = max(room - metrics.QUAD, _LEAST_ROOM)
        return self._filled(self._segments(formula, inner, Style.TEXT, 0), room)

    def _test_lines(self, test: Formula | None, room: float) -> list[Piece]:
        whole = self._test(test)
        if test is None or whole.width <= room:
            return [whole]
        when = Piece(self.language.words(f"{self.words.when} "), self._when_width)
        inner = max(room - metrics.QUAD - when.width, _LEAST_ROOM)
        return self._filled(self._led(when, self._segments(test, inner, Style.TEXT, 0)), room)

    def _segments_fenced(
        self,
        formulas: Sequence[Formula],
        room: float,
        style: Style,
        depth: int,
        raised: Sequence[Piece] = (),
        fence: Fence = Fence.ROUND,
    ) -> list[Segment]:
        """Between brackets, one formula or a list; ``raised``: an exponent of the whole."""
        size = fence_size(self._listed([self._piece(each, style) for each in formulas]))
        before = self._mark(self.language.opening(fence, size), size)
        after = self._mark(self.language.closing(fence, size), size)
        after = self._scripted(after, (), raised)
        parts = self._led(before, self._segments_listed(formulas, room - 1.0, style, depth + 1))
        last = parts[-1]
        within, starting = (self._beside((each, after)) for each in (last.within, last.starting))
        return [*parts[:-1], Segment(within, starting, last.depth)]

    def _segments_of_factors(
        self, factors: Sequence[Formula], joint: Joint, room: float, style: Style, depth: int
    ) -> list[Segment]:
        found: list[Segment] = []
        sign = self.language.times if joint is Joint.BESIDE else self.language.joints[joint]
        times = Piece(sign, metrics.SIGN)
        for number, factor in enumerate(factors):
            last = number == len(factors) - 1
            left = room - metrics.SIGN
            if self._stands_free(factor, style, first=number == 0, last=last):
                parts = self._segments(factor, left, style, depth + 2)
            else:
                parts = self._segments_fenced((factor,), left, style, depth + 2)
            if number:
                gap = self._gap(factors[number - 1], factor, joint, style)
                within = self._beside((gap, parts[0].within))
                starting = self._beside((times, parts[0].starting))
                parts[0] = Segment(within, starting, depth + 1)
            found += parts
        return found

    def _led(self, lead: Piece, parts: list[Segment]) -> list[Segment]:
        """The parts with something before the first."""
        head = parts[0]
        within, starting = (self._beside((lead, each)) for each in (head.within, head.starting))
        return [Segment(within, starting, head.depth), *parts[1:]]


def _end_of_line(segments: Sequence[Segment], room: float) -> int:
    """How many segments the next line takes: up to the best place to break, at least one."""
    used = segments[0].starting.width
    fits = 1
    while fits < len(segments) and used + segments[fits].within.width <= room:
        used += segments[fits].within.width
        fits += 1
    if fits == len(segments):
        return fits
    best, used = fits, segments[0].starting.width
    for end in range(1, fits + 1):
        if used >= _LEAST_FILLED * room and segments[end].depth <= segments[best].depth:
            best = end
        used += segments[end].within.width
    return best
