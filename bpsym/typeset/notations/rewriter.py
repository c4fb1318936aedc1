"""From formulas in the names of the code to formulas in a notation.

Three things change, and none of them the value: what a tensor is called and what number it bears,
which letters its indices have, and where the index of the sample stands or that it does not. A
reader who takes the weights from-to transposed, and the batch as one sample or in columns, gets
the numbers of the code; the tests do just that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bpsym.calculus.system import SAMPLES, Role
from bpsym.errors import EmitError
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.document import Block, Display, Figure, Items, Paragraph, Step, Table, Text
from bpsym.typeset.formulas.symbols import COST, SymbolTable
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Partial,
    Product,
    Symbol,
    map_symbols,
    negative,
)
from bpsym.typeset.notations.factor_order import FactorOrder
from bpsym.typeset.notations.hops import scale_of
from bpsym.typeset.notations.index_letters import IndexLetters
from bpsym.typeset.notations.margins import own_words, signed_case
from bpsym.typeset.notations.notation import Notation, Numbered, Samples, Word
from bpsym.typeset.notations.places import Place, Places
from bpsym.typeset.notations.scaling import factor_of
from bpsym.typeset.sections.updates import STEP

_SHALLOW = 2
# The letter of the losses where L is the letter of the whole cost.
_LOSS = "ell"


class Rewriter:
    """Writes the formulas of one network in a notation."""

    def __init__(self, notation: Notation, built: BuiltNetwork, table: SymbolTable) -> None:
        """Raises EmitError if the notation has no word for something in the network."""
        self.notation = notation
        self.built = built
        self.table = table
        self.places = Places(notation, built, table)
        self.depth = self.places.depth
        self.letters = IndexLetters(self.places)
        self.order = FactorOrder(self.places)
        self.own = own_words(built) if notation.error_signals else {}
        self._check()

    @property
    def cost(self) -> Symbol:
        """The letter of the cost."""
        return replace(COST, base=self.notation.cost)

    def block(self, block: Block) -> Block:
        """A block in the notation."""
        match block:
            case Paragraph(text):
                return Paragraph(self.text(text))
            case Items(points):
                return Items(tuple(map(self.text, points)))
            case Display():
                return replace(
                    block,
                    formulas=tuple(map(self.formula, block.formulas)),
                    shapes=tuple(
                        (self._gradient(self.formula(each)), tuple(map(self.formula, sizes)))
                        for each, sizes in block.shapes
                    ),
                )
            case Step(rule, formula):
                return Step(rule, self.formula(formula))
            case Table():
                return self.table_of(block)
            case Figure():
                return block

    def table_of(self, table: Table) -> Table:
        """A table in the notation."""
        rows = tuple(tuple(map(self.text, row)) for row in table.rows)
        return Table(table.heading, rows, table.to_the_right)

    def text(self, text: Text) -> Text:
        """Words, and formulas in the notation."""
        return tuple(each if isinstance(each, str) else self.formula(each) for each in text)

    def formula(self, formula: Formula) -> Formula:
        """A formula in the notation."""
        if not isinstance(formula, Chain):
            return self._renamed(self.letters.lettered(formula, formula, {}))
        left = formula.first
        free = self.letters.letters_in(left, left, {})
        first = self._gradient(self._renamed(self.letters.lettered(left, left, {})))
        sides = [
            (relation, self._side(self.letters.lettered(side, left, free), left))
            for relation, side in formula.rest
        ]
        kept = [
            (relation, side)
            for number, (relation, side) in enumerate(sides)
            if side not in (first, *(earlier for _, earlier in sides[:number]))
        ]
        return Chain(first, tuple(kept or sides[:1]))

    def scaled(self, partial: Formula, tensor: str) -> Formula:
        """What the adjoint of a tensor is, by the derivative of the cost in it."""
        factor = factor_of(self.built.system.tensors[tensor], scale_of(self.built, self.notation))
        if factor == 1:
            return partial
        if factor == -1:
            return negative(partial)
        factors = partial.factors if isinstance(partial, Product) else (partial,)
        return Product((self.table.size(SAMPLES), *factors))

    def shape(self, name: str) -> tuple[str, ...]:
        """The size labels of a tensor as the notation stores it; one without samples has (n, 1)."""
        sizes = self.built.system.tensors[name].sizes
        if not sizes or self.notation.samples is Samples.ROWS:
            return sizes
        rest = tuple(label for label in sizes if label != SAMPLES)
        if len(rest) == 2:
            return rest[::-1] if self.notation.from_to else rest
        columns = SAMPLES in sizes and self.notation.samples is Samples.COLUMNS
        return (*rest, SAMPLES if columns else "1")

    def _check(self) -> None:
        system = self.built.system
        names = [each for each in system.tensors.values() if each.role is not Role.LOSS]
        layers_only = self.notation.layers_only
        for tensor in names:
            place = self.places.of(self.table.tensor(tensor.name))
            label = self.table.tensor(tensor.name).label
            if place is None or (layers_only and label and not label.isdigit()):
                raise EmitError.single(
                    where=f"notation {self.notation.name!r}",
                    what=f"it has no word for {tensor.name!r}",
                    expected="unnamed dense layers one after another, which learn nothing but "
                    "weights and biases"
                    if layers_only
                    else "dense layers, additions and products",
                    got=f"a network with {tensor.name!r}",
                    way_out="leave out --notation: the names of the code have a word for all",
                )

        seen: dict[Formula, str] = {}
        for tensor in names:
            symbol = self._symbol(self.table.tensor(tensor.name))
            assert isinstance(symbol, Symbol)
            other = seen.setdefault(replace(symbol, name=""), tensor.name)
            if other != tensor.name:
                raise EmitError.single(
                    where=f"notation {self.notation.name!r}",
                    what=f"it writes {other!r} and {tensor.name!r} alike",
                    expected="a symbol of its own for each tensor",
                    got="one symbol for both",
                    way_out="leave out --notation: the names of the code are all different",
                )

    # Names

    def _renamed(self, formula: Formula) -> Formula:
        return map_symbols(formula, self._symbol)

    def _gradient(self, left: Formula) -> Formula:
        """``dW`` for the derivative of the cost in W, where the notation has it."""
        match left:
            case Partial(of, Symbol() as by) if of == self.cost and self.notation.differentials:
                tensor = self.built.system.tensors.get(by.name)
                if tensor is not None and tensor.role in _GRADIENTS:
                    return replace(by, name=tensor.adjoint, base=f"d{by.base}")
        return left

    def _side(self, side: Formula, left: Formula) -> Formula:
        """A side of an equation, its factors in the order that the text has."""
        side = self.order.ordered(side, left)
        if self.own:
            side = signed_case(side)
        return self._renamed(side)

    def _symbol(self, symbol: Symbol) -> Formula:
        if symbol.name == COST.name:
            return replace(symbol, base=self.notation.cost)
        if symbol.kind is Kind.SIZE:
            return self._size(symbol)
        if symbol.name.startswith(STEP):
            corrected = self._symbol(
                replace(
                    symbol,
                    name=symbol.name.removeprefix(STEP),
                    base=symbol.base.removeprefix(STEP),
                )
            )
            assert isinstance(corrected, Symbol)
            return replace(corrected, name=STEP + corrected.name, base=STEP + corrected.base)
        place = self.places.of(symbol) if symbol.offset is None else self.places.running(symbol)
        if place is None:
            return self._loss(symbol)
        is_last = place.layer is not None and place.layer == self.depth and place.part != "Y"
        if place.part == "delta" and self.notation.by_outputs:
            # Derivatives are passed back in outputs; those in between have no letter.
            within = self.table.tensor(self.table.adjoint_of[symbol.name], symbol.subscripts)
            return Partial(self.cost, self._symbol(within))
        word = self.notation.word(place.part, is_last=is_last and symbol.offset is None)
        subscripts = self._subscripts(symbol, place)
        if place.is_adjoint and self.notation.differentials:
            word = replace(word, base=f"d{word.base}")
        changed = self._numbered(symbol, place, word)
        changed = replace(changed, base=word.base, accent=word.accent, subscripts=subscripts)
        of_tensor = self.table.adjoint_of.get(symbol.name, symbol.name)
        if of_tensor in self.own:
            changed = replace(changed, base=self.own[of_tensor], label="")
        if place.is_adjoint and not self.notation.differentials:
            of = self.table.adjoint_of[symbol.name]
            return Partial(self.cost, replace(changed, name=of))
        return changed

    def _loss(self, symbol: Symbol) -> Symbol:
        """A term of the cost, under a letter that the cost itself does not have."""
        tensor = self.built.system.tensors.get(symbol.name)
        if tensor is None or tensor.role is not Role.LOSS or symbol.base != self.notation.cost:
            return symbol
        return replace(symbol, base=_LOSS)

    def _numbered(self, symbol: Symbol, place: Place, word: Word) -> Symbol:
        if symbol.offset is not None:
            return replace(symbol, offset=symbol.offset + word.shift)
        if place.layer is None:
            return symbol
        deep = word.numbered is Numbered.DEEP and self.depth > _SHALLOW
        if word.numbered is Numbered.ALWAYS or deep:
            return replace(symbol, label=str(place.layer + word.shift))
        return replace(symbol, label="")

    def _size(self, symbol: Symbol) -> Symbol:
        shift = self.notation.shift
        if symbol.offset is not None:
            return replace(symbol, offset=symbol.offset + shift)
        if symbol.label.isdigit() and shift:
            return replace(symbol, label=str(int(symbol.label) + shift))
        return symbol

    def _subscripts(self, symbol: Symbol, place: Place) -> tuple[Formula, ...]:
        subscripts = symbol.subscripts
        if not subscripts:
            return subscripts
        if place.part == "W":
            return subscripts[::-1] if self.notation.from_to else subscripts
        if place.part == "b" or self.notation.samples is Samples.ROWS:
            return subscripts
        sample, *rest = subscripts
        return tuple(rest) if self.notation.samples is Samples.ONE else (*rest, sample)


_GRADIENTS = (Role.PARAMETER, Role.INPUT)


def rewritten(rewriter: Rewriter | None, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Blocks in a notation; in that of the code, as they are."""
    return tuple(blocks) if rewriter is None else tuple(map(rewriter.block, blocks))
