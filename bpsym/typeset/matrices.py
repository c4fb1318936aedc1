"""The matrix view: the array operations of the emitted code, written as formulas.

A node of the array program becomes a formula without subscripts: products of matrices stand side
by side, products entry by entry have a circled dot. Whatever has no such form keeps its indices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import sympy as sp

from bpsym.arrays.activations import Helpers
from bpsym.arrays.calls import emitted
from bpsym.arrays.nodes import (
    Concatenate,
    Constant,
    Elementwise,
    Expand,
    MatMul,
    Node,
    Read,
    Reduce,
    Rowwise,
    Transpose,
    walk,
)
from bpsym.arrays.numbered import key_of, lower_relation, lower_side, renamed
from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.rewrites import Context as Rewriting
from bpsym.calculus.rewrites import pull_out_of_sums
from bpsym.calculus.slopes.activation import OpaqueSlope
from bpsym.calculus.system import SAMPLES, Relation, Role, Tensor
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.errors import EmitError
from bpsym.typeset import formula as tree
from bpsym.typeset.context import Context
from bpsym.typeset.document import Display
from bpsym.typeset.formula import (
    ONE,
    Apply,
    Bracket,
    Chain,
    Comparison,
    Formula,
    Joint,
    Kind,
    Power,
    Prime,
    Product,
    Quotient,
    Symbol,
    Terms,
    equation,
    negative,
    symbols,
)
from bpsym.typeset.formula import walk as walk_formula
from bpsym.typeset.from_sympy import number_formula
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.notations.systems import is_error
from bpsym.typeset.scalars import Scalars
from bpsym.typeset.symbols import Rank

SUM = "np.sum"
_COMPARISONS: dict[str, tree.Relation] = {">": ">", ">=": ">=", "<": "<", "<=": "<="}
_ELEMENTARY = ("abs", "arctan", "cos", "cosh", "exp", "log", "sign", "sin", "sinh", "tanh")
_MATRIX = 2
_TELLING = "activation slope"
_NAMES = {"maximum": "max", "minimum": "min"}


class _NoMatrixFormError(Exception):
    """A formula that keeps its indices."""


def transposed(formula: Formula) -> Formula:
    """The transpose, pushed down to the letters: ``(A B)^T`` is ``B^T A^T``."""
    match formula:
        case tree.Transpose(argument):
            return argument
        case Product(factors, Joint.BESIDE):
            numbers = [each for each in factors if is_number(each)]
            rest = [transposed(each) for each in reversed(factors) if not is_number(each)]
            return Product((*numbers, *rest))
        case Product(factors, joint):
            return Product(tuple(map(transposed, factors)), joint)
        case Terms(terms):
            return Terms(tuple((sign, transposed(term)) for sign, term in terms))
        case each if is_number(each):
            return each
        case _:
            return tree.Transpose(formula)


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


def is_number(formula: Formula) -> bool:
    """Whether it has no tensor in it, so that it scales all entries."""
    return all(each.kind is not Kind.TENSOR for each in symbols(formula))


@dataclass(frozen=True)
class Matrices:
    """Writes equations of one network as matrix equations, in the storage of the notation."""

    context: Context

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
                case Symbol(kind=Kind.TENSOR, name=name, subscripts=()) | tree.Partial(
                    _, Symbol(name=name, subscripts=())
                ):
                    found[node] = self.shape(name)
                case tree.Transpose(Symbol(name=name)):
                    found[node] = self.shape(name)[::-1]
        return Display(formulas, tuple((each, sizes) for each, sizes in found.items() if sizes))

    def displays(
        self, chains: Sequence[Chain], matrices: Sequence[Chain | None]
    ) -> tuple[Display, ...]:
        """Equations in the views that are wanted; what has no matrix form keeps its indices."""
        match self.context.view:
            case "index":
                return (Display(tuple(chains)),)
            case "scalar":
                scalars = Scalars(self.context.built, self.context.table)
                return (Display(tuple(each for chain in chains for each in scalars.chains(chain))),)
            case "matrix":
                pairs = zip(chains, matrices, strict=True)
                return (self.display(each if whole is None else whole for each, whole in pairs),)
            case _:
                found = [each for each in matrices if each is not None]
                return (Display(tuple(chains)), *((self.display(found),) if found else ()))

    def forward(self, relation: Relation) -> Chain | None:
        """A forward equation, None if it has no matrix form."""
        table, system = self.context.table, self.context.built.system
        if len(system.definitions[relation.defines]) > 1:
            return None  # one block of a concatenation
        left = table.tensor(relation.defines)
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
        except (EmitError, _NoMatrixFormError):
            return None

    def adjoint(self, adjoint: Adjoint) -> Chain | None:
        """An adjoint, before and after slopes are written out; None if it has no matrix form."""
        context = self.context
        partial = context.table.derivative(adjoint.tensor)
        tensor = context.built.system.tensors[adjoint.tensor]
        hidden = tensor.role is Role.HIDDEN
        left: Formula = context.table.tensor(adjoint.name) if hidden else partial
        sides: list[Formula] = [context.scaled(partial)] if hidden else []
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
            except (EmitError, _NoMatrixFormError):
                if expr is adjoint.formal.result:
                    return None
                continue
            sides.append(transposed(side) if self._from_to and _is_weight(tensor) else side)
        return equation(left, *dict.fromkeys(sides))

    @cached_property
    def _from_to(self) -> bool:
        return self.context.notation is not None and self.context.notation.from_to

    def _side(self, adjoint: Adjoint, expr: sp.Expr) -> Formula:
        slopes: dict[sp.Expr, sp.Expr] = {}
        for each in expr.atoms(OpaqueSlope):
            if each.position or each.activation.learned:
                raise _NoMatrixFormError
            if each.activation.expression == U:
                slopes[each] = sp.S.One
                continue
            name = self.context.table.functions[each.activation]
            slopes[each] = emitted(f"{name}'")(*each.args)
        node = lower_side(adjoint.formal, with_masks(expr), self._layout, slopes)
        sizes = {f"s{number}": label for number, label in enumerate(adjoint.sizes)}
        return self._formula(_named(node, adjoint.names, sizes))

    def shape(self, name: str) -> tuple[Formula, ...]:
        """The sizes of a tensor or adjoint as the notation stores it."""
        system, table = self.context.built.system, self.context.table
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
        """The formula of a node; samples of which there is one are not summed over."""
        single = self.context.is_of_one_sample
        return _Written(self.context, _sample_letters(node, self.context) if single else ()).of(
            node
        )


@dataclass(frozen=True)
class _Written:
    """Writes the nodes of one equation.

    samples: the letters of the sample axis if there is one sample only.
    """

    context: Context
    samples: Collection[str | None]

    @property
    def _functions(self) -> frozenset[str]:
        """The functions that the document defines or a reader knows."""
        return frozenset((*self.context.table.functions.values(), *PRIMITIVES, *_ELEMENTARY))

    def of(self, node: Node) -> Formula:
        match node:
            case Read(name):
                return self._read(name)
            case Constant(str(value)):
                one = value == SAMPLES and self.context.is_of_one_sample
                return ONE if one else self.context.table.size(value)
            case Constant(Fraction() as value):
                return number_formula(value) if value >= 0 else negative(number_formula(-value))
            case Transpose(argument):
                return transposed(self.of(argument))
            case Expand(argument):
                return self.of(argument)
            case MatMul(left, right):
                return self._beside([self.of(left), self.of(right)])
            case Reduce():
                return self._sum(node)
            case Rowwise(kernel, argument):
                return Apply(kernel, (self.of(argument),))
            case Elementwise(operator, arguments):
                return self._elementwise(operator, arguments)
            case Concatenate(blocks):
                return Apply("concat", tuple(map(self.of, blocks)))
            case _:
                raise _NoMatrixFormError

    def _read(self, name: str) -> Formula:
        if is_error(self.context.built.system, name):
            return self._difference(name)
        symbol = self.context.table.tensor(name)
        notation, tensor = self.context.notation, self.context.built.system.tensors.get(name)
        if notation is not None and notation.from_to and tensor is not None and _is_weight(tensor):
            return tree.Transpose(symbol)
        return symbol

    def _difference(self, name: str) -> Formula:
        """The errors of all outputs written out: their vector would have the cost's letter."""
        (relation,) = self.context.built.system.definitions[name]
        first, second = relation.reads
        symbol = self.context.table.tensor
        output, target = (symbol(first), symbol(second))
        return Terms(((1, target), (-1, output)))

    def _sum(self, node: Reduce) -> Formula:
        if len(node.argument.axes) > _MATRIX:
            raise _NoMatrixFormError
        kept = [at for at in node.positions if node.argument.axes[at] not in self.samples]
        argument = self.of(node.argument)
        if not kept:
            return argument
        if len(kept) == len(node.argument.axes) and not node.keep:
            return Apply(SUM, (argument,))
        if len(kept) > 1:
            raise _NoMatrixFormError
        arguments = [argument, _keyword("axis", str(kept[0]))]
        if node.keep:
            arguments.append(_keyword("keepdims", "True"))
        return Apply(SUM, tuple(arguments))

    def _beside(self, factors: Sequence[Formula]) -> Formula:
        flat: list[Formula] = []
        sign = 1
        for each in factors:
            match each:
                case Product(inner, Joint.BESIDE):
                    flat += inner
                case Terms(((-1, only),)):
                    sign = -sign
                    flat.append(only)
                case _:
                    flat.append(each)
        numbers = [each for each in flat if is_number(each) and each != ONE]
        flat = [*numbers, *(each for each in flat if not is_number(each))]
        found = tree.product(tuple(flat))
        return found if sign > 0 else negative(found)

    def _elementwise(self, operator: str, arguments: Sequence[Node]) -> Formula:
        if operator == "/":
            arguments = (arguments[0], _unguarded(*arguments))
        formulas = [self.of(each) for each in arguments]
        match operator:
            case "+":
                return _summed(formulas)
            case "neg":
                match formulas[0]:
                    case Terms(((-1, only),)):
                        return only
                    case _:
                        return negative(formulas[0])
            case "*":
                return self._hadamard(formulas)
            case "/":
                above, below = formulas
                if below == ONE:
                    return above
                if not is_number(below):
                    return Quotient(above, below)
                return self._beside([Quotient(ONE, below), above])
            case "**":
                return self._power(arguments, formulas[0])
            case "mask":
                return Bracket(formulas[0])
            case "expm1":
                return _summed([Apply("exp", tuple(formulas)), negative(ONE)])
            case "sqrt":
                return Power(formulas[0], Fraction(1, 2))
            case "xlogy":
                return Product((formulas[0], Apply("log", (formulas[1],))), Joint.HADAMARD)
            case _ if operator in _COMPARISONS:
                return Comparison(formulas[0], ((_COMPARISONS[operator], formulas[1]),))
            case _ if operator.endswith("'"):
                return Apply(Prime(operator[:-1]), tuple(formulas))
            case _ if operator in _NAMES or operator in self._functions:
                return Apply(_NAMES.get(operator, operator), tuple(formulas))
            case _:
                raise _NoMatrixFormError

    def _has_target(self, formula: Formula) -> bool:
        """Whether it is the error of the loss, which is written first."""
        rank = self.context.table.rank
        return isinstance(formula, Terms) and any(
            rank(each) is Rank.TARGET for each in symbols(formula)
        )

    def _power(self, arguments: Sequence[Node], base: Formula) -> Formula:
        exponent = arguments[1]
        if not isinstance(exponent, Constant) or not isinstance(exponent.value, Fraction):
            raise _NoMatrixFormError
        if exponent.value == 2 and not is_number(base):
            return Product((base, base), Joint.HADAMARD)
        return Power(base, exponent.value)

    def _hadamard(self, factors: Sequence[Formula]) -> Formula:
        numbers, arrays, sign = [], list[Formula](), 1
        for each in factors:
            match each:
                case Terms(((-1, only),)):
                    sign, each = -sign, only
            turned = self.context.translator.order.one_minus(each)
            if turned is not None:
                sign, each = -sign, turned
            if is_number(each):
                numbers += [each] if each != ONE else []
            elif isinstance(each, Product) and each.joint is Joint.HADAMARD:
                arrays += each.factors
            else:
                arrays.append(each)
        arrays.sort(key=lambda each: not self._has_target(each))
        whole = arrays[0] if len(arrays) == 1 else Product(tuple(arrays), Joint.HADAMARD)
        found = self._beside([*numbers, whole]) if arrays else tree.product(tuple(numbers))
        return found if sign > 0 else negative(found)


