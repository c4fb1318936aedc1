"""The summary: the four lines of backpropagation for one network, and the step that follows.

    the delta of the output, the deltas behind it, the gradients of the biases and of the weights

Nothing is new here: each line is one that was derived before, in its shortest form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bpsym.calculus.derivation import Adjoint
from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.formulas.tree import Apply, Chain, Formula, Prime, equation, walk
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.sections.backward import Backward
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.repetition import Entry
from bpsym.typeset.sections.updates import RATE, correction

_MATRIX, _BIAS = 2, "b"
_UNNAMED = ("",) * 4
# From so many layers on, steps that differ in nothing but the layer's number are written once.
_MANY = 3


@dataclass(frozen=True)
class Summary:
    """Writes the summary of one derivation."""

    context: Context

    def blocks(self) -> tuple[Block, ...]:
        """The whole section."""
        context, words = self.context, self.context.words
        system, hidden = context.built.system, context.hidden()
        first = [each for each in hidden if self._is_at_cost(each)]
        first += [each for each in hidden if each not in first and self._enters(each, first)]
        others = [each for each in hidden if each not in first]
        gradients = [
            context.derivation.by_tensor[name]
            for part in context.parts
            for name in part.parameters
            if name in context.derivation.by_tensor
        ]
        weights = [a for a in gradients if len(system.tensors[a.tensor].sizes) == _MATRIX]
        rest = [each for each in gradients if each not in weights]
        subtracted = context.notation is not None and context.notation.thresholds
        of_vectors = words.of_thresholds if subtracted else words.of_biases
        if any(context.table.tensor(each.tensor).base != _BIAS for each in rest):
            of_vectors = words.of_others
        said = (words.at_output, words.passed_back, of_vectors, words.of_weights)
        names = context.notation.lines if context.notation is not None else _UNNAMED
        groups = (first, others, rest, weights)
        blocks: list[Block] = []
        for sentence, name, adjoints in zip(said, names, groups, strict=True):
            if adjoints:
                blocks.append(Paragraph((f"{name} {sentence}".strip(),)))
                blocks += context.blocks_of(self._entries(adjoints, self._displayed))
        is_told = context.notation is not None and context.notation.written_out
        if gradients and not is_told:
            blocks.append(Paragraph(words.update(RATE)))
            entries = self._entries(gradients, self._corrections)
            blocks += context.blocks_of(entries, shortest_run=_MANY)
        return tuple(blocks)

    def _is_at_cost(self, adjoint: Adjoint) -> bool:
        """Whether the cost is reached before any other delta is."""
        routes = self.context.routes.from_tensor(adjoint.tensor)
        weights = self.context.built.system.weights
        return any(reader in weights for hop in routes for reader in hop.readers)

    def _enters(self, adjoint: Adjoint, outputs: Sequence[Adjoint]) -> bool:
        """Whether it is that of what an activation makes one of the outputs of."""
        readers = self.context.built.system.readers[adjoint.tensor]
        named = {each.tensor for each in outputs}
        return len(readers) == 1 and readers[0].defines in named and len(readers[0].reads) == 1

    def _entries(
        self,
        adjoints: Sequence[Adjoint],
        write: Callable[[Iterable[Adjoint]], Iterator[Chain]],
    ) -> Iterator[Entry]:
        for number, group in groupby(adjoints, key=self._layer):
            yield Entry(number, (Display(tuple(write(list(group)))),))

    def _layer(self, adjoint: Adjoint) -> int | None:
        label = self.context.table.tensor(adjoint.tensor).label
        return int(label) if label.isdigit() else None

    def _displayed(self, adjoints: Iterable[Adjoint]) -> Iterator[Chain]:
        for each in adjoints:
            chain = self._chain(each)
            yield equation(chain.first, shortest(chain))

    def _chain(self, adjoint: Adjoint) -> Chain:
        """Without indices where the view has that, with them else."""
        if self.context.view in ("matrix", "all"):
            matrix = Matrices(self.context).adjoint(adjoint)
            if matrix is not None:
                return matrix
        return Backward(self.context).chain(adjoint)

    def _corrections(self, adjoints: Iterable[Adjoint]) -> Iterator[Chain]:
        notation, table = self.context.notation, self.context.table
        for each in adjoints:
            gradient: Formula = table.derivative(each.tensor)
            if notation is not None and notation.differentials:
                gradient = table.tensor(each.name)
            yield correction(table.tensor(each.tensor), gradient)


def shortest(chain: Chain) -> Formula:
    """The last side, or the one before it if that is shorter and has a slope by its name."""
    sides = [side for _, side in chain.rest[-2:]]
    if len(sides) > 1 and _length(sides[0]) < _length(sides[1]) and _has_slope(sides[0]):
        return sides[0]
    return sides[-1]


def _length(side: Formula) -> int:
    return sum(1 for _ in walk(side))


def _has_slope(side: Formula) -> bool:
    return any(isinstance(node, Apply) and isinstance(node.function, Prime) for node in walk(side))
