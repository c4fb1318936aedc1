"""One error signal, passed back from the cost to a single weight, hop by hop.

The signal is multiplied by the local gradient across a unit and by the weight along an edge; where
edges meet, the shares add up. Each hop is one adjoint of a derivation in which every tensor has
one, so what is said here is that derivation, read at one weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.system import Relation, Role
from bpsym.calculus.terms.elements import parse_element
from bpsym.network.catalogue.activations import SOFTMAX
from bpsym.typeset.document import Block, Display, Paragraph, Text
from bpsym.typeset.formulas.symbols import COST, index
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Number,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    equation,
    map_symbols,
)
from bpsym.typeset.sections.backward import Backward
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.sharing import letters_of

# The weight that is chosen where none is: to the first unit, from this input if there are so many.
_FROM = 4
_MATRIX = 2
# Signals that pass through more tensors than this are not followed.
_LONGEST = 24
# With more layers than this the product is not written out in the end.
_SHALLOW = 2


@dataclass(frozen=True)
class Chosen:
    """One weight: its tensor, and the units that it leads to and from."""

    tensor: str
    to: int
    origin: int


def chosen_weight(context: Context) -> Chosen | None:
    """The weight whose error signal is followed: the one that was asked for, or a first one.

    None if that is no element of a matrix of weights.
    """
    system = context.built.system
    if context.weight is not None:
        name, places = parse_element(context.weight, system)
        is_weight = system.tensors[name].role is Role.PARAMETER and len(places) == _MATRIX
        return Chosen(name, *places) if is_weight else None
    for tensor in system.of_role(Role.PARAMETER):
        if len(tensor.sizes) == _MATRIX and tensor.name in context.hops.by_tensor:
            return Chosen(tensor.name, 1, min(_FROM, system.sizes[tensor.sizes[1]]))
    return None


class ErrorSignals:
    """Tells how an error signal travels to one weight of a network."""

    def __init__(self, context: Context) -> None:
        self.context = Context(
            context.hops, context.built, words=context.words, notation=context.notation
        )
        self.backward = Backward(self.context)
        self.whole = context.derivation
        self.words = context.words
        self.chosen = chosen_weight(context)

    def blocks(self) -> tuple[Block, ...]:
        """The whole section; nothing if there is no weight to choose."""
        if self.chosen is None or len(self.context.derivation.adjoints) > _LONGEST:
            return ()
        weight = self._weight()
        readers = [
            relation
            for relation in self.context.built.system.readers[self.chosen.tensor]
            if relation.defines not in self.context.built.system.weights
        ]
        blocks: list[Block] = [Paragraph(self.words.signal_of(weight, COST))]
        for relation in readers:
            if len(readers) > 1:
                reader = self._symbol(relation.defines)
                blocks.append(Paragraph(self.words.signal_pass(weight, reader)))
            blocks += self._numbered(self._steps(relation, alone=len(readers) == 1))
        if len(readers) > 1:
            blocks += [Paragraph(said) for said in self._decays()]
            blocks.append(Paragraph(self.words.signal_passes_add_up(weight, len(readers))))
            blocks.append(Display((self._gradient(),)))
        return self.context.noted(*blocks)

    def _numbered(self, steps: Iterator[tuple[Text, Formula | None]]) -> Iterator[Block]:
        for number, (said, shown) in enumerate(steps, 1):
            yield Paragraph((f"{number}. ", *said))
            if shown is not None:
                yield Display((shown,))

    def _steps(self, relation: Relation, *, alone: bool) -> Iterator[tuple[Text, Formula | None]]:
        """What happens to the signal, from the cost back to the weight that a relation reads."""
        assert self.chosen is not None
        at = {relation.defines: self.chosen.to}
        on_path = self._behind(relation.defines)
        order = [each.tensor for each in self.context.derivation.adjoints if each.tensor in on_path]
        at |= self._units_read_only_there(relation.defines)
        for tensor in order:
            yield from self._hop(tensor, at)
        read = next(
            name
            for name in relation.reads
            if self.context.built.system.tensors[name].role is not Role.PARAMETER
        )
        delta, value = self._element(relation.defines, at), self._input(read)
        yield self.words.signal_to_weight(delta, value, self._weight()), None
        share = Product((self._delta(relation.defines, at), value))
        if alone:
            yield from ((said, None) for said in self._decays())
            yield self.words.signal_arrived(self._weight()), self._gradient()
        else:
            yield self.words.signal_share_of_pass(self._weight(), share), None

    def _decays(self) -> Iterator[Text]:
        """The terms of the cost that the weight enters without any signal."""
        assert self.chosen is not None
        for name in self.context.terms_reading(self.chosen.tensor):
            yield self.words.signal_of_decay(self._weight(), self._symbol(name), COST)

    def _hop(self, tensor: str, at: Mapping[str, int]) -> Iterator[tuple[Text, Formula | None]]:
        """One hop back to a tensor: what is said, and the formula of what arrives."""
        system = self.context.built.system
        readers = system.readers[tensor]
        shown = self._chain(self.context.derivation.by_tensor[tensor], at)
        here = self._element(tensor, at)
        above = [self._element(each.defines, at) for each in readers]
        if any(each.defines in system.weights for each in readers):
            losses = [self._symbol(name) for name in self.context.terms_reading(tensor)]
            through = [each for each in losses if each != COST]
            yield self.words.signal_starts(here, COST, through), shown
            return
        if len(readers) == 1 and readers[0].schema.activation is not None:
            output = readers[0].defines
            said = self.words.signal_across(here, above[0])
            after_cost = any(each.defines in system.weights for each in system.readers[output])
            if after_cost:
                yield said, shown
            else:
                yield said, None
                yield self.words.signal_at(here), shown
            return
        if all(self._is_weighted(each) for each in readers):
            yield self.words.signal_is_shared_out(above), None
            yield self.words.signal_gathered(here, len(readers)), shown
            return
        if [each.schema.label for each in readers] == [SOFTMAX]:
            yield self.words.signal_through_softmax(here, self._symbol(readers[0].defines)), shown
            return
        yield self.words.signal_through(here, above), shown

    def _is_weighted(self, relation: Relation) -> bool:
        tensors = self.context.built.system.tensors
        return relation.schema.activation is None and any(
            tensors[name].role is Role.PARAMETER and len(tensors[name].sizes) == _MATRIX
            for name in relation.reads
        )

    # What lies behind, and at which units

    def _behind(self, tensor: str) -> set[str]:
        """A tensor and all hidden ones that are computed from it."""
        system = self.context.built.system
        found = {tensor}
        for relation in system.relations:
            is_hidden = system.tensors[relation.defines].role is Role.HIDDEN
            if is_hidden and found.intersection(relation.reads):
                found.add(relation.defines)
        return found

    def _units_read_only_there(self, tensor: str) -> dict[str, int]:
        """The output of the unit that the weight leads to: the same unit, as long as units do."""
        assert self.chosen is not None
        found, system = dict[str, int](), self.context.built.system
        while True:
            readers = system.readers[tensor]
            if len(readers) != 1 or readers[0].schema.activation is None:
                return found
            tensor = readers[0].defines
            found[tensor] = self.chosen.to

    # Elements

    def _places(self) -> tuple[Formula, ...]:
        assert self.chosen is not None
        return (_number(self.chosen.to), _number(self.chosen.origin))

    def _weight(self) -> Symbol:
        assert self.chosen is not None
        return self.context.table.tensor(self.chosen.tensor, self._places())

    def _input(self, tensor: str) -> Symbol:
        assert self.chosen is not None
        places = (index("n"), _number(self.chosen.origin))
        return self.context.table.tensor(tensor, places)

    def _symbol(self, tensor: str) -> Symbol:
        return self.context.table.tensor(tensor)

    def _element(self, tensor: str, at: Mapping[str, int]) -> Formula:
        """A tensor at the unit in question, the whole of it if there are several."""
        unit = self._unit(tensor, at)
        return self.context.table.tensor(tensor, () if unit is None else (index("n"), unit))

    def _delta(self, tensor: str, at: Mapping[str, int]) -> Formula:
        name = self.context.built.system.tensors[tensor].adjoint
        unit = self._unit(tensor, at)
        return self.context.table.tensor(name, () if unit is None else (index("n"), unit))

    def _unit(self, tensor: str, at: Mapping[str, int]) -> Number | None:
        system = self.context.built.system
        sizes = system.tensors[tensor].sizes
        if len(sizes) != _MATRIX:
            return None
        if tensor in at:
            return _number(at[tensor])
        return _number(1) if system.sizes[sizes[1]] == 1 else None

    def _chain(self, adjoint: Adjoint, at: Mapping[str, int]) -> Chain:
        """The adjoint at the unit in question; sums over a single unit are written as its term."""
        letters = letters_of(adjoint.formal.free)
        unit = self._unit(adjoint.tensor, at)
        chain = self.backward.chain(adjoint)
        found = {} if unit is None else {letters[-1]: unit}
        return _at(self._single_terms(chain), found)

    def _gradient(self) -> Chain:
        """The gradient at the weight: by its deltas, and with all that was passed back put in."""
        assert self.chosen is not None
        adjoint = self.context.derivation.by_tensor[self.chosen.tensor]
        letters = letters_of(adjoint.formal.free)
        found = dict(zip(letters, self._places(), strict=True))
        sides = [self.backward.chain(adjoint).rest[-1][1]]
        if len(self.context.parts) <= _SHALLOW:
            # Softmax and its loss are one there, and not hop by hop.
            in_full = self.backward.in_full(adjoint, self.whole)
            sides.append(self.context.translator.formula(in_full))
        left = self.context.table.derivative(self.chosen.tensor, tuple(map(index, letters)))
        return _at(self._single_terms(equation(left, *sides)), found)

    def _single_terms(self, chain: Chain) -> Chain:
        sizes = self.context.built.system.sizes
        labels = self.context.table.sizes
        ones = {labels.get(label, label) for label, number in sizes.items() if number == 1}
        found = _without_sums(chain, ones)
        assert isinstance(found, Chain)
        return found


def _number(value: int) -> Number:
    return Number(Fraction(value))


def _at(chain: Chain, places: Mapping[str, Formula]) -> Chain:
    def change(symbol: Symbol) -> Formula:
        if symbol.kind is Kind.INDEX:
            return places.get(symbol.name, symbol)
        return symbol

    found = map_symbols(chain, change)
    assert isinstance(found, Chain)
    return found


def _without_sums(formula: Formula, ones: set[str]) -> Formula:
    """A formula with each sum over a single unit written as its only term."""

    def each(inner: Formula) -> Formula:
        return _without_sums(inner, ones)

    match formula:
        case Summation(i, _, Symbol(name=name), body) if name in ones:
            return map_symbols(
                each(body), lambda s: _number(1) if s.kind is Kind.INDEX and s.name == i.name else s
            )
        case Summation(i, lower, upper, body):
            return Summation(i, lower, upper, each(body))
        case Product(factors, joint):
            return Product(_flat([each(factor) for factor in factors]), joint)
        case Terms(terms):
            return Terms(tuple((sign, each(term)) for sign, term in terms))
        case Quotient(numerator, denominator):
            return Quotient(each(numerator), each(denominator))
        case Chain(first, rest):
            return Chain(first, tuple((sign, each(side)) for sign, side in rest))
        case _:
            return formula


def _flat(factors: Sequence[Formula]) -> tuple[Formula, ...]:
    found: list[Formula] = []
    for factor in factors:
        found += factor.factors if isinstance(factor, Product) else (factor,)
    return tuple(found)
