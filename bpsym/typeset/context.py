"""What every section of a document is written from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from bpsym.calculus.derivation import Adjoint, Derivation
from bpsym.calculus.system import Role
from bpsym.network.build import BuiltNetwork
from bpsym.network.build.naming import suffixes
from bpsym.typeset.document import Block, Paragraph
from bpsym.typeset.english import English
from bpsym.typeset.from_sympy import Translator
from bpsym.typeset.parts import Part, Routes, parts_of
from bpsym.typeset.repetition import Entry, collapsed, running
from bpsym.typeset.sharing import SharedFormulas
from bpsym.typeset.symbols import SymbolTable, code_symbols


@dataclass(frozen=True)
class Context:
    """A derivation, the network it belongs to, and the language to speak of it.

    steps: whether every named step is to be shown.
    """

    derivation: Derivation
    built: BuiltNetwork
    steps: bool = False
    words: English = field(default_factory=English)

    @cached_property
    def table(self) -> SymbolTable:
        """The symbols of the network."""
        network = self.built.network
        named = [name for name, _ in network.inputs] + list(self.built.targets)
        ends = [end for each in suffixes(network) for end in (each.tensors, each.parameters)]
        ends += [f"_{name}" for name in named]
        return code_symbols(self.built.system, ends)

    @cached_property
    def translator(self) -> Translator:
        """Writes the equations of the network."""
        return Translator(self.table)

    @cached_property
    def shared(self) -> SharedFormulas:
        """Writes the adjoints."""
        return SharedFormulas(self.translator)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The layers."""
        return parts_of(self.built)

    @cached_property
    def routes(self) -> Routes:
        """How tensors reach the cost."""
        named = {each.tensor for each in self.derivation.adjoints}
        return Routes(self.built.system, named)

    def hidden(self) -> list[Adjoint]:
        """The adjoints of hidden tensors, in the order of the backward pass."""
        tensors = self.built.system.tensors
        return [
            each for each in self.derivation.adjoints if tensors[each.tensor].role is Role.HIDDEN
        ]

    def blocks_of(self, entries: Iterable[Entry]) -> Iterator[Block]:
        """The blocks of all entries; a run of layers is announced."""
        for entry in collapsed(entries):
            if entry.last is not None and entry.layer is not None:
                step = 1 if entry.last > entry.layer else -1
                numbers = (entry.layer, entry.layer + step, entry.last)
                said = self.words.layers(running(), *numbers)
                match entry.blocks:
                    case (Paragraph(text), *rest):
                        yield Paragraph((*said, " ", *text))
                        yield from rest
                        continue
                yield Paragraph(said)
            yield from entry.blocks
