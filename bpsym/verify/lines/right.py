"""The right line beside a wrong one: in numpy with the user's names, or in their notation."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from bpsym.calculus.system import SAMPLES
from bpsym.errors import EmitError
from bpsym.typeset.formulas.tree import Chain, Formula, Kind, Summation, equation, symbols
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.sections.context import Context
from bpsym.verify.lines.equality import DefinitionEquality, Equality, NumpyEquality, TreeEquality
from bpsym.verify.lines.equations import Equations
from bpsym.verify.lines.mend import everywhere
from bpsym.verify.lines.plain import written_in
from bpsym.verify.mending.right_code import RightCode

if TYPE_CHECKING:
    from bpsym.verify.lines.judge import LineJudge, Reading


class RightLine:
    """Writes right lines for one reading."""

    def __init__(self, judge: LineJudge, reading: Reading) -> None:
        self.judge = judge
        self.reading = reading

    @cached_property
    def plain(self) -> Equations:
        """In the names of the code."""
        return Equations(self.judge.derivation)

    @cached_property
    def noted(self) -> Equations:
        """In the notation of the lines."""
        found = Equations(self.judge.derivation, written_in(self.reading.convention))
        try:
            _ = found.context.rewriter
        except EmitError:  # a graph that only the names of the code can write
            return self.plain
        return found

    @cached_property
    def code(self) -> RightCode:
        """Lines of numpy."""
        convention = self.reading.convention
        columns = convention.samples != "rows"
        bias = {"flat": "flat", "row": "row", "column": None}[convention.bias]
        return RightCode(
            self.judge.derivation,
            columns,
            convention.weights == "in,out",
            None if (bias == "flat" and not columns) else bias,
            self._names(),
        )

    def equation(self, where: str) -> str:
        """The equation of the derivation that is violated, as the terminal prints it."""
        return self.plain.plain(where)

    def line(self, equality: Equality) -> str:
        """What to write instead."""
        if isinstance(equality, NumpyEquality):
            line = self.code.line(equality.of, equality.name)
            return self._scaled(equality, line) if line else self.equation(equality.of)
        assert isinstance(equality, TreeEquality)
        if isinstance(equality, DefinitionEquality):
            return self._definition(equality)
        found = self.noted.right(equality.of, matrix=equality.is_matrix)
        return self.noted.latex(found) if found is not None else self.equation(equality.of)

    def printed(self, equality: Equality, formula: Formula) -> str:
        """An equation with a formula on its right side, in LaTeX."""
        assert isinstance(equality, TreeEquality)
        return self.noted.latex(equation(equality.left, self._limited(formula)))

    def _limited(self, formula: Formula) -> Formula:
        """With the upper limits that the user left out, for the printer writes them all."""
        context = self.noted.context

        def limit(node: Summation) -> Formula:
            for symbol in symbols(node.body):
                if symbol.kind is Kind.TENSOR and node.index in symbol.subscripts:
                    labels = _labels(context, symbol.name)
                    at = symbol.subscripts.index(node.index)
                    if at < len(labels):
                        size = context.table.size(labels[at])
                        return context.rewriter.formula(size) if context.rewriter else size
            return node.upper

        def visit(node: Formula) -> Formula:
            return replace(node, upper=limit(node)) if (
                isinstance(node, Summation) and node.upper == node.index
            ) else node  # fmt: skip

        return everywhere(formula, visit)

    def _definition(self, equality: DefinitionEquality) -> str:
        from bpsym.typeset.sections.definitions import Definitions

        definitions = Definitions(self.noted.context.table)
        for activation in self.noted.context.table.functions:
            for chain in definitions.of_activation(activation):
                if chain.first == equality.left:
                    return self.noted.latex(Chain(chain.first, chain.rest[:1]))
        return ""

    def _scaled(self, equality: NumpyEquality, line: str) -> str:
        """The line of the module with 1/m where these lines have it."""
        network = self.judge.derivation.network
        if network.reduction != "mean" or self.reading.convention.deltas != "samples":
            return line
        if self.judge.naming.of_adjoint.get(equality.of) in self.judge.chain.parameters:
            left, right = line.split(" = ", 1)
            return f"{left} = ({right}) / m" if "+" in right else f"{line} / m"
        return line.replace(" / m", "")

    def _names(self) -> dict[str, str]:
        """What the user calls each tensor, as far as the lines show."""
        found: dict[str, str] = {}
        for each in self.reading.readable.equalities:
            if isinstance(each, NumpyEquality):
                if each.of:
                    found.setdefault(each.of, each.name)
                for name, tensor in each.spelled.items():
                    found.setdefault(tensor, name)
        return found


def _labels(context: Context, name: str) -> tuple[str, ...]:
    """The sizes of a symbol's subscripts, in the order in which the notation writes them."""
    system, notation = context.built.system, context.notation
    name = context.table.adjoint_of.get(name, name)
    if name not in system.tensors:
        return ()
    sizes = system.tensors[name].sizes
    if notation is None or notation.samples is Samples.ROWS:
        return sizes
    if SAMPLES not in sizes:
        return sizes[::-1] if notation.from_to and len(sizes) == 2 else sizes
    rest = tuple(each for each in sizes if each != SAMPLES)
    return rest if notation.samples is Samples.ONE else (*rest, SAMPLES)
