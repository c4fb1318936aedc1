"""The backward pass as a drawing: one arrow for each equation, the faulty ones marked.

From the right, where the cost is, each error signal hands on to the next; below it hang the
gradients that are computed from it. Where and how long the lines are is decided here; a template
writes them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import name_of
from bpsym.typeset.terminal.formulas import Printer

if TYPE_CHECKING:
    from bpsym.calculus.derivation import Adjoint, Derivation
    from bpsym.typeset.formulas.symbols import SymbolTable

BETWEEN, ROW = 54.0, 74.0
# A box is as wide as its text, at least so wide; a letter takes so much.
LEAST_HALF_WIDTH, HALF_HEIGHT = 36.0, 15.0
HALF_LETTER, PADDING = 4.1, 8.0
MARGIN, TOP = 30.0, 40.0
# How far a line keeps from the box that it passes.
ASIDE = 13.0
# A chain with more error signals shows its ends and what is around a mark.
MOST, ENDS = 9, 2


@dataclass(frozen=True)
class Box:
    """A value of the backward pass: its name in the derivation, how it is written, its middle.

    half: of its width.
    """

    name: str
    text: str
    x: float
    y: float
    half: float
    marked: bool


@dataclass(frozen=True)
class Arrow:
    """One equation reads another value. path: of SVG; cross: where its mark stands, if marked."""

    path: str
    cross: tuple[float, float]
    marked: bool


@dataclass(frozen=True)
class Flow:
    """The drawing."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    dots: tuple[tuple[float, float], ...]


def flow_of(record: Derivation, table: SymbolTable, marked: Collection[str]) -> Flow:
    """The backward pass of a derivation; marked: adjoints whose equation is violated."""
    return _Layout(record, table, frozenset(marked)).flow()


@dataclass(frozen=True, eq=False)
class _Layout:
    record: Derivation
    table: SymbolTable
    marked: frozenset[str]

    @cached_property
    def signals(self) -> Sequence[Adjoint]:
        """The error signals, the cost's side first."""
        return [each for each in self.record.adjoints if self._role(each) is Role.HIDDEN]

    def _role(self, adjoint: Adjoint) -> Role:
        return self.record.system.tensors[adjoint.tensor].role

    @cached_property
    def kept(self) -> Sequence[int]:
        count = len(self.signals)
        if count <= MOST:
            return range(count)
        near = {at for at, each in enumerate(self.signals) if self._matters(each)}
        near |= {other for at in near for other in (at - 1, at + 1)}
        ends = {*range(ENDS), *range(count - ENDS, count)}
        return sorted(at for at in near | ends if 0 <= at < count)[: 2 * MOST]

    def _matters(self, signal: Adjoint) -> bool:
        below = {each.name for each in self._gradients(signal.name)}
        return bool(self.marked & {signal.name, *below})

    def _gradients(self, signal: str) -> list[Adjoint]:
        """The gradients that are computed from an error signal first."""
        return [
            each
            for each in self.record.adjoints
            if self._role(each) is Role.PARAMETER and self._last_read(each) == signal
        ]

    def _last_read(self, adjoint: Adjoint) -> str:
        read = [name for name in self._reads(adjoint) if name in self._order]
        return max(read, key=lambda name: self._order[name], default="")

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {each.name: at for at, each in enumerate(self.signals)}

    def _reads(self, adjoint: Adjoint) -> list[str]:
        _, expr = adjoint.equation
        return sorted({name_of(node) for node in expr.atoms(sp.Indexed)})

    @cached_property
    def half(self) -> float:
        """Half of the width of a box: the longest text fits."""
        names = [self.signals[at].name for at in self.kept]
        names += [each.name for name in names for each in self._gradients(name)]
        longest = max((len(self._text(name)) for name in names), default=0)
        return max(LEAST_HALF_WIDTH, HALF_LETTER * longest + PADDING)

    def flow(self) -> Flow:
        """The drawing."""
        places = {self.signals[at].name: number for number, at in enumerate(self.kept, 1)}
        columns = len(places) + 1
        apart = 2 * self.half + BETWEEN
        width = 2 * MARGIN + 2 * self.half + (columns - 1) * apart

        def x(number: int) -> float:
            return width - MARGIN - self.half - number * apart

        boxes = {"C": Box("C", "C", x(0), TOP, self.half, marked=False)}
        deepest = TOP
        for name, number in places.items():
            boxes[name] = self._box(name, x(number), TOP)
            for row, gradient in enumerate(self._gradients(name), 1):
                deepest = max(deepest, TOP + row * ROW)
                boxes[gradient.name] = self._box(gradient.name, x(number), TOP + row * ROW)
        arrows = tuple(self._arrows(boxes))
        dots = tuple(
            ((x(number) + x(number - 1)) / 2, TOP)
            for number, (before, after) in enumerate(
                zip(self.kept, list(self.kept)[1:], strict=False), 2
            )
            if after != before + 1
        )
        return Flow(width, deepest + HALF_HEIGHT + MARGIN, tuple(boxes.values()), arrows, dots)

    def _box(self, name: str, x: float, y: float) -> Box:
        return Box(name, self._text(name), x, y, self.half, marked=name in self.marked)

    def _text(self, name: str) -> str:
        adjoint = self._by_name[name]
        if self._role(adjoint) is Role.PARAMETER:
            return Printer().line(self.table.derivative(adjoint.tensor))
        return Printer().line(self.table.tensor(name))

    @cached_property
    def _by_name(self) -> Mapping[str, Adjoint]:
        return {each.name: each for each in self.record.adjoints}

    def _arrows(self, boxes: Mapping[str, Box]) -> Iterator[Arrow]:
        for name, box in boxes.items():
            if name == "C":
                continue
            adjoint = self._by_name[name]
            read = [each for each in self._reads(adjoint) if each in self._order]
            sources = [each for each in read if each in boxes] if read else ["C"]
            for source in sources:
                yield _arrow(boxes[source], box)


def _arrow(source: Box, box: Box) -> Arrow:
    if box.y > source.y and box.x == source.x:
        side = source.x - source.half - ASIDE
        if box.y - source.y > ROW:  # past the box between
            start, bend = source.x - source.half + ASIDE, source.y + HALF_HEIGHT + ASIDE
            path = (
                f"M{start:g},{source.y + HALF_HEIGHT:g} V{bend:g} H{side:g} V{box.y:g} "
                f"H{box.x - box.half - 2:g}"
            )
            return Arrow(path, (side, box.y - ROW / 2), box.marked)
        path = f"M{source.x:g},{source.y + HALF_HEIGHT:g} V{box.y - HALF_HEIGHT - 2:g}"
        return Arrow(path, (source.x, (source.y + box.y) / 2), box.marked)
    if box.y == source.y and source.x - box.x > 3 * box.half + BETWEEN:
        top = source.y - HALF_HEIGHT
        middle = (source.x + box.x) / 2
        path = f"M{source.x:g},{top:g} Q{middle:g},{top - 46:g} {box.x:g},{top - 2:g}"
        return Arrow(path, (middle, top - 23), box.marked)
    start, end = source.x - source.half, box.x + box.half + 2
    path = f"M{start:g},{source.y:g} L{end:g},{box.y:g}"
    return Arrow(path, ((start + end) / 2, (source.y + box.y) / 2), box.marked)
