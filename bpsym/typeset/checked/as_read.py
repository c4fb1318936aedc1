"""Every displayed equation of a document, computed as its reader would compute it.

Lines are proven in the names of the code (``checked.lines``); then a notation renames them, turns
their signs, transposes and gives their indices other letters. What comes out in the end, in the
letters that are printed, is computed here at random numbers, side by side, before any of it is
printed; and no index may be mistaken for another of the same letter.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bpsym.errors import ProofError
from bpsym.typeset.checked.computed import MismatchError, define, require_computed
from bpsym.typeset.checked.functions import is_of_functions, require_functions
from bpsym.typeset.checked.reader import NoPointError, Reader, small_sizes
from bpsym.typeset.document import Block, Display, Items, Paragraph, Section, Step, Table
from bpsym.typeset.formulas.evaluate import evaluate
from bpsym.typeset.formulas.scopes import misread
from bpsym.typeset.formulas.tree import (
    ELLIPSIS,
    Chain,
    Formula,
    Kind,
    Number,
    Symbol,
    symbols,
)
from bpsym.typeset.matrices.algebra import sizes_of_ones
from bpsym.typeset.sections.context import Context
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.worked.running import at_layer, first_of_run, is_running

_SAMPLES = 3
# What is raised by a formula that has no value.
_UNREADABLE = (KeyError, IndexError, TypeError, ValueError, ArithmeticError)
# Near a kink a difference quotient is wrong. A line may be wrong at one of these points for that.
_SEEDS = (0, 101, 202)


@dataclass
class AsRead:
    """Reads the document of one context.

    read: how many equations were computed. skipped: those that have no value, as they are elided.
    """

    context: Context
    read: int = 0
    skipped: list[Chain] = field(default_factory=list)
    _layer: int | None = None
    _readers: dict[tuple[str, int], Reader] = field(default_factory=dict)
    _defined: list[Chain] = field(default_factory=list)
    _names: dict[tuple[object, ...], str] = field(default_factory=dict)

    def require(self, sections: Sequence[Section]) -> int:
        """How many equations were computed. Raises ProofError if one is false or ambiguous.

        None are computed where no random numbers give finite values.
        """
        for chain in chains_in(sections):
            require_letters(chain)
        try:
            self._compute(sections)
        except NoPointError:
            self.read = 0
        return self.read

    def _compute(self, sections: Sequence[Section]) -> None:
        for section in sections:
            # That section is of one sample in every notation.
            of_first = section.title == self.context.words.whole_loss
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    self._layer = first_of_run(block.text) or self._layer
                for chain in chains_of(block):
                    self.require_chain(chain, of_first=of_first)
                if isinstance(block, Display):
                    self._require_shapes(block)

    def require_chain(self, chain: Chain, *, of_first: bool = False) -> None:
        """Compute one equation. Raises ProofError if it is false or can be misread.

        of_first: whether it is of the first sample alone. A formula for a running layer number is
        computed for the first layer of the run that was announced last.
        """
        require_letters(chain)
        runs = is_running(chain)
        if runs and self._layer is not None:
            inputs = tuple(self.context.built.inputs.values())
            chain = at_layer(chain, self._layer, self.context.notation, inputs[0])
        if ELLIPSIS in symbols(chain):
            self.skipped.append(chain)
            return
        if not is_of_functions(chain):
            self._require_own_letters(chain)
        kind = "first" if of_first else "actual" if _has_numbers(chain) else "small"
        if not runs and self._is_definition(chain, kind):
            self._define(chain)
            return
        found = [self._wrong(chain, kind, _SEEDS[0])]
        if found[0] is not None:
            found += [self._wrong(chain, kind, seed) for seed in _SEEDS[1:]]
        wrong = [each for each in found if each is not None]
        if len(wrong) > 1:
            raise _error(chain, "sides that are equal", wrong[0])
        self.read += 1

    def _define(self, chain: Chain) -> None:
        """Learn what a letter stands for that the document brings in itself."""
        self._defined.append(chain)
        try:
            for reader in self._readers.values():
                define(chain, reader)
        except _UNREADABLE as reason:
            raise _error(chain, "a formula that has a value", _said(reason)) from None

    def _require_shapes(self, display: Display) -> None:
        """Raise ProofError if the sizes that are written under a matrix are not its sizes."""
        reader = self._reader("small", _SEEDS[0])
        values = reader.values(matrix=True)
        for formula, sizes in display.shapes:
            if any(each.offset is not None for each in symbols(formula)):
                continue
            shape = np.shape(evaluate(formula, values))
            said = tuple(int(evaluate(each, values)) for each in sizes)
            if shape != said:
                raise _error(formula, f"the shape {shape}", f"sizes that say {said}")

    def _require_own_letters(self, chain: Chain) -> None:
        """Raise ProofError if a letter of the equation was the letter of something else before."""
        for each in symbols(chain):
            if each.kind is Kind.TENSOR and sizes_of_ones(each.name) is None:
                seen = (each.base, each.accent, each.label, bool(each.superscripts))
                other = self._names.setdefault(seen, each.name)
                if other != each.name:
                    raise _error(chain, "a letter for each tensor", f"one for {other}, {each.name}")

    def _reader(self, kind: str, seed: int) -> Reader:
        key = (kind, seed)
        if key not in self._readers:
            system = self.context.built.system
            sizes = small_sizes(system) if kind == "small" else system.sizes
            reader = Reader(self.context, seed, sizes, 1 if kind == "first" else _SAMPLES)
            for each in self._defined:
                define(each, reader)
            self._readers[key] = reader
        return self._readers[key]

    def _is_definition(self, chain: Chain, kind: str) -> bool:
        match chain.first:
            case Symbol(kind=Kind.TENSOR, name=name):
                is_of_network = name in self.context.table.tensors
                return not is_of_network and not self._reader(kind, _SEEDS[0]).knows(name)
        return False

    def _wrong(self, chain: Chain, kind: str, seed: int) -> str | None:
        """What is wrong with an equation at one point, None if nothing is."""
        reader = self._reader(kind, seed)
        try:
            if is_of_functions(chain):
                require_functions(chain, reader)
            else:
                require_computed(chain, reader)
        except MismatchError as reason:
            return str(reason)
        except _UNREADABLE as reason:
            return _said(reason)
        return None


def require_letters(chain: Chain) -> None:
    """Raise ProofError if an index can be mistaken for another of the same letter."""
    letter = misread(chain)
    if letter is not None:
        raise _error(chain, "a letter for each index", f"{letter!r} for two")


def chains_in(sections: Iterable[Section]) -> Iterator[Chain]:
    """All equations of a document."""
    for section in sections:
        for block in section.blocks:
            yield from chains_of(block)


def chains_of(block: Block) -> Iterator[Chain]:
    """The equations of a block, those inside sentences and tables included."""
    for formula in _formulas(block):
        if isinstance(formula, Chain):
            yield formula


def _formulas(block: Block) -> Iterator[object]:
    match block:
        case Display(formulas):
            yield from formulas
        case Step(_, formula):
            yield formula
        case Paragraph(text):
            yield from text
        case Items(points):
            yield from itertools.chain.from_iterable(points)
        case Table(_, rows):
            for row in rows:
                yield from itertools.chain.from_iterable(row)


def _has_numbers(chain: Chain) -> bool:
    """Whether elements are written with numbers: they are there at the actual sizes only."""
    return any(
        isinstance(place, Number)
        for each in symbols(chain)
        if each.kind is Kind.TENSOR
        for place in each.subscripts
    )


def _said(reason: Exception) -> str:
    return f"{type(reason).__name__}: {reason}"


def _error(chain: Formula, expected: str, got: str) -> ProofError:
    return ProofError.single(
        where=f"the line {Printer().line(chain)!r}",
        what="it is not true as it would be read, so nothing is printed",
        expected=expected,
        got=got,
        way_out="this is a fault of bpsym: please report the network",
    )


__all__ = ["AsRead", "chains_in", "require_letters"]
