"""A document as a tree: sections of sentences, displayed formulas and tables.

Every format is a printer of this tree. Formulas inside sentences are formulas here too, so that a
printer writes them as it writes all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bpsym.typeset.formulas.tree import Formula, Symbol, map_symbols
from bpsym.typeset.pictures.gates import Drawn

Text = tuple[str | Formula, ...]

# A space at which no line is broken.
TIE = "\u00a0"


@dataclass(frozen=True)
class Paragraph:
    """Sentences."""

    text: Text


@dataclass(frozen=True)
class Items:
    """A list of points."""

    points: tuple[Text, ...]


@dataclass(frozen=True)
class Display:
    """Formulas on lines of their own; they belong together.

    shapes: what is to be written under a formula wherever it is a factor, as sizes in order.
    """

    formulas: tuple[Formula, ...]
    shapes: tuple[tuple[Formula, tuple[Formula, ...]], ...] = ()


@dataclass(frozen=True)
class Step:
    """One named step of a derivation: a rule, and the sides that it makes equal."""

    rule: str
    formula: Formula


@dataclass(frozen=True)
class Table:
    """Rows of cells under a heading; numbers stand to the right."""

    heading: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    to_the_right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A drawing of a network or of its gates; formats without pictures leave it out."""

    picture: Drawn


Block = Paragraph | Items | Display | Step | Table | Figure


@dataclass(frozen=True)
class Section:
    """A part of a document with a title."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A title and the sections."""

    title: str
    sections: tuple[Section, ...]


def map_text(text: Text, change: Callable[[Symbol], Formula]) -> Text:
    """A text with every symbol in it changed."""
    return tuple(part if isinstance(part, str) else map_symbols(part, change) for part in text)


def map_block(block: Block, change: Callable[[Symbol], Formula]) -> Block:
    """A block with every symbol in it changed."""
    match block:
        case Paragraph(text):
            return Paragraph(map_text(text, change))
        case Items(points):
            return Items(tuple(map_text(each, change) for each in points))
        case Display(formulas, shapes):
            return Display(
                tuple(map_symbols(each, change) for each in formulas),
                tuple(
                    (map_symbols(each, change), tuple(map_symbols(size, change) for size in sizes))
                    for each, sizes in shapes
                ),
            )
        case Step(rule, formula):
            return Step(rule, map_symbols(formula, change))
        case Table(heading, rows, right):
            changed = tuple(tuple(map_text(cell, change) for cell in row) for row in rows)
            return Table(heading, changed, right)
        case Figure():
            return block
