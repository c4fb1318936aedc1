"""From the array operations of the emitted code to formulas of matrices, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

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
from bpsym.calculus.system import SAMPLES, Role, Tensor
from bpsym.calculus.terms.functions import PRIMITIVES
from bpsym.typeset.formulas import tree
from bpsym.typeset.formulas.from_sympy import number_formula
from bpsym.typeset.formulas.symbols import Rank
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Comparison,
    Formula,
    Joint,
    Kind,
    Matrix,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Symbol,
    Terms,
    negative,
    symbols,
)
from bpsym.typeset.matrices.algebra import (
    NoMatrixFormError,
    beside,
    is_number,
    ones,
    over_entries,
    over_rows,
    summed,
    transposed,
)
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.notations.systems import is_error
from bpsym.typeset.sections.context import Context

SUM = "np.sum"
_COMPARISONS: dict[str, tree.Relation] = {">": ">", ">=": ">=", "<": "<", "<=": "<="}
_OPPOSITE: dict[tree.Relation, tree.Relation] = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_ELEMENTARY = ("abs", "arctan", "cos", "cosh", "exp", "log", "sign", "sin", "sinh", "tanh")
_EXTREMES = {"maximum": "max", "minimum": "min"}
_MATRIX = 2


@dataclass(frozen=True)
class NodeWriter:
    """Writes the nodes of one equation.

    in_code: whether sums over rows and columns are calls of ``np.sum``.
    labels: the size label of each axis, by its letter.
    """

    context: Context
    in_code: bool
    labels: Mapping[str, str]

    def of(self, node: Node) -> Formula:
        """The formula of a node; raises NoMatrixFormError if it has none."""
        match node:
            case Read(name):
                return self._read(name)
            case Constant(str(value)):
                one = value == SAMPLES and self._single
                return ONE if one else self.context.table.size(value)
            case Constant(Fraction() as value):
                return number_formula(value) if value >= 0 else negative(number_formula(-value))
            case Transpose(argument):
                return transposed(self.of(argument))
            case Expand(argument):
                return self.of(argument)
            case MatMul(left, right):
                return beside([self.of(left), self.of(right)])
            case Reduce():
                return self._sum(node)
            case Rowwise(kernel, argument):
                return Apply(kernel, (self.of(argument),))
            case Elementwise(operator, arguments):
                return self._elementwise(operator, arguments)
            case Concatenate(blocks):
                return Matrix((tuple(map(self.of, blocks)),))
            case _:
                raise NoMatrixFormError

    @property
    def _single(self) -> bool:
        """Whether there is one sample, over which nothing is summed."""
        return self.context.is_of_one_sample

    @property
    def _functions(self) -> frozenset[str]:
        """The functions that the document defines or a reader knows."""
        return frozenset((*self.context.table.functions.values(), *PRIMITIVES, *_ELEMENTARY))

    def _read(self, name: str) -> Formula:
        if is_error(self.context.built.system, name):
            return self._difference(name)
        symbol = self.context.table.tensor(name)
        notation, tensor = self.context.notation, self.context.built.system.tensors.get(name)
        if notation is not None and notation.from_to and tensor is not None and is_weight(tensor):
            return tree.Transpose(symbol)
        return symbol

    def _difference(self, name: str) -> Formula:
        """The errors of all outputs written out: their vector would have the cost's letter."""
        (relation,) = self.context.built.system.definitions[name]
        first, second = relation.reads
        symbol = self.context.table.tensor
        output, target = (symbol(first), symbol(second))
        return Terms(((1, target), (-1, output)))

    # Sums over rows and columns

    def _sum(self, node: Reduce) -> Formula:
        axes = node.argument.axes
        if len(axes) > _MATRIX:
            raise NoMatrixFormError
        kept = [at for at in node.positions if not self._is_single(axes[at])]
        argument = self.of(node.argument)
        if not kept:
            return argument
        return self._called(node, kept, argument) if self.in_code else self._product(node, kept)

    def _is_single(self, axis: str | None) -> bool:
        """Whether an axis has length one in the formula."""
        return axis is None or (self._single and self.labels.get(axis) == SAMPLES)

    def _product(self, node: Reduce, kept: Sequence[int]) -> Formula:
        """The sum as a product with ones."""
        argument, axes = self.of(node.argument), node.argument.axes
        column = node.keep or not self._is_of_rows
        first, last = (self._ones(axes[at], column=column) for at in (0, -1))
        if all(self._is_single(axis) for at, axis in enumerate(axes) if at not in kept) and (
            len(kept) == 1
        ):
            return over_entries(argument, first if kept[0] == 0 else last)
        if len(kept) > 1:
            return beside([tree.Transpose(first), argument, last])
        if kept[0] == 0:
            return over_rows(argument, first, keep=node.keep)
        return beside([argument, last])

    @property
    def _is_of_rows(self) -> bool:
        notation = self.context.notation
        return notation is None or notation.samples is Samples.ROWS

    def _ones(self, axis: str | None, *, column: bool) -> Symbol:
        return ones(self.labels.get(axis or "", "1"), column=column)

    def _called(self, node: Reduce, kept: Sequence[int], argument: Formula) -> Formula:
        """The sum as a call in code."""
        if len(kept) == len(node.argument.axes) and not node.keep:
            return Apply(SUM, (argument,))
        if len(kept) > 1:
            raise NoMatrixFormError
        arguments = [argument, _keyword("axis", str(kept[0]))]
        if node.keep:
            arguments.append(_keyword("keepdims", "True"))
        return Apply(SUM, tuple(arguments))

    # Entry by entry

    def _elementwise(self, operator: str, arguments: Sequence[Node]) -> Formula:
        if operator == "/":
            arguments = (arguments[0], _unguarded(*arguments))
        formulas = [self.of(each) for each in arguments]
        match operator:
            case "+":
                return summed(formulas)
            case "neg":
                match formulas[0]:
                    case Terms(((-1, only),)):
                        return only
                    case _:
                        return negative(formulas[0])
            case "*":
                return self._hadamard(formulas)
            case "/":
                return _ratio(*formulas)
            case "**":
                return _power(arguments[1], formulas[0])
            case "mask":
                return Bracket(formulas[0])
            case "where":
                return self._choice(*formulas)
            case "clip":
                value, low, high = formulas
                return Apply("min", (Apply("max", (low, value)), high))
            case "maximum" | "minimum":
                # max(0, u), as everyone writes it.
                formulas.sort(key=lambda each: not is_number(each))
                return Apply(_EXTREMES[operator], tuple(formulas))
            case "expm1":
                return summed([Apply("exp", tuple(formulas)), negative(ONE)])
            case "sqrt":
                return Power(formulas[0], Fraction(1, 2))
            case "xlogy":
                return Product((formulas[0], Apply("log", (formulas[1],))), Joint.HADAMARD)
            case _ if operator in _COMPARISONS:
                return Comparison(formulas[0], ((_COMPARISONS[operator], formulas[1]),))
            case _:
                return self._applied(operator, formulas)

    def _applied(self, operator: str, arguments: Sequence[Formula]) -> Formula:
        """A function, or its derivative in one of its arguments."""
        name, prime, position = operator.partition("'")
        if prime and position:
            return Partial(Apply(name, tuple(arguments)), arguments[int(position)])
        if prime:
            return Apply(Prime(name), tuple(arguments))
        if operator not in self._functions:
            raise NoMatrixFormError
        return Apply(operator, tuple(arguments))

    def _choice(self, test: Formula, value: Formula, other: Formula) -> Formula:
        """``u . [test] + v . [not test]``."""
        match test:
            case Comparison(left, ((relation, right),)) if relation in _OPPOSITE:
                opposite = Comparison(left, ((_OPPOSITE[relation], right),))
            case _:
                raise NoMatrixFormError
        terms = [
            self._hadamard([each, Bracket(holds)])
            for each, holds in ((value, test), (other, opposite))
            if each != Number(Fraction(0))
        ]
        return terms[0] if len(terms) == 1 else summed(terms)

    def _hadamard(self, factors: Sequence[Formula]) -> Formula:
        numbers, arrays, sign = list[Formula](), list[Formula](), 1
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
        found = beside([*numbers, whole]) if arrays else tree.product(tuple(numbers))
        return found if sign > 0 else negative(found)

    def _has_target(self, formula: Formula) -> bool:
        """Whether it is the error of the loss, which is written first."""
        rank = self.context.table.rank
        return isinstance(formula, Terms) and any(
            rank(each) is Rank.TARGET for each in symbols(formula)
        )


