"""What every section of a document is written from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self

from bpsym.calculus.delta import Step
from bpsym.calculus.derivation import Adjoint, Derivation
from bpsym.calculus.system import Role
from bpsym.network.build import BuiltNetwork
from bpsym.network.build.naming import suffixes
from bpsym.network.catalogue.activations import SOFTMAX
from bpsym.proof.certificate import Certificate
from bpsym.typeset.checked.lines import Lines
from bpsym.typeset.document import Block, Paragraph
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.symbols import COST, SymbolTable, code_symbols, index
from bpsym.typeset.formulas.tree import Formula, Symbol
from bpsym.typeset.languages.en.words import English
from bpsym.typeset.notations.by_outputs import joined_with_softmax
from bpsym.typeset.notations.hops import hops_of, scale_of
from bpsym.typeset.notations.notation import Notation, Samples
from bpsym.typeset.notations.one_sample import OneSample
from bpsym.typeset.notations.rewriter import Rewriter, rewritten
from bpsym.typeset.notations.systems import is_error
from bpsym.typeset.sections.parts import Part, Routes, parts_of
from bpsym.typeset.sections.repetition import SHORTEST_RUN, Entry, collapsed, running
from bpsym.typeset.sections.sharing import SharedFormulas

View = Literal["scalar", "index", "matrix", "all"]


@dataclass(frozen=True)
class Context:
    """A derivation, the network it belongs to, and the language to speak of it.

    steps: whether every named step is to be shown. notation: None for the names of the code; a
    derivation for a notation comes from ``bpsym.typeset.notations.prepare``. full: with the whole
    loss in scalars and its derivative in ``weight``. proof: what was proven, None if nothing was.
    """

    derivation: Derivation
    built: BuiltNetwork
    steps: bool = False
    words: English = field(default_factory=English)
    notation: Notation | None = None
    view: View = "index"
    full: bool = False
    weight: str | None = None
    proof: Certificate | None = None

    def __post_init__(self) -> None:
        """The equations to be written are those that were derived from: a notation changes some."""
        if self.built.system is not self.derivation.system:
            whole = replace(self.built, system=self.derivation.system)
            object.__setattr__(self, "built", whole)

    def in_words(self, words: English) -> Self:
        """The same in another language: what is no matter of words is not derived again."""
        other = replace(self, words=words)
        found = vars(self).items()
        vars(other).update(
            (name, each)
            for name, each in found
            if isinstance(getattr(Context, name, None), cached_property)
        )
        return other

    @cached_property
    def written(self) -> dict[object, Any]:
        """Formulas that were written and proven before, by what they say."""
        return {}

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
        if self.is_of_one_sample:
            return OneSample(self.table)
        return Translator(self.table)

    @cached_property
    def rewriter(self) -> Rewriter | None:
        """Writes the notation, None for that of the code."""
        if self.notation is None:
            return None
        return Rewriter(self.notation, self.built, self.table)

    def require_words(self) -> None:
        """Raise EmitError if the notation has no word for something in the network."""
        _ = self.rewriter

    @property
    def writes_out(self) -> bool:
        """Whether gradients are written down to the cost, with nothing but factors in them."""
        return self.notation is not None and self.notation.written_out

    @cached_property
    def lines(self) -> Lines:
        """Proves what is printed, and keeps the proofs for the certificate."""
        scale = scale_of(self.built, self.notation)
        return Lines(self.built, self.table, scale, self.is_of_one_sample)

    @property
    def is_of_one_sample(self) -> bool:
        """Whether the formulas are those of one sample."""
        return self.notation is not None and self.notation.samples is Samples.ONE

    @property
    def letters(self) -> frozenset[str]:
        """The letters of the notation."""
        if self.notation is None:
            return frozenset()
        words = (*self.notation.words.values(), *self.notation.last.values())
        return frozenset(each.base for each in words)

    @property
    def cost(self) -> Symbol:
        """The symbol of the cost."""
        return COST if self.rewriter is None else self.rewriter.cost

    def spoken(self, name: str) -> Symbol:
        """A tensor in a sentence; an error has its index there, or it might be the cost."""
        is_an_error = is_error(self.built.system, name)
        return self.table.tensor(name, (index("n"), index("i")) if is_an_error else ())

    def scaled(self, partial: Formula, tensor: str) -> Formula:
        """What the adjoint of a tensor is, by the derivative of the cost in it."""
        return partial if self.rewriter is None else self.rewriter.scaled(partial, tensor)

    def noted(self, *blocks: Block) -> tuple[Block, ...]:
        """Blocks in the notation."""
        return rewritten(self.rewriter, blocks)

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
        named = {each.tensor for each in (*self.derivation.adjoints, *self.joined)}
        return Routes(self.built.system, named)

    @cached_property
    def hops(self) -> Derivation:
        """The same derivation hop by hop, for a notation that ``needs_hops``."""
        return hops_of(self.built.system, scale_of(self.built, self.notation)).derivation

    @cached_property
    def known(self) -> frozenset[str]:
        """The tensors in which the derivative of the cost is known before the next is derived."""
        known = set(self.derivation.by_tensor)
        if self.notation is not None and self.notation.output_derivatives:
            known |= set(self.hops.by_tensor)
        return frozenset(known | {each.tensor for each in self.joined})

    @cached_property
    def joined(self) -> tuple[Adjoint, ...]:
        """The adjoints of what enters a softmax, where the notation has no letter for them."""
        system, named = self.built.system, self.derivation.by_tensor
        entering = [
            relation.reads[0]
            for relation in system.relations
            if relation.schema.label == SOFTMAX and relation.reads[0] not in named
        ]
        if not entering or not (self.notation is not None and self.notation.by_outputs):
            return ()
        return tuple(joined_with_softmax(system, tuple(entering)))

    def one_hop(self, adjoint: Adjoint) -> tuple[Adjoint, Step] | None:
        """The hop through an activation, and its step before the slope is written out.

        None where the notation does not show what comes back to the outputs of layers.
        """
        if self.notation is None or not self.notation.output_derivatives:
            return None
        hop = self.hops.by_tensor.get(adjoint.tensor)
        if hop is None or hop.formal is adjoint.formal:
            return None
        steps = [s for s in hop.formal.steps if s.of == 0 and s.rule == "activation slope"]
        return (hop, steps[0]) if steps else None

    def terms_reading(self, tensor: str) -> list[str]:
        """The terms of the cost that read a tensor directly: losses, for a parameter decays."""
        system = self.built.system
        return [each.defines for each in system.readers[tensor] if each.defines in system.weights]

    def hidden(self) -> list[Adjoint]:
        """The adjoints of hidden tensors, in the order of the backward pass."""
        tensors = self.built.system.tensors
        return [
            each for each in self.derivation.adjoints if tensors[each.tensor].role is Role.HIDDEN
        ]

    def blocks_of(
        self, entries: Iterable[Entry], *, shortest_run: int = SHORTEST_RUN
    ) -> Iterator[Block]:
        """The blocks of all entries; a run of layers is announced."""
        noted = (replace(entry, blocks=self.noted(*entry.blocks)) for entry in entries)
        for entry in collapsed(noted, shortest=shortest_run):
            if entry.last is not None and entry.layer is not None:
                step = 1 if entry.last > entry.layer else -1
                numbers = (entry.layer, entry.layer + step, entry.last)
                said = self.words.layers(running(), *numbers)
                match entry.blocks:
                    case (Paragraph(text), *rest):
                        yield Paragraph((*said, self.words.between_sentences, *text))
                        yield from rest
                        continue
                yield Paragraph(said)
            yield from entry.blocks