def _unguarded(above: Node, below: Node) -> Node:
    """``a`` for ``a where y is not 0, else 1`` below y: a guard that a formula does not need."""
    match below:
        case Elementwise("where", (test, value, Constant(Fraction()))) if test == above:
            return value
    return below


def _is_weight(tensor: Tensor) -> bool:
    return tensor.role is Role.PARAMETER and len(tensor.sizes) == 2


def _summed(formulas: Sequence[Formula]) -> Formula:
    terms: list[tuple[int, Formula]] = []
    for each in formulas:
        terms += each.terms if isinstance(each, Terms) else ((1, each),)
    return Terms(tuple(terms))


def _keyword(name: str, value: str) -> Symbol:
    """A keyword of a call in code: ``axis=1``."""
    return Symbol(f"{name}={value}", Kind.CONSTANT, f"{name}={value}")


def _named(node: Node, names: Mapping[str, str], sizes: Mapping[str, str]) -> Node:
    return renamed(node, names, sizes, Helpers())


def _sample_letters(node: Node, context: Context) -> frozenset[str | None]:
    """The letters of the sample axis, which is the last one of the arrays that have it."""
    table, tensors = context.table, context.built.system.tensors
    found = set()
    for each in walk(node):
        if isinstance(each, Read):
            tensor = tensors.get(table.adjoint_of.get(each.name, each.name))
            if tensor is not None and SAMPLES in tensor.sizes and each.axes[-1] is not None:
                found.add(each.axes[-1])
    return frozenset(found)
