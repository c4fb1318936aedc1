"""The equations of the derivation as ``bpsym derive`` prints them, in any notation.

The chain of an adjoint ends in its final form; ``right`` is that alone, as a formula tree, ready
for every printer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bpsym.calculus.system import Role
from bpsym.typeset.document import Display
from bpsym.typeset.formulas.tree import Chain, equation
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.printers.latex import LaTeX
from bpsym.typeset.printers.printer import FormulaPrinter, Labels
from bpsym.typeset.sections.backward import Backward
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.costs import Costs
from bpsym.typeset.sections.parts import equation_of
from bpsym.typeset.terminal.formulas import Printer

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.calculus.derivation import Adjoint
    from bpsym.typeset.formulas.tree import Formula
    from bpsym.typeset.notations import Notation


@dataclass(frozen=True, eq=False)
class Equations:
    """The equations of one network in a notation, None being that of the code."""

    derivation: Derivation
    notation: Notation | None = None

    @cached_property
    def context(self) -> Context:
        """What the formulas are written from."""
        built = self.derivation.built
        if self.notation is None:
            return Context(self.derivation.record, built)
        record = prepared(built, self.notation).derivation
        return Context(record, built, notation=self.notation)

    def right(self, name: str, *, matrix: bool = False) -> Chain | None:
        """``left = final form`` of an adjoint, a tensor or the cost ``C``; None for others.

        name: an adjoint, ``delta2`` or ``dW1``, a parameter for its gradient, or another tensor
        for its forward equation. matrix: without indices, where there is such a form.
        """
        context = self.context
        found: Chain | None = None
        adjoint = self._adjoint(name)
        if adjoint is not None:
            found = Matrices(context, in_code=True).adjoint(adjoint) if matrix else None
            found = found or Backward(context).chain(adjoint)
        elif name in ("C", "loss"):
            return self._cost()
        elif name in context.built.system.definitions:
            relation = context.built.system.definitions[name][0]
            found = Matrices(context, in_code=True).forward(relation) if matrix else None
            written = context.translator.equation(equation_of(relation, context.built.system))
            found = found or written
        if found is None:
            return None
        if context.rewriter is not None:
            rewritten = context.rewriter.formula(found)
            assert isinstance(rewritten, Chain)
            found = rewritten
        return equation(found.first, found.rest[-1][1])

    def _adjoint(self, name: str) -> Adjoint | None:
        system = self.context.built.system
        for each in self.context.derivation.adjoints:
            tensor = system.tensors[each.tensor]
            if each.name == name or (each.tensor == name and tensor.role is Role.PARAMETER):
                return each
        return None

    def _cost(self) -> Chain | None:
        """The cost; these blocks are in the notation already."""
        for block in Costs(self.context).blocks():
            if isinstance(block, Display) and isinstance(block.formulas[0], Chain):
                return block.formulas[0]
        return None

    def plain(self, name: str) -> str:
        """The equation in one line of Unicode, as the terminal has it; empty if there is none."""
        found = self.right(name)
        return Printer().line(found) if found is not None else ""

    def latex(self, formula: Formula) -> str:
        """A formula in LaTeX, with the marks of the notation."""
        notation = self.context.notation
        labels = Labels(notation.labels) if notation is not None else Labels.ROUND
        text = FormulaPrinter(LaTeX(), labels=labels).inline(formula)
        return text.strip("$")
