"""The derivation as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bpsym.typeset.document import (
    TIE,
    Block,
    Display,
    Document,
    Figure,
    Items,
    Paragraph,
    Section,
    Step,
    Table,
    Text,
)
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Partial,
    Product,
    Symbol,
    map_symbols,
    walk,
)
from bpsym.typeset.printers.styles import ConditionWords
from bpsym.typeset.terminal import columns
from bpsym.typeset.terminal.boxes import ENGLISH
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.terminal.glyphs import TIMES, Glyphs
from bpsym.typeset.terminal.tables import table_lines

Shapes = Mapping[Formula, tuple[Formula, ...]]

_INDENT = 2
_FORMULA_INDENT = 4
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"

NARROWEST = 40


def _turned(line: str, transpose: str) -> str:
    """``(3,2)^T`` as ``(2,3)``."""
    return re.sub(r"\(([^(),]+),([^(),]+)\)" + re.escape(transpose), r"(\2,\1)", line)


def _is_product(formula: Formula) -> bool:
    """Whether matrices stand side by side, so that their shapes tell something."""
    return any(isinstance(each, Product) for each in walk(formula))


class TerminalPrinter:
    """Prints documents as lines of a given width.

    glyphs: the characters there are, ``ASCII`` for a terminal whose encoding has no Greek
    (``bpsym.typeset.terminal.glyphs.glyphs_for`` tells). width: no line is longer.
    color: with ANSI escapes, which do not count.
    """

    def __init__(
        self,
        glyphs: Glyphs,
        width: int,
        *,
        color: bool = False,
        words: ConditionWords = ENGLISH,
    ) -> None:
        self.glyphs = glyphs
        self.width = width
        self.color = color
        self.formulas = Printer(glyphs, words)

    def text(self, document: Document) -> str:
        """The whole document, without a line break at the end."""
        lines = self._title(document.title)
        for section in document.sections:
            lines += ["", *self._section(section)]
        return "\n".join(lines).replace(TIE, " ")

    def _styled(self, line: str, style: str) -> str:
        return f"{style}{line}{_PLAIN}" if self.color and line else line

    def _title(self, title: str) -> list[str]:
        lines = columns.wrap(title, self.width)
        return [self._styled(line, _BOLD) for line in lines]

    def _section(self, section: Section) -> list[str]:
        titles = columns.wrap(section.title, self.width)
        lines = [self._styled(title, _BOLD) for title in titles]
        lines.append(self.glyphs.rule * max(map(columns.width, titles)))
        before: Block | None = None
        for block in section.blocks:
            if isinstance(block, Figure):
                continue
            if before is not None and not (
                isinstance(before, Paragraph) and isinstance(block, Display | Items)
            ):
                lines.append("")
            lines += self._block(block)
            before = block
        return lines

    def _block(self, block: Block) -> list[str]:
        match block:
            case Paragraph(text):
                return self._wrapped(self.inline(text), _INDENT)
            case Items(points):
                return [
                    line
                    for point in points
                    for line in self._wrapped(self.inline(point), _INDENT + 2, first="- ")
                ]
            case Display(formulas, shapes):
                return list(self._display(formulas, dict(shapes)))
            case Step(rule, formula):
                heading = self._wrapped(f"{rule}:", _FORMULA_INDENT)
                lines = self.formulas.lines(formula, self.width - _FORMULA_INDENT - 2)
                heading = [self._styled(line, _DIM) for line in heading]
                return heading + [" " * (_FORMULA_INDENT + 2) + line for line in lines]
            case Table():
                return self._table(block)
            case Figure():
                return []

    def _display(self, formulas: Sequence[Formula], shapes: Shapes) -> Iterator[str]:
        for formula in formulas:
            for line in self.formulas.lines(formula, self.width - _FORMULA_INDENT):
                yield (" " * _FORMULA_INDENT + line).rstrip()
            if shapes and isinstance(formula, Chain) and _is_product(formula.rest[-1][1]):
                yield from self._shapes(formula, shapes)

    def _shapes(self, chain: Chain, shapes: Shapes) -> Iterator[str]:
        """The last side with shapes in place of the matrices, where their order can be seen."""

        def shape(each: Symbol) -> Symbol:
            return written(each) if each in shapes else each

        def written(each: Formula) -> Symbol:
            text = "(" + ",".join(self.formulas.line(size) for size in shapes[each]) + ")"
            return Symbol(text, Kind.CONSTANT, text)

        partials: dict[Formula, Formula] = {
            each: written(each) for each in shapes if isinstance(each, Partial)
        }
        sizes = replace(chain, rest=(chain.rest[-1],))
        line = self.formulas.line(map_symbols(sizes, shape, partials))
        room = self.width - _FORMULA_INDENT - 2
        for each in columns.wrap(_turned(line, self.glyphs.transpose), room):
            yield self._styled(" " * (_FORMULA_INDENT + 2) + each, _DIM)

    def _table(self, table: Table) -> list[str]:
        rows = [[self.inline(cell) for cell in row] for row in table.rows]
        room = self.width - _INDENT
        lines = table_lines(table.heading, rows, table.to_the_right, room, self.glyphs.rule)
        return [(" " * _INDENT + line).rstrip() for line in lines]

    def inline(self, text: Text) -> str:
        """Words and formulas in one line; a formula is not broken."""
        times = self.formulas.glyphs.times
        return "".join(
            part.replace(TIMES, times)
            if isinstance(part, str)
            else self.formulas.line(part).replace(" ", TIE)
            for part in text
        )

    def _wrapped(self, text: str, indent: int, first: str = "") -> list[str]:
        return columns.wrap(
            text,
            self.width,
            initial_indent=" " * (indent - len(first)) + first,
            subsequent_indent=" " * indent,
        )
