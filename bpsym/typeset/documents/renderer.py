"""A document tree into the text of a file: what all output languages have in common.

Each block becomes a finished string by a macro of ``blocks.jinja``; ``document`` then puts them
together. Python decides, the templates only shape: they get finished strings.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from bpsym import __version__
from bpsym.emit.render import environment
from bpsym.typeset.document import (
    Block,
    Display,
    Document,
    Figure,
    Items,
    Paragraph,
    Step,
    Table,
    Text,
)
from bpsym.typeset.pictures.gates import Drawn
from bpsym.typeset.printers.language import Language
from bpsym.typeset.printers.piece import roman
from bpsym.typeset.printers.printer import PAGE, ConditionWords, FormulaPrinter, Labels


@dataclass(frozen=True)
class Manner:
    """What notation and language of the document ask of a renderer.

    language: ``en`` or ``zh``. labels: where the number of a layer stands.
    conditions: the words in a list of cases.
    """

    language: str = "en"
    labels: Labels = Labels.ROUND
    conditions: ConditionWords = field(default_factory=ConditionWords)


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, where its cells stand, its width in em if it is wide."""

    heading: str
    to_the_right: bool
    width: float | None


class Renderer(ABC):
    """Writes documents in one language.

    folder: of its templates. document: the template of the whole file.
    """

    folder: str
    document_template: str
    _BETWEEN_COLUMNS = 1.1

    def __init__(self, manner: Manner | None = None, *, room: float = PAGE) -> None:
        self.manner = manner or Manner()
        self.room = room
        self.formulas = FormulaPrinter(
            self.syntax(), labels=self.manner.labels, room=room, words=self.manner.conditions
        )
        blocks = f"documents/{self.folder}/blocks.jinja"
        self._macros = environment().get_template(blocks).module

    @abstractmethod
    def syntax(self) -> Language:
        """How formulas are written."""

    @abstractmethod
    def escaped(self, text: str) -> str:
        """Words as they are written in the language."""

    @abstractmethod
    def picture(self, picture: Drawn) -> str:
        """A picture, ready to stand in the document."""

    def text(self, document: Document) -> str:
        """The whole file."""
        path = f"documents/{self.folder}/{self.document_template}"
        return environment().get_template(path).render(self.values(document))

    def values(self, document: Document) -> dict[str, object]:
        """What the template of the document gets: finished strings."""
        return {
            "title": self.escaped(document.title),
            "sections": [
                {
                    "title": self.escaped(section.title),
                    "number": number,
                    "blocks": self.blocks(section.blocks),
                    "open": any(isinstance(block, Display | Figure) for block in section.blocks),
                }
                for number, section in enumerate(document.sections, 1)
            ],
            "drawn": any(
                isinstance(block, Figure)
                for section in document.sections
                for block in section.blocks
            ),
            "language": self.manner.language,
            "chinese": self.manner.language == "zh",
            "version": __version__,
            **self.more_values(),
        }

    def more_values(self) -> dict[str, object]:
        """What only the template of this language asks for."""
        return {}

    def words(self, text: Text) -> str:
        """Words and formulas in a line."""
        return "".join(
            self.escaped(part) if isinstance(part, str) else self.formulas.inline(part)
            for part in text
        )

    def blocks(self, blocks: Sequence[Block]) -> list[str]:
        """The blocks of a section, each a string."""
        return [self.block(block) for block in blocks]

    def block(self, block: Block) -> str:
        """One block of a section."""
        match block:
            case Paragraph(text):
                return self._macro("paragraph", self.words(text))
            case Items(points):
                return self._macro("items", [self.words(each) for each in points])
            case Display(formulas, shapes):
                return self._macro("display", self.formulas.display(formulas, dict(shapes)))
            case Step(rule, formula):
                shown = self.formulas.display((formula,))
                colon = "\uff1a" if self.manner.language == "zh" else ":"
                return self._macro("step", self.escaped(rule + colon), shown)
            case Table():
                return self._table(block)
            case Figure(picture):
                return self._macro("figure", self.picture(picture))

    def _macro(self, name: str, *values: object) -> str:
        return str(getattr(self._macros, name)(*values)).strip("\n")

    def _table(self, table: Table) -> str:
        """A table without its empty columns."""
        used = [at for at in range(len(table.heading)) if any(row[at] for row in table.rows)]
        widths = [
            max(
                roman(table.heading[at]),
                *(self._width(row[at]) for row in table.rows),
            )
            for at in used
        ]
        least = [
            max(
                roman(table.heading[at]) + 0.5,
                *(self._widest_unbroken(row[at]) for row in table.rows),
            )
            for at in used
        ]
        narrow = self._narrowed(widths, least)
        columns = [
            Column(
                self.escaped(table.heading[at]),
                at in table.to_the_right,
                None if width is None else round(width, 1),
            )
            for at, width in zip(used, narrow, strict=True)
        ]
        rows = [[self.words(row[at]) for at in used] for row in table.rows]
        return self._macro("table", columns, rows)

    def _narrowed(self, widths: Sequence[float], least: Sequence[float]) -> list[float | None]:
        """None for columns that may be as wide as they are; else their width in em.

        least: the widths below which something would stand out of a column. The column with the
        most room to spare is wrapped first.
        """
        between = self._BETWEEN_COLUMNS * (len(widths) - 1)
        found: list[float | None] = [None] * len(widths)
        excess = sum(widths) + between - self.room
        if excess <= 2:
            return found
        spare = [wide - small for wide, small in zip(widths, least, strict=True)]
        for at in sorted(range(len(widths)), key=lambda at: -spare[at]):
            if excess <= 0 or spare[at] <= 0:
                break
            cut = min(spare[at], excess)
            found[at] = widths[at] - cut
            excess -= cut
        return found

    def _widest_unbroken(self, text: Text) -> float:
        """The widest part between two places where a line may break."""
        widest = width = 0.0
        for part in text:
            if not isinstance(part, str):
                width += self.formulas.width(part)
                continue
            words = part.split(" ")
            for number, word in enumerate(words):
                width = roman(word) + (width if number == 0 else 0.0)
                widest = max(widest, width)
        return max(widest, width)

    def _width(self, text: Text) -> float:
        return sum(
            roman(part) if isinstance(part, str) else self.formulas.width(part) for part in text
        )
