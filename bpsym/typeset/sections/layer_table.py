"""The table of layers: what each reads and gives, its shapes and the number of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from bpsym.calculus.system import System
from bpsym.network.build import BuiltNetwork
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.catalogue.kinds import KINDS
from bpsym.network.model import ActivationUse, Layer
from bpsym.typeset.document import TIE, Table, Text, map_text
from bpsym.typeset.formulas.numerals import digits_of, is_decimal
from bpsym.typeset.formulas.symbols import SymbolTable
from bpsym.typeset.formulas.tree import Kind, Symbol
from bpsym.typeset.languages.en.words import English
from bpsym.typeset.notations.rewriter import Rewriter
from bpsym.typeset.sections.parts import Part
from bpsym.typeset.sections.repetition import SHORTEST_RUN, relative_to

Row = tuple[Text, ...]


class LayerTable:
    """Writes the rows of one network."""

    def __init__(
        self,
        built: BuiltNetwork,
        parts: Sequence[Part],
        table: SymbolTable,
        words: English,
        rewriter: Rewriter | None = None,
    ) -> None:
        self.rewriter = rewriter
        self.built = built
        self.parts = parts
        self.table = table
        self.words = words

    def block(self) -> Table:
        """The whole table."""
        rows: list[Row] = [self._input(name) for name in self.built.inputs]
        for run in _runs([(part, self._row(part)) for part in self.parts]):
            rows += self._written(run)
        count = sum(self._count(part) for part in self.parts)
        rows.append(((), (), (), (), (), (self.words.in_all,), (str(count),)))
        table = Table(self.words.layer_table, tuple(rows), frozenset({6}))
        return table if self.rewriter is None else self.rewriter.table_of(table)

    def _input(self, name: str) -> Row:
        tensor = self.built.inputs[name]
        return ((name,), (self.words.input_kind,), (), (), self._shaped(tensor), (), ())

    def _row(self, part: Part) -> Row:
        layer = part.layer
        reads = _in_line([(self.table.tensor(self.built.outputs[each]),) for each in layer.inputs])
        parameters = _in_line([self._shaped(name) for name in part.parameters])
        if layer.share is not None:
            parameters = (self.words.shares(layer.share),)
        count = self._count(part)
        return (
            (part.label,),
            (self.words.kind(layer.kind),),
            (_activation(layer),),
            reads,
            self._shaped(part.output),
            parameters,
            (str(count),) if count else (),
        )

    def _written(self, run: Sequence[tuple[Part, Row]]) -> list[Row]:
        """The rows of a run of layers that are all the same: one row, if they are many."""
        if len(run) < SHORTEST_RUN:
            return [row for _, row in run]
        part, row = run[0]
        assert part.number is not None
        change = relative_to(part.number)
        cells = [map_text(cell, change) for cell in row]
        cells[0] = (f"{part.label}-{run[-1][0].label}",)
        cells[6] = (self.words.each(self._count(part)),) if cells[6] else ()
        return [tuple(cells)]

    def _shaped(self, name: str) -> Text:
        system = self.built.system
        labels = system.tensors[name].sizes if self.rewriter is None else self.rewriter.shape(name)
        return (self.table.tensor(name), TIE, *shape_text(labels, system))

    def _count(self, part: Part) -> int:
        system = self.built.system
        return sum(
            prod(system.sizes[label] for label in system.tensors[name].sizes)
            for name in part.parameters
        )


def shape_text(labels: Sequence[str], system: System) -> Text:
    """A shape as mathematicians write it: ``(m × 3)``, ``(3)``; it is not to be broken."""
    shape: Text = ("(",)
    for at, label in enumerate(labels):
        number = str(system.sizes.get(label, label))
        size = number if number.isdigit() else Symbol(label, Kind.SIZE, label)
        shape += (f"{TIE}×{TIE}", size) if at else (size,)
    return (*shape, ")")


def plain_number(value: Fraction) -> str:
    """A number as a user would type it."""
    if not is_decimal(value):
        return str(value)
    digits, exponent = digits_of(value)
    return f"{digits}e{exponent}" if exponent else digits


def _in_line(parts: Sequence[Text]) -> Text:
    """Parts with commas between them."""
    return tuple(
        each for number, part in enumerate(parts) for each in ((", ",) * (number > 0) + part)
    )


def _activation(layer: Layer) -> str:
    use = layer.activation
    row = KINDS.get(layer.kind)
    if use == ActivationUse() and (row is None or not row.units):
        return ""
    if use.expression is not None:
        return use.expression
    defaults = ACTIVATIONS[str(use.name)].options if use.name in ACTIVATIONS else {}
    options = ", ".join(
        f"{name}{TIE}={TIE}{plain_number(value)}"
        for name, value in use.options
        if defaults.get(name) != value
    )
    return f"{use.name} ({options})" if options else str(use.name)


def _runs(rows: Sequence[tuple[Part, Row]]) -> list[list[tuple[Part, Row]]]:
    """Rows in groups: in a group each is the one before it, one layer further."""
    groups: list[list[tuple[Part, Row]]] = []
    for part, row in rows:
        if groups and _follows(groups[-1][-1], (part, row)):
            groups[-1].append((part, row))
        else:
            groups.append([(part, row)])
    return groups


def _follows(earlier: tuple[Part, Row], later: tuple[Part, Row]) -> bool:
    one, other = earlier[0].number, later[0].number
    if one is None or other is None or other != one + 1:
        return False
    return _relative(earlier) == _relative(later)


def _relative(each: tuple[Part, Row]) -> list[Text]:
    part, row = each
    assert part.number is not None
    change = relative_to(part.number)
    return [map_text(cell, change) for cell in row[1:]]
