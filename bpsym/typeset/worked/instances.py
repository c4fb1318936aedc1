"""The numbers that follow a displayed formula: its elements, or its matrices.

Instances(reading).of(chain)        the chains to be printed after it
Instances(reading).element(chain, at)   one element, for whoever points at it
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bpsym.calculus.system import SAMPLES
from bpsym.typeset.formulas.tree import (
    ELLIPSIS,
    Chain,
    Formula,
    Kind,
    Number,
    Partial,
    Symbol,
    Transpose,
    equation,
    symbols,
    walk,
)
from bpsym.typeset.worked.decimals import decimal
from bpsym.typeset.worked.elements import Indices, Writer
from bpsym.typeset.worked.matrices import MatrixWriter
from bpsym.typeset.worked.reading import Reading
from bpsym.typeset.worked.running import at_layer, is_running

# Of tensors with more elements the first two and the last are written, and then all as a matrix.
MOST_ELEMENTS = 6
_FIRST = 2


@dataclass(frozen=True)
class Element:
    """One element of a formula.

    name: of the tensor or adjoint on its left. place: in the storage of the document, from 1.
    symbolic: the left side and the formula in symbols. sides: the numbers, the value last.
    """

    name: str
    place: tuple[int, ...]
    symbolic: Chain
    sides: tuple[Formula, ...]

    @property
    def chain(self) -> Chain:
        """The left side and the numbers."""
        return equation(self.symbolic.first, *self.sides)

    @property
    def whole(self) -> Chain:
        """The left side, the formula in symbols, and the numbers."""
        inner = tuple(side for _, side in self.symbolic.rest)
        return equation(self.symbolic.first, *dict.fromkeys((*inner, *self.sides)))


class Instances:
    """Writes numbers for the formulas of one document. sample: whose elements, from 1."""

    def __init__(self, reading: Reading, sample: int = 1) -> None:
        self.reading = reading
        self.sample = sample
        self._known: dict[tuple[Formula, int | None], tuple[Chain, ...]] = {}

    @cached_property
    def writer(self) -> Writer:
        """Writes elements."""
        return Writer(self.reading.values(), self.reading.digits)

    @cached_property
    def matrix_writer(self) -> MatrixWriter:
        """Writes matrices."""
        return MatrixWriter(self.reading.values(matrix=True), self.reading.digits)

    def of(self, formula: Formula, layer: int | None = None) -> tuple[Chain, ...]:
        """The chains with numbers that follow a formula; none if it has none.

        layer: the layer that a formula for a running layer number is written for.
        """
        key = (formula, layer)
        if key not in self._known:
            self._known[key] = self._of(formula, layer)
        return self._known[key]

    def _of(self, formula: Formula, layer: int | None) -> tuple[Chain, ...]:
        if isinstance(formula, Chain) and layer is not None and is_running(formula):
            inputs = tuple(self.reading.context.built.inputs.values())
            return self.of(at_layer(formula, layer, self.reading.notation, inputs[0]))
        if not isinstance(formula, Chain) or not self.has_numbers(formula):
            return ()
        left = named(formula.first)
        assert left is not None
        if self.is_between_matrices(formula):
            sides = self.matrix_writer.sides(formula)
            return (equation(formula.first, *sides),) if sides else ()
        places = list(self.places(formula))
        found = [
            self.element(formula, at).whole if number == 0 else self.element(formula, at).chain
            for number, at in enumerate(places)
        ]
        if self._in_all(left) > len(places) and self.is_matrix(left):
            found.append(self.array(formula.first))
        return tuple(found)

    def is_matrix(self, symbol: Symbol) -> bool:
        """Whether a tensor can be written as a vector or a matrix."""
        return len(self.reading.labels(symbol.name)) in (1, 2)

    def has_numbers(self, chain: Chain) -> bool:
        """Whether all of its letters have values."""
        left = named(chain.first)
        if left is None or not self.reading.knows(left.name):
            return False
        read = [each for each in symbols(chain) if each.kind is Kind.TENSOR]
        if not all(self.reading.knows(each.name) for each in read):
            return False
        letters = self._letters(left)
        return letters is not None and not any(
            isinstance(each, Chain) for each in walk(chain) if each is not chain
        )

    def is_between_matrices(self, chain: Chain) -> bool:
        """Whether it has no indices, though its left side has dimensions."""
        left = named(chain.first)
        assert left is not None
        return not left.subscripts and bool(self.reading.labels(left.name))

    def _letters(self, left: Symbol) -> dict[str, str] | None:
        """The size label of each index letter on the left; None for shifted subscripts."""
        found = {}
        for each, label in zip(left.subscripts, self.reading.labels(left.name), strict=False):
            if isinstance(each, Number):
                continue
            if not isinstance(each, Symbol) or each.kind is not Kind.INDEX:
                return None
            found[each.name] = label
        tensor = self.reading.tensor_of(left.name)
        in_blocks = len(self.reading.system.definitions.get(tensor, ())) > 1
        return None if in_blocks and left.name == tensor and left.subscripts else found

    def _ranges(self, left: Symbol) -> dict[str, range]:
        """The values of each letter; of the samples one only."""
        sizes = self.reading.system.sizes
        return {
            name: range(self.sample, self.sample + 1)
            if label == SAMPLES
            else range(1, sizes.get(label, 1) + 1)
            for name, label in (self._letters(left) or {}).items()
        }

    def places(self, chain: Chain) -> Iterator[Indices]:
        """The places that are written: all, or the first two and the last."""
        left = named(chain.first)
        assert left is not None
        ranges = self._ranges(left)
        count = 1
        for each in ranges.values():
            count *= len(each)
        chosen: Sequence[tuple[int, ...]]
        if count <= MOST_ELEMENTS:
            chosen = list(itertools.product(*ranges.values()))
        else:
            first = itertools.islice(itertools.product(*ranges.values()), _FIRST)
            chosen = [*first, tuple(each[-1] for each in ranges.values())]
        for place in chosen:
            yield dict(zip(ranges, place, strict=True))

    def _in_all(self, left: Symbol) -> int:
        """How many places there are, other samples included."""
        count = 1
        sizes = {**self.reading.system.sizes, SAMPLES: self.reading.worked.samples}
        for label in (self._letters(left) or {}).values():
            count *= sizes.get(label, 1)
        return count

    def element(self, chain: Chain, at: Indices) -> Element:
        """One element of a formula between elements.

        at: the values of the letters on its left. Raises ProofError if its value is wrong.
        """
        left = self.writer.symbolic(chain.first, at)
        symbol = named(left)
        assert symbol is not None
        side = chain.rest[-1][1]
        expected = self.writer.value(chain.first, at)
        place = tuple(int(each.value) for each in symbol.subscripts if isinstance(each, Number))
        has_free = any(each.kind is Kind.INDEX for each in symbols(chain.first))
        is_elided = ELLIPSIS in symbols(side)
        is_rule = has_free and not is_elided
        shown = [self.writer.symbolic(side, at)] if is_rule else [s for _, s in chain.rest]
        # Of a side that the document itself elides only the value is known.
        sides: tuple[Formula, ...] = (decimal(expected, self.reading.digits),)
        if not is_elided:
            sides = self.writer.sides(side, at, expected)
        return Element(symbol.name, place, equation(left, *shown), sides)

    def array(self, left: Formula) -> Chain:
        """A tensor with all of its numbers, elided where it is large."""
        symbol = named(left)
        assert symbol is not None
        bare = replace(symbol, subscripts=())
        if not isinstance(left, Partial):
            array = self.reading.array(symbol.name, matrix=True)
            return equation(bare, self.matrix_writer.number(array))
        partial = Partial(left.of, bare)
        array = self.reading.partial(partial, matrix=True)
        return equation(partial, self.matrix_writer.number(array))


def named(left: Formula) -> Symbol | None:
    """The symbol of what a formula defines."""
    match left:
        case Symbol(kind=Kind.TENSOR):
            return left
        case Partial(Symbol(), Symbol(kind=Kind.TENSOR) as by):
            return by
        case Transpose(argument):
            return named(argument)
        case _:
            return None


__all__ = ["Element", "Instances", "named"]