def is_weight(tensor: Tensor) -> bool:
    """Whether a tensor is a matrix of weights."""
    return tensor.role is Role.PARAMETER and len(tensor.sizes) == _MATRIX


def labels_of_axes(node: Node, context: Context, layout: str) -> dict[str, str]:
    """The size label of each axis; in columns the axis of the samples is the last one."""
    table, tensors = context.table, context.built.system.tensors
    found: dict[str, str] = {}
    for each in walk(node):
        tensor = None
        if isinstance(each, Read):
            tensor = tensors.get(table.adjoint_of.get(each.name, each.name))
        if tensor is None or not isinstance(each, Read):
            continue
        sizes = list(tensor.sizes)
        if layout == "columns" and SAMPLES in sizes:
            sizes.sort(key=lambda label: label == SAMPLES)
        axes = [axis for axis in each.axes if axis is not None]
        if len(axes) == len(sizes):
            found |= dict(zip(axes, sizes, strict=True))
    return found


def _power(exponent: Node, base: Formula) -> Formula:
    if not isinstance(exponent, Constant) or not isinstance(exponent.value, Fraction):
        raise NoMatrixFormError
    if exponent.value == 2 and not is_number(base):
        return Product((base, base), Joint.HADAMARD)
    return Power(base, exponent.value)


def _ratio(above: Formula, below: Formula) -> Formula:
    if below == ONE:
        return above
    if not is_number(below):
        return Quotient(above, below)
    return beside([Quotient(ONE, below), above])


def _unguarded(above: Node, below: Node) -> Node:
    """``a`` for ``a where y is not 0, else 1`` below y: a guard that a formula does not need."""
    match below:
        case Elementwise("where", (test, value, Constant(Fraction()))) if test == above:
            return value
    return below


def _keyword(name: str, value: str) -> Symbol:
    """A keyword of a call in code: ``axis=1``."""
    return Symbol(f"{name}={value}", Kind.CONSTANT, f"{name}={value}")
