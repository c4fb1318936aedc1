"""The section on the cost: its terms, and what is assumed of the targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bpsym.calculus.terms.from_text import rational
from bpsym.network.catalogue.losses import LOSSES
from bpsym.network.model import Loss
from bpsym.typeset.document import Block, Display, Items, Paragraph, Text
from bpsym.typeset.formulas.from_sympy import number_formula
from bpsym.typeset.formulas.symbols import COST
from bpsym.typeset.formulas.tree import ELLIPSIS, Chain, Formula, Product, Terms, equation
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.notations.systems import is_error
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.layer_table import plain_number
from bpsym.typeset.sections.parts import equation_of
from bpsym.typeset.sections.repetition import Entry

# A cost with more terms than this is written with an ellipsis.
_MOST_TERMS = 6


@dataclass(frozen=True)
class Costs:
    """Writes the cost of one network."""

    context: Context

    def blocks(self) -> tuple[Block, ...]:
        """The whole section."""
        context, network = self.context, self.context.built.network
        decay = plain_number(network.l2) if network.l2 else None
        losses = [self._loss(loss) for loss in network.losses]
        mean = network.reduction == "mean"
        said = context.words.cost_is(losses, mean=mean, decay=decay)
        if context.is_of_one_sample:
            said = context.words.cost_of_one_sample(losses, decay=decay)
        blocks: list[Block] = [*context.noted(Paragraph(said))]
        blocks += self._errors()
        names = [name for name, _ in context.built.system.objective]
        if names != [COST.name]:
            blocks += context.noted(Display((self._total(),)))
        blocks += context.blocks_of(entry for name in names for entry in self._terms(name))
        notes = tuple(self._notes_on_losses())
        return (*blocks, *context.noted(Items(notes))) if notes else tuple(blocks)

    def _errors(self) -> tuple[Block, ...]:
        """The error of the outputs, where the notation has a letter for it."""
        context, system = self.context, self.context.built.system
        matrices, blocks = Matrices(context), list[Block]()
        for relation in system.relations:
            if is_error(system, relation.defines):
                symbol = context.spoken(relation.defines)
                chains = [context.translator.equation(equation_of(relation, system))]
                said = Paragraph(context.words.error_signal(symbol))
                blocks += [said, *matrices.indexed(chains)]
        return context.noted(*blocks)

    def _terms(self, name: str) -> Iterator[Entry]:
        """The equation of one term; decay terms have the number of their layer."""
        system = self.context.built.system
        for relation in system.definitions[name]:
            each = equation_of(relation, system)
            if name == COST.name:
                each = replace(each, rhs=rational(system.weights[name]) * each.rhs)
            label = self.context.table.tensor(name).label
            is_counted = relation.schema.label == "decay" and label.isdigit()
            chain = self.context.translator.equation(each)
            yield Entry(int(label) if is_counted else None, (Display((chain,)),))

    def _loss(self, loss: Loss) -> Text:
        table, built = self.context.table, self.context.built
        outputs = [table.tensor(built.outputs[each]) for each in loss.of]
        target = built.targets.get(str(loss.target))
        symbol = None if target is None else table.tensor(target)
        return self.context.words.loss_of(loss.kind or "", outputs, symbol)

    def _notes_on_losses(self) -> Iterator[Text]:
        words, table, built = self.context.words, self.context.table, self.context.built
        for target in self.context.derivation.assumptions:
            notation = self.context.notation
            samples = Samples.ROWS if notation is None else notation.samples
            yield words.rows_sum_to_one(table.tensor(target), samples)
        for loss in built.network.losses:
            if loss.targets == "labels":
                yield words.one_hot(table.tensor(built.targets[str(loss.target)]))
            row = LOSSES.get(str(loss.kind))
            if row is not None and row.kink:
                yield words.loss_kink(row.kink)

    def _total(self) -> Chain:
        """``C = L1 + 0.3 L2``."""
        terms: list[tuple[int, Formula]] = []
        for name, weight in self.context.built.system.objective:
            symbol = self.context.table.tensor(name)
            terms.append((1, symbol if weight == 1 else Product((number_formula(weight), symbol))))
        if len(terms) > _MOST_TERMS:
            terms = [*terms[:3], (1, ELLIPSIS), terms[-1]]
        return equation(COST, Terms(tuple(terms)))
