"""The value of a formula tree, for all values of its free indices at once.

An index becomes an axis: the free ones are the last axes, in order, and each sum adds an axis in
front while its body is computed. Without indices, a product side by side is that of matrices.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Cases,
    Comparison,
    Conjunction,
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
    Summation,
    Symbol,
    Terms,
    Transpose,
    symbols,
    walk,
)
from bpsym.verify.lines.arranged import RATE, STEP, Arranged
from bpsym.verify.reading.symbols import ONES

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.cases import Array
    from bpsym.verify.lines.function_values import FunctionValues

LARGEST = 10_000_000
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MATRIX = 2
NO_LOCALS: Mapping[str, Any] = MappingProxyType({})


class FormulaError(ValueError):
    """A formula that has no value. key: of the sentence that says why; fields: for it."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


@dataclass(frozen=True, eq=False)
class TreeValues:
    """Computes formulas at one point.

    at: the point as the text arranges it. letters: the axis of each free or summed index, counting
    from 1. matrix: whether the formula is one of whole matrices. local: arguments of a function
    that is being defined.
    """

    at: Arranged
    functions: FunctionValues
    letters: Mapping[str, Array] = field(default_factory=dict)
    matrix: bool = False
    local: Mapping[str, Any] = field(default_factory=lambda: NO_LOCALS)

    @property
    def depth(self) -> int:
        """How many axes there are."""
        return max((each.ndim for each in self.letters.values()), default=0)

    def with_letter(self, name: str, numbers: Array) -> TreeValues:
        """The same inside of a sum: the index has the axis in front."""
        axis = numbers.reshape((-1, *(1,) * self.depth))
        letters = {**self.letters, name: axis}
        return TreeValues(self.at, self.functions, letters, self.matrix, self.local)

    def of(self, formula: Formula) -> Array:
        """The value. Raises FormulaError for what has none, ValueError for shapes that clash."""
        match formula:
            case Symbol():
                return self._symbol(formula)
            case Number(value):
                return np.asarray(float(value))
            case Terms(terms):
                return reduce(np.add, (self.of(each) * sign for sign, each in terms))
            case Product(factors) if self.matrix and _has_ones(factors):
                return self._with_ones(factors)
            case Product(factors, joint):
                return self._product([self.of(each) for each in factors], joint)
            case Quotient(above, below):
                return np.asarray(self.of(above) / self.of(below))
            case Power(base, exponent):
                whole = exponent.denominator == 1
                return np.asarray(self.of(base) ** (int(exponent) if whole else float(exponent)))
            case Summation():
                return self._sum(formula)
            case Apply(function, arguments):
                return self._applied(function, arguments)
            case Bracket(condition):
                return np.asarray(self._holds(condition)).astype(float)
            case Cases(branches):
                return self._cases(branches)
            case Transpose(argument):
                return self.of(argument).T
            case Partial(of, by):
                return self._partial(of, by)
            case Matrix(rows) if self.matrix:
                return np.asarray(np.block([[self.of(each) for each in row] for row in rows]))
        raise FormulaError("no value")

    def _symbol(self, symbol: Symbol) -> Array:
        name = symbol.name
        if name in self.local:
            return np.asarray(self.local[name])
        match symbol.kind:
            case Kind.INDEX:
                return self._index(name)
            case Kind.SIZE:
                return np.asarray(float(self.at.size(name)))
            case Kind.CONSTANT:
                return np.asarray({"pi": math.pi, "e": math.e}[name])
        if name in self.at.own:
            own = self.at.own[name]
            return own if self.matrix else self._element(own, symbol)
        if name == "eta":
            return np.asarray(RATE)
        if name.startswith(STEP):
            array = self.at.matrix(name) if self.matrix else self.at.step(name.removeprefix(STEP))
        else:
            array = self.at.matrix(name) if self.matrix else self.at.element(name)
        return array if self.matrix else self._element(array, symbol)

    def _index(self, name: str) -> Array:
        if name not in self.letters:
            raise FormulaError("unbound", letter=name)
        return self.letters[name]

    def _element(self, array: Array, *indexed: Symbol) -> Array:
        """The entries of an array at subscripts, for all values of the letters."""
        places = [each for symbol in indexed for each in symbol.subscripts]
        name = indexed[0].base
        if not places and array.size == 1:
            return array.reshape(())
        if len(places) != array.ndim:
            raise FormulaError("subscripts", name=name, count=len(places), wanted=array.ndim)
        numbers = []
        for place, length in zip(places, array.shape, strict=True):
            at = np.rint(self.of(place)).astype(int)
            if at.size and (at.min() < 1 or at.max() > length):
                raise FormulaError("range", name=name, length=length)
            numbers.append(at - 1)
        self._check(*numbers)
        return np.asarray(array[tuple(numbers)])

    def _check(self, *arrays: Array) -> None:
        entries = math.prod(np.broadcast_shapes(*(each.shape for each in arrays)))
        if entries > LARGEST:
            raise FormulaError("large", entries=entries)

    def _product(self, values: list[Array], joint: Joint) -> Array:
        result = values[0]
        for value in values[1:]:
            matrices = self.matrix and joint is not Joint.HADAMARD
            if matrices and result.ndim == value.ndim == _MATRIX:
                result = result @ value
                continue
            if matrices and result.ndim and value.ndim and result.shape != value.shape:
                raise FormulaError("shapes", one=result.shape, other=value.shape)
            self._check(result, value)
            # A factor 0 makes 0, whatever stands beside it: [y > 0] log y.
            zero = (result == 0) | (value == 0)
            result = np.asarray(np.where(zero, 0.0, result * value))
        return result

    def _with_ones(self, factors: tuple[Formula, ...]) -> Array:
        """``delta^T 1`` is the vector of column sums of delta, ``u 1`` the column of row sums."""
        at = next(at for at, each in enumerate(factors) if _has_ones((each,)))
        before, after = factors[:at], factors[at + 1 :]
        if isinstance(factors[at], Transpose):
            if not after:
                raise FormulaError("no value")
            right = self.of(Product(after))
            sums = np.asarray(np.sum(right, axis=0, keepdims=right.ndim == _MATRIX))
            return self._product([*(self.of(each) for each in before), sums], Joint.BESIDE)
        if not before:
            raise FormulaError("no value")
        left = self.of(Product(before))
        of_columns = isinstance(before[-1], Transpose)
        sums = np.asarray(np.sum(left, axis=-1, keepdims=left.ndim == _MATRIX and not of_columns))
        return self._product([sums, *(self.of(each) for each in after)], Joint.BESIDE)

    def _sum(self, node: Summation) -> Array:
        lower = int(self.of(node.lower))
        upper = node.upper
        last = self._range(node) if upper == node.index else int(self.of(upper))
        entries = max(last + 1 - lower, 0) * math.prod(each.size for each in self.letters.values())
        if entries > LARGEST:
            raise FormulaError("large", entries=entries)
        numbers = np.arange(lower, last + 1)
        inner = self.with_letter(node.index.name, numbers)
        body = inner.of(node.body)
        if body.ndim <= self.depth:
            return np.asarray(body * float(len(numbers)))
        return np.asarray(np.sum(body, axis=0))

    def _range(self, node: Summation) -> int:
        return range_of(node.index, node.body, self.at)

    def _applied(self, function: str | Prime, arguments: tuple[Formula, ...]) -> Array:
        if function == "np.sum":
            return self._total(arguments)
        if function == "softmax":
            return self._softmax(self.of(arguments[0]))
        values = [self.of(each) for each in arguments]
        if isinstance(function, Prime):
            return np.asarray(self.functions.slope(function.function)(*values))
        return np.asarray(self.functions.value(function)(*values))

    def _total(self, arguments: tuple[Formula, ...]) -> Array:
        keywords = [each.name for each in arguments[1:] if isinstance(each, Symbol)]
        axis = next((int(each[-1]) for each in keywords if each.startswith("axis=")), None)
        keep = "keepdims=True" in keywords
        value = self.of(arguments[0])
        if axis is not None and axis >= value.ndim:
            raise FormulaError("axis", axis=axis, shape=value.shape)
        return np.asarray(np.sum(value, axis=axis, keepdims=keep))

    def _softmax(self, z: Array) -> Array:
        if not self.matrix:
            raise FormulaError("no value")
        axis = 1 if self.at.convention.samples == "rows" else 0
        shifted = np.exp(z - z.max(axis=axis, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=axis, keepdims=True))

    def _cases(self, branches: tuple[tuple[Formula, Formula | None], ...]) -> Array:
        tests = [True if test is None else self._holds(test) for _, test in branches]
        values = [self.of(value) for value, _ in branches]
        shape = np.broadcast_shapes(*(np.shape(each) for each in (*tests, *values)))
        return np.select(
            [np.broadcast_to(np.asarray(each, dtype=bool), shape) for each in tests],
            [np.broadcast_to(each, shape) for each in values],
            default=np.nan,
        )

    def _holds(self, condition: Formula) -> Any:
        match condition:
            case Conjunction(conditions):
                return reduce(np.logical_and, map(self._holds, conditions))
            case Comparison(first, rest):
                left, found = self.of(first), np.asarray(True)
                for relation, side in rest:
                    right = self.of(side)
                    found = np.logical_and(found, _COMPARE[relation](left, right))
                    left = right
                return found
        raise FormulaError("no value")

    def _slope(self, of: Apply, function: str, by: Formula) -> Array:
        """The derivative of a function of functions in one of the letters below."""
        inside = [
            (position, each)
            for position, each in enumerate(of.arguments)
            if any(part == by for part in walk(each))
        ]
        if not inside:
            raise FormulaError("no value")
        values = [self.of(each) for each in of.arguments]
        terms = []
        for position, each in inside:
            slope = np.asarray(self.functions.slope(function, position)(*values))
            terms.append(slope if each == by else slope * self._partial(each, by))
        return np.asarray(sum(terms))

    def _partial(self, of: Formula, by: Formula) -> Array:
        if isinstance(of, Apply) and isinstance(of.function, str):
            return self._slope(of, of.function, by)
        if not isinstance(of, Symbol) or not isinstance(by, Symbol):
            raise FormulaError("no value")
        if of.name != "C":
            if self.matrix:
                raise FormulaError("between matrices")
            return self._element(self.at.between(of.name, by.name), of, by)
        if by.name in self.at.of_adjoint or by.name.startswith(STEP):
            raise FormulaError("no value")
        array = self.at.derivative(by.name, matrix=self.matrix)
        return array if self.matrix else self._element(array, by)


def range_of(index: Symbol, body: Formula, at: Arranged) -> int:
    """How far an index runs that has no limits: through the dimension that it stands in."""
    for symbol in symbols(body):
        if symbol.kind is Kind.TENSOR and index in symbol.subscripts:
            array = at.own[symbol.name] if symbol.name in at.own else at.element(symbol.name)
            return int(array.shape[symbol.subscripts.index(index)])
    raise FormulaError("no range", letter=index.name)


def _has_ones(factors: tuple[Formula, ...]) -> bool:
    """Whether a vector of ones, or its transpose, is one of the factors."""
    bare = [each.argument if isinstance(each, Transpose) else each for each in factors]
    return ONES in bare
