"""The matrix view: the array operations of the emitted code, written as formulas.

A node of the array program becomes a formula without subscripts. Whatever has no such form keeps
its indices, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from bpsym.arrays.activations import Helpers
from bpsym.arrays.calls import emitted
from bpsym.arrays.nodes import Node
from bpsym.arrays.numbered import key_of, lower_relation, lower_side, renamed
from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.rewrites import Context as Rewriting
from bpsym.calculus.rewrites import pull_out_of_sums
from bpsym.calculus.slopes.activation import OpaqueSlope
from bpsym.calculus.system import SAMPLES, Relation, Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import name_of
from bpsym.errors import EmitError
from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.formulas import tree
from bpsym.typeset.formulas.evaluate import slope_name
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Chain,
    Formula,
    Kind,
    Matrix,
    Partial,
    Symbol,
    equation,
    symbols,
)
from bpsym.typeset.formulas.tree import walk as walk_formula
from bpsym.typeset.matrices.algebra import (
    NoMatrixFormError,
    fewest_minus_signs,
    sizes_of_ones,
    transposed,
)
from bpsym.typeset.matrices.nodes import NodeWriter, is_weight, labels_of_axes
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.scalars import Scalars

_MATRIX = 2
_TELLING = "activation slope"


def with_masks(expr: sp.Expr) -> sp.Expr:
    """``u where the test holds, else 0`` is u times the mask of the test."""

    def is_masked(node: sp.Basic) -> bool:
        if not isinstance(node, sp.Piecewise) or len(node.args) != _MATRIX:
            return False
        return bool(node.args[1][0] == 0 and not node.args[0][0].is_number)

    def split(node: sp.Piecewise) -> sp.Expr:
        (value, test), _ = node.args
        return value * sp.Piecewise((1, test), (0, True))

    return pull_out_of_sums(expr.replace(is_masked, split), Rewriting({}, ()))


@dataclass(frozen=True)
class Matrices:
    """Writes equations of one network as matrix equations, in the storage of the notation.

    in_code: whether sums over rows and columns are calls of ``np.sum``; else they are products with
    ones, unless the notation has such calls.
    """

    context: Context
    in_code: bool = False

    @property
    def _layout(self) -> str:
        notation = self.context.notation
        return "rows" if notation is None or notation.samples is Samples.ROWS else "columns"

    def display(self, chains: Iterable[Chain]) -> Display:
        """Formulas with the shapes of their matrices."""
        formulas = tuple(chains)
        found: dict[Formula, tuple[Formula, ...]] = {}
        for node in (node for each in formulas for node in walk_formula(each)):
            match node:
                case Partial(tree.Apply(_, arguments)):
                    # A function is applied entry by entry: a vector of parameters is spread out.
                    shapes = [
                        self.shape(each.name) for each in arguments if isinstance(each, Symbol)
                    ]
                    found[node] = max(shapes, key=len, default=())
                case Symbol(kind=Kind.TENSOR, name=name, subscripts=()) | Partial(
                    _, Symbol(name=name, subscripts=())
                ):
                    found[node] = self.shape(name)
                case tree.Transpose(Symbol(name=name)):
                    found[node] = self.shape(name)[::-1]
        return Display(formulas, tuple((each, sizes) for each, sizes in found.items() if sizes))

    def displays(
        self, chains: Sequence[Chain], matrices: Sequence[Chain | None]
    ) -> tuple[Block, ...]:
        """Equations in the views that are wanted; what has no matrix form keeps its indices."""
        if not chains:
            return ()
        if self.context.view in ("index", "scalar"):
            return self.indexed(chains)
        found = [each for each in matrices if each is not None]
        lefts = [each.first for each in found]
        # The blocks of a concatenation have one matrix equation together.
        pairs = [
            (chain, whole)
            for chain, whole in zip(chains, matrices, strict=True)
            if whole is not None or _whole(chain.first) not in lefts
        ]
        remarks = self._without_matrix_form(chain for chain, whole in pairs if whole is None)
        if self.context.view == "matrix":
            shown = self.display(whole or chain for chain, whole in pairs)
            return (shown, *remarks)
        return (*self.indexed(chains), *((self.display(found),) if found else ()), *remarks)

    def indexed(self, chains: Sequence[Chain]) -> tuple[Display, ...]:
        """Equations with their indices; for the scalar view, one for each element."""
        if self.context.view != "scalar":
            return (Display(tuple(chains)),)
        scalars = Scalars(self.context.built, self.context.table)
        return (Display(tuple(each for chain in chains for each in scalars.chains(chain))),)

    def _without_matrix_form(self, chains: Iterable[Chain]) -> Iterator[Block]:
        """A sentence for each equation between arrays that keeps its indices."""
        words = self.context.words
        for chain in chains:
            left = _whole(chain.first)
            if left == chain.first:
                continue
            block = self._joined_in(chain)
            if block is None:
                yield Paragraph(words.no_matrix_form(left))
            else:
                yield Paragraph(words.reads_a_block(left, block, rows=self._layout == "columns"))

    def _joined_in(self, chain: Chain) -> Symbol | None:
        """The concatenation, or its adjoint, of which an equation reads one block."""
        table, definitions = self.context.table, self.context.built.system.definitions
        for each in symbols(chain):
            if len(definitions.get(table.adjoint_of.get(each.name, each.name), ())) > 1:
                return tree.without_subscripts(each)
        return None

    def forward(self, relation: Relation) -> Chain | None:
        """A forward equation, None if it has no matrix form."""
        table, system = self.context.table, self.context.built.system
        left = table.tensor(relation.defines)
        if len(system.definitions[relation.defines]) > 1:
            return self._joined(relation)
        activation = relation.schema.activation
        if activation is not None and not activation.learned:
            value: Formula = table.tensor(relation.reads[0])
            if activation.expression != U:
                value = Apply(table.functions[activation], (value,))
            return equation(left, value)
        try:
            key, tensors, labels = key_of(system, relation)
            node = lower_relation(key, self._layout, partly=False).node
            names = {f"t{number}": name for number, name in enumerate(tensors)}
            sizes = {f"s{number}": label for number, label in enumerate(labels)}
            return equation(left, self._formula(_named(node, names, sizes)))
        except (EmitError, NoMatrixFormError):
            return None

    def _joined(self, relation: Relation) -> Chain | None:
        """A concatenation as a matrix of blocks, in place of the equation of its last block."""
        blocks = self.context.built.system.definitions[relation.defines]
        sides = [each.schema.equation.rhs for each in blocks]
        if relation is not blocks[-1] or not all(isinstance(each, sp.Indexed) for each in sides):
            return None
        table = self.context.table
        names = [each.formal()[name_of(side)] for each, side in zip(blocks, sides, strict=True)]
        read = tuple(map(table.tensor, names))
        rows = (read,) if self._layout == "rows" else tuple((each,) for each in read)
        return equation(table.tensor(relation.defines), Matrix(rows))

    def adjoint(self, adjoint: Adjoint) -> Chain | None:
        """The matrix form of an adjoint, None if it has none."""
        known = self.context.written
        key = ("matrix", self.in_code, adjoint.name, adjoint.formal.result)
        if key not in known:
            known[key] = self._adjoint(adjoint)
        found: Chain | None = known[key]
        return found

    def _adjoint(self, adjoint: Adjoint) -> Chain | None:
        """An adjoint, before and after slopes are written out; None if it has no matrix form."""
        context = self.context
        partial = context.table.derivative(adjoint.tensor)
        tensor = context.built.system.tensors[adjoint.tensor]
        hidden = tensor.role is Role.HIDDEN
        left: Formula = context.table.tensor(adjoint.name) if hidden else partial
        sides: list[Formula] = [context.scaled(partial, adjoint.tensor)] if hidden else []
        expressions = [
            (adjoint, step.left)
            for step in adjoint.formal.steps
            if step.of == 0 and step.rule == _TELLING
        ]
        hop = context.one_hop(adjoint)
        if hop is not None:
            expressions.insert(0, (hop[0], hop[1].left))
        for by, expr in (*expressions, (adjoint, adjoint.formal.result)):
            try:
                side = self._side(by, expr)
            except (EmitError, NoMatrixFormError):
                if expr is adjoint.formal.result:
                    return None
                continue
            sides.append(transposed(side) if self._from_to and is_weight(tensor) else side)
        return equation(left, *dict.fromkeys(sides))

    @cached_property
    def _from_to(self) -> bool:
        return self.context.notation is not None and self.context.notation.from_to

    def _side(self, adjoint: Adjoint, expr: sp.Expr) -> Formula:
        slopes: dict[sp.Expr, sp.Expr] = {}
        for each in expr.atoms(OpaqueSlope):
            if each.activation.expression == U:
                slopes[each] = sp.S.One
                continue
            name = self.context.table.functions[each.activation]
            slopes[each] = emitted(slope_name(name, each.position))(*each.args)
        node = lower_side(adjoint.formal, with_masks(expr), self._layout, slopes)
        sizes = {f"s{number}": label for number, label in enumerate(adjoint.sizes)}
        return self._formula(_named(node, adjoint.names, sizes))

    def shape(self, name: str) -> tuple[Formula, ...]:
        """The sizes of a tensor or adjoint as the notation stores it."""
        system, table = self.context.built.system, self.context.table
        counted = sizes_of_ones(name)
        if counted is not None:
            return tuple(ONE if label == "1" else table.size(label) for label in counted)
        name = table.adjoint_of.get(name, name)
        if name not in system.tensors:
            return ()
        rewriter = self.context.rewriter
        labels = system.tensors[name].sizes if rewriter is None else rewriter.shape(name)
        if labels == (SAMPLES,):
            labels = (SAMPLES, "1")
        return tuple(ONE if label == "1" else table.size(label) for label in labels)

    # Nodes

    def _formula(self, node: Node) -> Formula:
        """The formula of a node."""
        context = self.context
        in_code = self.in_code or (context.notation is not None and context.notation.sums_in_code)
        labels = labels_of_axes(node, context, self._layout)
        found = NodeWriter(context, in_code, labels).of(node)
        return fewest_minus_signs(found, context.translator.order)


def _whole(left: Formula) -> Formula:
    """A left side without its indices."""
    match left:
        case Partial(of, Symbol() as by):
            return Partial(of, tree.without_subscripts(by))
        case Symbol():
            return tree.without_subscripts(left)
    return left


def _named(node: Node, names: Mapping[str, str], sizes: Mapping[str, str]) -> Node:
    return renamed(node, names, sizes, Helpers())
