"""The section on conventions: what a reader has to know to read the formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bpsym.calculus.system import SAMPLES, Role
from bpsym.typeset.document import TIE, Text
from bpsym.typeset.formulas.symbols import COST, Rank, index
from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Formula,
    Kind,
    Partial,
    Product,
    Quotient,
    Symbol,
    Terms,
    Transpose,
    symbols,
    walk,
)
from bpsym.typeset.matrices.algebra import sizes_of_ones
from bpsym.typeset.notations.notation import Notation, Samples, Scale
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.repetition import running

# In definitions of functions these are numbers.
_ARGUMENTS = frozenset("azuc")
_EQUALS = f"{TIE}={TIE}"
_MOST_EQUAL = 3
_MOST_LISTED = 6


@dataclass(frozen=True)
class Conventions:
    """Says of the formulas of a document what they need to have said."""

    context: Context
    formulas: Sequence[Formula]

    def points(self) -> Iterator[Text]:
        """The conventions that the formulas use, in the order of their weight."""
        words = self.context.words
        nodes = [node for formula in self.formulas for node in walk(formula)]
        used = [node for node in nodes if isinstance(node, Symbol)]
        yield self._samples()
        yield words.sizes(self._sizes({each.name for each in used if each.kind is Kind.SIZE}))
        yield from self._shared_sizes()
        if any(symbol.offset is not None for symbol in used):
            yield words.running(running())
        yield from self._meaning_of_delta()
        yield from self._other_deltas()
        if self.context.notation is None:
            yield words.in_code(self._gradient_in_code())
        else:
            yield from self._habits(self.context.notation)
        yield words.sums()
        for one in [each for each in used if sizes_of_ones(each.name) is not None][:1]:
            yield words.ones(one, rows=self._is_of_rows)
        if not self._is_of_rows and any(self._adds_a_number(node) for node in nodes):
            yield words.number_to_vector()
        if any(_is_of_matrices(node) for node in nodes):
            yield words.fractions()
        if any(isinstance(node, Bracket) for node in nodes):
            yield words.bracket(Bracket(Symbol("condition", Kind.TENSOR, "condition")))
        if any(self._is_log_of_target(node) for node in nodes):
            yield words.zero_log_zero()

    @property
    def _is_of_rows(self) -> bool:
        notation = self.context.notation
        return notation is None or notation.samples is Samples.ROWS

    def _samples(self) -> Text:
        words, count = self.context.words, self.context.table.size(SAMPLES)
        notation = self.context.notation
        if self._is_of_rows or notation is None:
            return words.samples(index("n"), count)
        if notation.samples is Samples.COLUMNS:
            return words.columns(index("n"), count)
        return words.one_sample(mean=self.context.built.network.reduction == "mean")

    def _habits(self, notation: Notation) -> Iterator[Text]:
        words, context = self.context.words, self.context
        inputs = [context.table.tensor(each) for each in context.built.inputs.values()]
        if inputs and notation.words["X"].base == notation.words["a"].base:
            yield words.inputs_are(inputs)
        system = context.built.system
        weights = system.of_role(Role.PARAMETER)
        vectors = [each for each in weights if len(each.sizes) == 1]
        if notation.thresholds and vectors:
            inner = [reader.defines for each in vectors for reader in system.readers[each.name]]
            yield words.thresholds(
                [context.table.tensor(each.name) for each in vectors],
                [context.table.tensor(name) for name in dict.fromkeys(inner)],
            )
        if notation.from_to:
            for tensor in [each for each in weights if len(each.sizes) > 1][:1]:
                yield words.from_to(context.table.tensor(tensor.name))
        if notation.differentials:
            for tensor in weights[:1]:
                weight = context.table.tensor(tensor.name)
                gradient = context.table.tensor(tensor.adjoint)
                yield words.differential(Partial(COST, weight), gradient)
            if notation.scale is Scale.SAMPLES and context.built.network.reduction == "mean":
                for tensor in weights[:1]:
                    yield words.mean_of_samples(context.table.derivative(tensor.name))

    def _sizes(self, used: set[str]) -> list[Text]:
        """``n0 = 2``; neighbours of equal size in one: ``n1 = ... = n49 = 64``."""
        table, sizes = self.context.table, self.context.built.system.sizes
        labels = [each for each in dict.fromkeys(table.sizes.values()) if each in sizes]
        if used.issubset({*labels, SAMPLES}):
            labels = [each for each in labels if each in used]
        found: list[Text] = []
        for value, group in groupby(labels, key=lambda label: sizes[label]):
            equal = list(group)
            shown = equal if len(equal) <= _MOST_EQUAL else [equal[0], "...", equal[-1]]
            text: Text = ()
            for label in shown:
                text += (label if label == "..." else table.size(label), _EQUALS)
            found.append((*text, str(value)))
        return found

    def _shared_sizes(self) -> Iterator[Text]:
        """A size that several layers have because their equations force them to."""
        table, built = self.context.table, self.context.built
        layers = [
            *built.inputs.items(),
            *((part.label, part.output) for part in self.context.parts),
        ]
        groups: dict[str, list[str]] = {}
        for layer, tensor in layers:
            labels = [each for each in built.system.tensors[tensor].sizes if each != SAMPLES]
            for label in labels[-1:]:
                groups.setdefault(table.sizes.get(label, label), []).append(layer)
        for label, group in groups.items():
            if len(group) > 1:
                shown = group if len(group) <= _MOST_LISTED else [*group[:3], "...", group[-1]]
                yield self.context.words.shared_size(table.size(label), shown)

    def _adds_a_number(self, node: Formula) -> bool:
        """Whether a row times a column, which is a number, is a term beside a vector."""
        return (
            isinstance(node, Terms)
            and any(self._is_number(term) for _, term in node.terms)
            and not all(self._is_number(term) for _, term in node.terms)
        )

    def _is_number(self, term: Formula) -> bool:
        match term:
            case Product((Transpose(Symbol(name=name) | Partial(by=Symbol(name=name))), _, *_)):
                system = self.context.built.system
                found = [
                    each for each in system.tensors.values() if name in (each.name, each.adjoint)
                ]
                return any(each.role is not Role.PARAMETER for each in found)
        return False

    def _meaning_of_delta(self) -> Iterator[Text]:
        words, table = self.context.words, self.context.table
        is_mean = self.context.built.network.reduction == "mean"
        deltas = [each for each in self.context.hidden() if each.name.startswith("delta")]
        for first in deltas[:1]:
            delta, partial = table.tensor(first.name), table.derivative(first.tensor)
            if self.context.notation is None:
                say = words.mean_inside if is_mean else words.sum_inside
                yield say(delta, partial)
            else:
                scale = self.context.notation.scale if is_mean else Scale.PLAIN
                if self.context.notation.scale is Scale.MINUS:
                    scale = Scale.MINUS
                yield words.delta_is(delta, self.context.scaled(partial, first.tensor), scale)

    def _other_deltas(self) -> Iterator[Text]:
        """What those of layers with names are; numbers go on by themselves."""
        table = self.context.table
        deltas = [each for each in self.context.hidden() if each.name.startswith("delta")]
        named = [
            (
                table.tensor(each.name),
                self.context.scaled(table.derivative(each.tensor), each.tensor),
            )
            for each in deltas[1:]
            if not table.tensor(each.tensor).label.isdigit()
        ]
        if named:
            yield self.context.words.likewise(named[:_MOST_LISTED])

    def _gradient_in_code(self) -> tuple[Formula, str] | None:
        for each in self.context.built.system.of_role(Role.PARAMETER):
            return self.context.table.derivative(each.name), f'grads["{each.name}"]'
        return None

    def _is_log_of_target(self, node: Formula) -> bool:
        return (
            isinstance(node, Apply)
            and node.function == "log"
            and any(isinstance(each, Symbol) and self._is_target(each) for each in node.arguments)
        )

    def _is_target(self, symbol: Symbol) -> bool:
        entry = self.context.table.tensors.get(symbol.name)
        return entry is not None and entry.rank is Rank.TARGET


def _is_of_matrices(node: Formula) -> bool:
    """Whether it is a fraction whose denominator is a whole matrix."""
    if not isinstance(node, Quotient):
        return False
    return any(
        each.kind is Kind.TENSOR and not each.subscripts and each.name not in _ARGUMENTS
        for each in symbols(node.denominator)
    )
