"""From one weight to the matrix: why the order and the transpose can only be so.

One weight first, then any weight, then all of them in a matrix; and the same for what comes back to
the layer before. Nothing new is derived here: it is the gradient of one layer, read in three ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bpsym.calculus.system import Relation, Role, Tensor
from bpsym.typeset.document import TIE, Block, Display, Paragraph, Text
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Joint,
    Kind,
    Number,
    Product,
    Symbol,
    Transpose,
    equation,
    map_symbols,
    walk,
)
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.sections.backward import Backward
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.sharing import letters_of

_MATRIX = 2
_FIRST = Number(Fraction(1))


class ToMatrix:
    """Tells it for one layer of a network."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.backward = Backward(context)
        self.matrices = Matrices(context)
        self.layer = self._layer()

    def _layer(self) -> Relation | None:
        """A layer that one vector enters, the second such one if there are two."""
        system = self.context.built.system
        found = [
            relation
            for relation in system.relations
            for name in relation.reads
            if name in self.context.derivation.by_tensor
            and system.tensors[name].role is Role.PARAMETER
            and len(system.tensors[name].sizes) == _MATRIX
            and [each for each in system.readers[name] if each.defines not in system.weights]
            == [relation]
            and self._value(relation) is not None
        ]
        found = [each for each in found if self._is_telling(each)] or found
        return found[min(1, len(found) - 1)] if found else None

    def _is_telling(self, relation: Relation) -> bool:
        """Whether its matrix is not square, so that shapes say what stands where."""
        same = self.context.built.system.representative
        first, second = (same[label] for label in self._weight(relation).sizes)
        return first != second

    def _weight(self, relation: Relation) -> Tensor:
        """The matrix of a layer."""
        tensors = self.context.built.system.tensors
        return next(
            tensors[name]
            for name in relation.reads
            if tensors[name].role is Role.PARAMETER and len(tensors[name].sizes) == _MATRIX
        )

    def _value(self, relation: Relation) -> str | None:
        """What a layer reads besides its parameters, None if that is more than one tensor."""
        tensors = self.context.built.system.tensors
        values = [name for name in relation.reads if tensors[name].role is not Role.PARAMETER]
        return values[0] if len(values) == 1 else None

    def blocks(self) -> tuple[Block, ...]:
        """The whole section; nothing where no layer is of the form."""
        if self.layer is None:
            has_matrix = any(
                len(each.sizes) == _MATRIX
                for each in self.context.built.system.of_role(Role.PARAMETER)
            )
            return (Paragraph(self.context.words.no_single_layer()),) if has_matrix else ()
        return self.context.noted(*self._gradient(self.layer), *self._before(self.layer))

    def _gradient(self, relation: Relation) -> Iterator[Block]:
        context, words = self.context, self.context.words
        table, weight = context.table, self._weight(relation).name
        value = self._value(relation)
        assert value is not None
        adjoint = context.derivation.by_tensor[weight]
        matrix = self.matrices.adjoint(adjoint)
        if matrix is None:
            return
        letters = letters_of(adjoint.formal.free)
        chain = self.backward.chain(adjoint)
        general = equation(chain.first, chain.rest[-1][1])
        element = table.tensor(weight, (_FIRST, _FIRST))
        unit = table.tensor(relation.defines, (index("n"), _FIRST))
        decays = [table.tensor(name) for name in self.context.terms_reading(weight)]
        yield Paragraph(words.one_weight(element, unit, decays, batch=self._is_batch()))
        yield Display((_at(general, dict.fromkeys(letters, _FIRST)),))
        yield Paragraph(words.any_weight())
        yield Display((general,))
        yield Paragraph(words.all_weights(table.tensor(weight), decays, batch=self._is_batch()))
        yield self.matrices.display([equation(matrix.first, matrix.rest[-1][1])])
        shapes = [
            (*(table.tensor(name),), *self._shape(name))
            for name in (weight, relation.defines, value)
        ]
        if self._is_telling(relation):
            yield Paragraph(words.only_order(shapes, decays, batch=self._is_batch()))

    def _before(self, relation: Relation) -> Iterator[Block]:
        """What comes back through the layer to the one before it."""
        context, words = self.context, self.context.words
        value, table = self._value(relation), context.table
        below = self._below(value)
        adjoint = context.derivation.by_tensor.get(below) if below is not None else None
        matrix = self.matrices.adjoint(adjoint) if adjoint is not None else None
        if value is None or adjoint is None or matrix is None:
            return
        weight = table.tensor(self._weight(relation).name)
        turned = any(
            isinstance(each, Transpose) and each.argument == weight for each in walk(matrix)
        )
        yield Paragraph(words.comes_back(table.tensor(value), table.tensor(relation.defines)))
        chain = self.backward.chain(adjoint)
        yield Display((equation(chain.first, chain.rest[-1][1]),))
        yield Paragraph(words.sum_as_product(weight, transposed=turned))
        yield self.matrices.display([equation(matrix.first, matrix.rest[-1][1])])
        if any(isinstance(x, Product) and x.joint is Joint.HADAMARD for x in walk(matrix)):
            yield Paragraph(words.entry_by_entry())

    def _below(self, value: str | None) -> str | None:
        """The tensor before the activation whose output the layer reads, or the output itself."""
        named = self.context.derivation.by_tensor
        if value is None or value in named:
            return value
        definitions = self.context.built.system.definitions.get(value, ())
        return definitions[0].reads[0] if len(definitions) == 1 else None

    def _is_batch(self) -> bool:
        notation = self.context.notation
        return notation is None or notation.samples is not Samples.ONE

    def _shape(self, name: str) -> Text:
        text: Text = (" (",)
        for number, size in enumerate(self.matrices.shape(name)):
            text += ((f"{TIE}×{TIE}",) if number else ()) + (size,)
        return (*text, ")")


def _at(chain: Chain, places: dict[str, Formula]) -> Chain:
    def change(symbol: Symbol) -> Formula:
        return places.get(symbol.name, symbol) if symbol.kind is Kind.INDEX else symbol

    found = map_symbols(chain, change)
    assert isinstance(found, Chain)
    return found
