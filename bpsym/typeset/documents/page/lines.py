"""The lines with numbers: the formulas of every weight and unit that is drawn, and of the cost.

They are the formulas of the derivation at one place, in the letters of its notation, with the
numbers of a sample put in; each is checked against the value that was derived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from bpsym.calculus.system import SAMPLES, Role
from bpsym.typeset.document import Block, Display, Document
from bpsym.typeset.documents.page.article import about
from bpsym.typeset.documents.page.drawn import COST
from bpsym.typeset.documents.page.reach import Reach
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Number,
    Partial,
    Summation,
    Symbol,
    equation,
    map_symbols,
    symbols,
    walk,
)
from bpsym.typeset.sections.repetition import Entry
from bpsym.typeset.story import Story
from bpsym.typeset.worked.decimals import decimal
from bpsym.typeset.worked.instances import Instances, named
from bpsym.typeset.worked.numbered import Numbered
from bpsym.typeset.worked.reading import Reading
from bpsym.worked.record import Worked

Place = Mapping[str, int]

# Nobody follows the terms of a sum of more.
_LONG = 40


@dataclass(frozen=True)
class Line:
    """One line.

    tensor: what it defines. point: whose element it is, or empty. step: where it belongs.
    chain: the formula with its numbers. value: the last of them. sample: whose numbers they are, 0
    where the formula is of all samples.
    """

    tensor: str
    point: str
    step: str
    chain: Chain
    value: float
    sample: int = 0


class PlainStory(Story):
    """A story that writes every layer, though several be the same: each has its own numbers."""

    def blocks_of(self, entries: Iterable[Entry], *, shortest_run: int = 0) -> Iterator[Block]:
        for entry in entries:
            yield from self.noted(*entry.blocks)


class Lines:
    """The lines of one notation.

    told: the document of the story. worked: its values; of one sample if its formulas are of one.
    points: those that are wanted. sample: whose elements are written, from 1.
    """

    def __init__(
        self,
        story: Story,
        told: Document,
        worked: Worked,
        reach: Reach,
        points: Iterable[str],
        sample: int = 1,
    ) -> None:
        self.sample = sample
        # Where the values of that sample stand.
        self.row = 1 if story.is_of_one_sample else sample
        self.told, self.view = told, story.view
        self.story = PlainStory(
            story.derivation, story.built, words=story.words, notation=story.notation
        )
        self.reading = Reading(self.story, worked)
        self.instances = Instances(self.reading)
        self.reach = reach
        self.wanted: dict[str, list[str]] = {}
        for point in points:
            self.wanted.setdefault(self._group_of(point), []).append(point)

    def _group_of(self, point: str) -> str:
        """The tensor that a parameter's element belongs to, the layer of a unit."""
        name, bracket, _ = point.partition("[")
        if bracket or name in self.story.built.system.tensors or name == COST:
            return name
        return point.rpartition(".")[0]

    def all(self) -> list[Line]:
        """Every line, in the order of the pass."""
        told = self.told
        if self.view != "index" or any(each.offset is not None for each in _symbols(told)):
            told = self.story.document()
        chains = [each for each in _formulas(told) if isinstance(each, Chain)]
        found: dict[tuple[str, str, str], Line] = {}
        for chain in (*chains, *self._updates()):
            for line in self._lines(chain):
                found.setdefault((line.step, line.tensor, line.point), line)
        return list(found.values())

    def _updates(self) -> Iterator[Chain]:
        """The rule for each parameter that is not kept as it is."""
        numbered = Numbered(self.story, self.reading.worked)
        for name in self.reading.worked.updated:
            if name not in self.reading.worked.frozen:
                yield numbered.rule(name)

    def _lines(self, chain: Chain) -> Iterator[Line]:
        left = named(chain.first)
        if left is None or not self.instances.has_numbers(chain):
            return
        if self.instances.is_between_matrices(chain) or _is_of_one_place(left):
            return
        tensor = self.reading.tensor_of(left.name)
        step = self._step(left.name, chain.first)
        name = about(chain, self.story.built.system)
        if not step:
            return
        own = self.story.is_of_one_sample or SAMPLES in self.reading.labels(left.name)
        if self.sample > 1 and not own:
            return
        is_long = self._longest_sum(chain) > _LONG
        for point, at in self._places(tensor, left):
            value = self.instances.writer.value(chain.first, at)
            written = (
                self._with_a_sum(chain, at, value)
                if is_long
                else self.instances.element(chain, at).whole
            )
            yield Line(name, point, step, written, value, self.sample if own else 0)

    def _with_a_sum(self, chain: Chain, at: Place, value: float) -> Chain:
        """The formula there, its very long sum as it stands, and its value alone."""

        def placed(symbol: Symbol) -> Formula:
            if symbol.kind is Kind.INDEX and symbol.name in at:
                return Number(Fraction(at[symbol.name]))
            return symbol

        first, side = (map_symbols(each, placed) for each in (chain.first, chain.rest[-1][1]))
        return equation(first, side, decimal(value, self.reading.digits))

    def _longest_sum(self, chain: Chain) -> int:
        sizes = self.reading.values().sizes
        uppers = (each.upper for each in walk(chain) if isinstance(each, Summation))
        known = (sizes.get(each.name, 0) for each in uppers if isinstance(each, Symbol))
        return max(known, default=0)

    def _step(self, name: str, first: Formula) -> str:
        """In which step of the pass a formula stands; empty for none."""
        system = self.story.built.system
        if name == COST:
            return "cost"
        of = self.reading.tensor_of(name)
        tensor = system.tensors.get(of)
        if tensor is None:
            return ""
        layer = self.layers.get(of, "")
        is_adjoint = name in self.reading.of_adjoint or isinstance(first, Partial)
        if name != of and not is_adjoint:
            return f"update:{layer}"
        if not is_adjoint:
            return f"forward:{layer}" if layer else "cost"
        if tensor.role is Role.PARAMETER:
            return f"gradients:{layer}"
        return f"deltas:{layer}" if layer else "cost"

    @cached_property
    def layers(self) -> Mapping[str, str]:
        """For each tensor of a layer, its parameters among them, and each input its label."""
        found = {tensor: name for name, tensor in self.story.built.inputs.items()}
        for part in self.story.parts:
            for relation in part.relations:
                found[relation.defines] = part.label
            found.update(dict.fromkeys(part.parameters, part.label))
        return found

    def _places(self, tensor: str, left: Symbol) -> Iterator[tuple[str, Place]]:
        """The points that a formula is wanted for, and what its letters are there."""
        labels = self.reading.labels(left.name)
        letters = [
            each.name if isinstance(each, Symbol) and each.kind is Kind.INDEX else None
            for each in left.subscripts
        ]
        if tensor in self.story.built.system.tensors:
            role = self.story.built.system.tensors[tensor].role
        else:
            role = Role.LOSS
        if role is Role.PARAMETER:
            turned = self.reading.labels(tensor) != self.story.built.system.tensors[tensor].sizes
            for point in self.wanted.get(tensor, ()):
                place = [int(x) for x in point.partition("[")[2].rstrip("]").split(",") if x]
                numbers = place[::-1] if turned else place
                yield point, _at(letters, numbers)
            return
        layer = self.reach.layer_of.get(tensor)
        if layer is None:
            numbers = [self.row] * len(letters)
            if all(label == SAMPLES for label in labels) or not letters:
                yield (COST if tensor == COST else ""), _at(letters, numbers)
            return
        for point in self.wanted.get(layer, ()):
            unit = int(point.rpartition(".")[2])
            numbers = [self.row if label == SAMPLES else unit for label in labels]
            yield point, _at(letters, numbers)


def _is_of_one_place(symbol: Symbol) -> bool:
    """Whether it is one element already: an example that the document gives for the rule."""
    return any(not isinstance(each, Symbol) for each in symbol.subscripts)


def _formulas(document: Document) -> Iterator[Formula]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Display):
                yield from block.formulas


def _symbols(document: Document) -> Iterator[Symbol]:
    return (symbol for formula in _formulas(document) for symbol in symbols(formula))


def _at(letters: Iterable[str | None], numbers: Iterable[int]) -> Place:
    return {
        letter: number
        for letter, number in zip(letters, numbers, strict=False)
        if letter is not None
    }
