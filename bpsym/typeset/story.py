"""From a derivation to a document: what is said, in which order; how it looks is a printer's.

Sections: the network, the conventions, the forward pass, its functions, the cost, the backward pass
from the output to the input with the slopes of the functions, the gradients. Layers that are the
same are written once, for a running layer number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bpsym.typeset.checked.as_read import AsRead
from bpsym.typeset.checked.slopes import Slopes
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
from bpsym.typeset.formulas.tree import Chain, Formula
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.sections.backward import Backward
from bpsym.typeset.sections.certificate import CertificateSection
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.conventions import Conventions
from bpsym.typeset.sections.costs import Costs
from bpsym.typeset.sections.definitions import Definitions, error_function
from bpsym.typeset.sections.error_signals import ErrorSignals
from bpsym.typeset.sections.first_use import FirstUse
from bpsym.typeset.sections.gradient_shapes import GradientShapes
from bpsym.typeset.sections.layer_table import LayerTable
from bpsym.typeset.sections.parts import equation_of
from bpsym.typeset.sections.repetition import SHORTEST_RUN, Entry
from bpsym.typeset.sections.summary import Summary
from bpsym.typeset.sections.to_matrix import ToMatrix
from bpsym.typeset.sections.updates import RATE, updates
from bpsym.typeset.sections.whole_loss import whole_loss


@dataclass(frozen=True)
class Story(Context):
    """Tells one derivation."""

    def document(self) -> Document:
        """The whole document. Raises ProofError if a line of it cannot be proven."""
        backward = Backward(self, products=True)
        definitions = Definitions(self.table, taken=self.letters)
        forward, cost = self._forward(), Costs(self).blocks()
        functions = self._functions(definitions, (*forward, *cost))
        adjoints = backward.blocks(FirstUse(self, definitions))
        gradients = backward.gradients()
        to_matrix, signals = self._to_matrix(), self._error_signals()
        proof, whole = whole_loss(self) if self.full else (self.proof, ())
        told = (*forward, *cost, *adjoints, *gradients, *to_matrix, *signals, *whole)
        summary = Summary(self).blocks()
        formulas = list(_formulas((*told, *summary)))
        functions += self._further_functions(definitions, formulas)
        formulas += _formulas(functions)
        points = Conventions(self, formulas).points()
        conventions = (*self.noted(Items(tuple(points))), *GradientShapes(self).blocks())
        words, network = self.words, self.built.network
        sections: tuple[Section, ...] = (
            Section(words.network, self._network()),
            Section(words.conventions, conventions),
            Section(words.forward, forward),
            Section(words.functions, functions),
            Section(words.cost, cost),
            Section(words.backward, adjoints),
            Section(words.gradients, gradients),
        )
        sections += (Section(words.to_matrix, to_matrix), Section(words.error_signals, signals))
        if self.notation is not None and self.notation.written_out:
            steps = Display(tuple(updates(gradients)))
            said = Paragraph(words.update(RATE))
            sections += (Section(words.updates, (said, steps) if steps.formulas else ()),)
        sections += (
            Section(words.summary, summary),
            Section(words.whole_loss, whole),
        )
        if proof is not None:
            equalities = (*proof.equalities, *self.lines.equalities)
            proof = replace(proof, equalities=equalities)
        read = AsRead(self).require(sections) if proof is not None else 0
        certificate = CertificateSection(self, proof, read).blocks()
        sections += (Section(words.certificate, certificate),)
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

    def _functions(self, definitions: Definitions, told: Sequence[Block]) -> tuple[Block, ...]:
        """What the functions of the forward pass and of the cost are."""
        groups = list[tuple[Chain, ...]]()
        for activation in self.table.functions:
            group = definitions.definition(activation)
            if self.proof is not None:
                Slopes(self.lines, definitions).require_activation(activation, group)
            groups.append(group)
        formulas = [*_formulas(told), *(formula for group in groups for formula in group)]
        further = definitions.in_formulas(formulas)
        self._require(definitions, further)
        blocks: list[Block] = [Display(group) for group in (*groups, *further) if group]
        if definitions.have_erf(formula for group in (*groups, *further) for formula in group):
            blocks.append(Paragraph(self.words.error_function(*error_function())))
        # Here, not among the conventions, all letters of the functions have been explained.
        kinks = [slope for each in self.table.functions for slope in definitions.at_kinks(each)]
        if kinks:
            blocks.append(Paragraph(self.words.kink_at(kinks)))
        return tuple(blocks)

    def _further_functions(
        self, definitions: Definitions, formulas: Sequence[Formula]
    ) -> tuple[Block, ...]:
        """Those that only later formulas have."""
        groups = definitions.in_formulas(formulas)
        self._require(definitions, groups)
        return tuple(map(Display, groups))

    def _require(self, definitions: Definitions, groups: Iterable[tuple[Chain, ...]]) -> None:
        if self.proof is not None:
            for group in groups:
                Slopes(self.lines, definitions).require(group)


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
