"""From a derivation to a document: what is said, in which order; how it looks is a printer's.

Sections: the network, the conventions, the forward pass, the cost, the functions and their slopes,
the backward pass from the output to the input, the gradients. Layers that are the same are written
once, for a running layer number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bpsym.typeset.backward import Backward
from bpsym.typeset.certificate_section import CertificateSection
from bpsym.typeset.context import Context
from bpsym.typeset.conventions import Conventions
from bpsym.typeset.costs import Costs
from bpsym.typeset.definitions import ARGUMENT, OUTPUT, Definitions
from bpsym.typeset.document import (
    Block,
    Display,
    Document,
    Figure,
    Items,
    Paragraph,
    Section,
    Step,
)
from bpsym.typeset.error_signals import ErrorSignals
from bpsym.typeset.formula import Apply, Formula, symbols
from bpsym.typeset.gradient_shapes import GradientShapes
from bpsym.typeset.layer_table import LayerTable
from bpsym.typeset.matrices import Matrices
from bpsym.typeset.parts import equation_of
from bpsym.typeset.picture import picture_of
from bpsym.typeset.repetition import SHORTEST_RUN, Entry
from bpsym.typeset.summary import Summary
from bpsym.typeset.to_matrix import ToMatrix
from bpsym.typeset.updates import RATE, updates
from bpsym.typeset.whole_loss import whole_loss


@dataclass(frozen=True)
class Story(Context):
    """Tells one derivation."""

    def document(self) -> Document:
        """The whole document."""
        backward = Backward(self)
        forward, cost = self._forward(), Costs(self).blocks()
        adjoints, gradients = backward.blocks(), backward.gradients()
        formulas = list(_formulas((*forward, *cost, *adjoints, *gradients)))
        to_matrix, signals = self._to_matrix(), self._error_signals()
        formulas += _formulas((*to_matrix, *signals))
        functions = self._functions(list(_formulas(forward)), formulas)
        formulas += _formulas(functions)
        proof, whole = whole_loss(self) if self.full else (self.proof, ())
        formulas += _formulas(whole)
        points = Conventions(self, formulas).points()
        conventions = (*self.noted(Items(tuple(points))), *GradientShapes(self).blocks())
        words, network = self.words, self.built.network
        sections: tuple[Section, ...] = (
            Section(words.network, self._network()),
            Section(words.conventions, conventions),
            Section(words.forward, forward),
            Section(words.cost, cost),
            Section(words.functions, functions),
            Section(words.backward, adjoints),
            Section(words.gradients, gradients),
        )
        sections += (Section(words.to_matrix, to_matrix), Section(words.error_signals, signals))
        if self.notation is not None and self.notation.written_out:
            steps = Display(tuple(updates(gradients)))
            said = Paragraph(words.update(RATE))
            sections += (Section(words.updates, (said, steps) if steps.formulas else ()),)
        sections += (
            Section(words.summary, Summary(self).blocks()),
            Section(words.whole_loss, whole),
            Section(words.certificate, CertificateSection(self, proof).blocks()),
        )
        title = words.title(network.name, shortened(network.spec()))
        return Document(title, tuple(each for each in sections if each.blocks))

    def _to_matrix(self) -> tuple[Block, ...]:
        """How the matrix form comes about, where elements and matrices are shown."""
        wanted = self.view == "all" or (self.view == "matrix" and self.full)
        return ToMatrix(self).blocks() if wanted else ()

    def _error_signals(self) -> tuple[Block, ...]:
        """One error signal on its way back, in the notation that tells it so."""
        wanted = self.notation is not None and self.notation.error_signals
        return ErrorSignals(self).blocks() if wanted else ()

    def _network(self) -> tuple[Block, ...]:
        table = LayerTable(self.built, self.parts, self.table, self.words, self.rewriter).block()
        assumed = tuple((self.words.assumption(each),) for each in self.built.network.assumed)
        figure = Figure(picture_of(self.built, words=self.words.picture))
        if not assumed:
            return (figure, table)
        return (figure, table, Paragraph((self.words.assumed,)), Items(assumed))

    def _forward(self) -> tuple[Block, ...]:
        matrices, entries = Matrices(self), []
        for part in self.parts:
            equations = tuple(
                self.translator.equation(equation_of(relation, self.built.system))
                for relation in part.relations
            )
            whole = [matrices.forward(relation) for relation in part.relations]
            shown = matrices.displays(equations, whole)
            entries.append(Entry(part.number, shown))
        return tuple(self.blocks_of(entries))

    def _functions(
        self, forward: Sequence[Formula], formulas: Sequence[Formula]
    ) -> tuple[Block, ...]:
        definitions = Definitions(self.table, full=self.full)
        groups = [definitions.of_activation(each) for each in self.table.functions]
        shown = [formula for group in groups for formula in group]
        groups += definitions.of_functions(forward, [*formulas, *shown])
        blocks: list[Block] = [Display(group) for group in groups]
        if any(OUTPUT in symbols(each) for each in shown):
            value = Apply("f", (ARGUMENT,))
            blocks.insert(0, Paragraph(self.words.output_letter(OUTPUT, value)))
        return tuple(blocks)


def shortened(spec: str | None) -> str | None:
    """A shorthand with long runs of the same layer elided: ``64-32-...-32-1``."""
    if spec is None:
        return None
    chain, comma, rest = spec.partition(",")
    runs = [list(group) for _, group in groupby(chain.split("-"))]
    kept = [run if len(run) < SHORTEST_RUN else [run[0], "...", run[-1]] for run in runs]
    return "-".join(each for run in kept for each in run) + comma + rest


def _formulas(blocks: Iterable[Block]) -> Iterator[Formula]:
    for block in blocks:
        match block:
            case Display(formulas, shapes):
                yield from formulas
                yield from (size for _, sizes in shapes for size in sizes)
            case Step(_, formula):
                yield formula
            case Paragraph(text):
                yield from (part for part in text if not isinstance(part, str))
