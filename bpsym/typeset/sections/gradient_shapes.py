"""A table of values and gradients of equal shape, for a notation that writes dZ, dA, dW, db."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.typeset.document import Block, Paragraph, Table, Text
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.sections.context import Context

# Of deep networks the first two layers and the last are shown: the others are alike.
_SHOWN = 3


@dataclass(frozen=True)
class GradientShapes:
    """Writes the table for one network."""

    context: Context

    def blocks(self) -> tuple[Block, ...]:
        """The table and a sentence before it; nothing in other notations."""
        notation = self.context.notation
        if notation is None or not notation.differentials:
            return ()
        parts = self.context.parts
        shown = parts if len(parts) <= _SHOWN else (*parts[: _SHOWN - 1], parts[-1])
        names = [
            name
            for part in shown
            for name in (
                *(relation.defines for relation in part.relations),
                *part.parameters,
            )
        ]
        rows = tuple(self._row(name) for name in dict.fromkeys(names))
        words = self.context.words
        return self.context.noted(
            Paragraph(words.same_shapes()), Table(words.gradient_shapes, rows)
        )

    def _row(self, name: str) -> tuple[Text, ...]:
        table, tensor = self.context.table, self.context.built.system.tensors[name]
        shape: Text = ("(",)
        for number, size in enumerate(Matrices(self.context).shape(name)):
            shape += ((", ",) if number else ()) + (size,)
        return (table.tensor(name),), (table.tensor(tensor.adjoint),), (*shape, ")")
