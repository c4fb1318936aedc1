"""Formulas in numpy notation, read without ever running them as Python.

    dW2 = delta2.T @ a1          Line("dW2", Formula(...))

Python's own parser reads the text after a look at its characters; an allow-list of its nodes is
turned into functions of named arrays. There are no attributes but ``.T``, ``.shape[k]``, ``.sum``,
``.mean`` and ``.dot``, no calls but those of a table, and nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bpsym.errors import ExpressionError, quoted, way_to
from bpsym.text.lexing import DEEPEST_BRACKETS, LONGEST_TEXT
from bpsym.verify.lines.numpy_functions import ELEMENTWISE, PAIRS, REDUCTIONS, slope

Array = npt.NDArray[Any]
Compute = Callable[[Mapping[str, Array]], Array]

MOST_NODES = 400
DEEPEST_TREE = 60
LARGEST_EXPONENT = 64
LARGEST_ARRAY = 10_000_000
LARGEST_NUMBER = 1e12

_CHARACTERS = re.compile(r"[A-Za-z0-9_+\-*/@.,()\[\]<>=&| \"']*")
_LEFT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]{0,39})\s*=(?!=)(.*)", re.DOTALL)


class ShapesError(ValueError):
    """Two operands whose shapes do not fit one another."""

    def __init__(self, one: tuple[int, ...], other: tuple[int, ...]) -> None:
        super().__init__(one, other)
        self.one, self.other = one, other


@dataclass(frozen=True, eq=False)
class Line:
    """``name = formula``. reads: the names on the right, in order of appearance."""

    text: str
    name: str
    compute: Compute
    reads: tuple[str, ...]


def read_line(text: str, where: str) -> Line:
    """Read one line.

    where: the place it came from, for messages. Raises ExpressionError.
    """
    if len(text) > LONGEST_TEXT:
        raise _refusal(where, "the line is too long", f"at most {LONGEST_TEXT} characters",
                       str(len(text)), "split it")  # fmt: skip
    code = text.split("#")[0].strip()
    if not _CHARACTERS.fullmatch(code):
        strange = next(c for c in code if not _CHARACTERS.fullmatch(c))
        raise _refusal(
            where,
            "this character has no meaning in a formula",
            "letters, digits, + - * / ** @ ( ) , . = < > & and |",
            quoted(strange),
            "write * for an elementwise product, @ for a matrix product, .T for a transpose",
        )
    if _depth(code) > DEEPEST_BRACKETS:
        raise _refusal(where, "the brackets nest too deeply", f"at most {DEEPEST_BRACKETS} levels",
                       "more", "split the line")  # fmt: skip
    match = _LEFT.fullmatch(code)
    if match is None:
        raise _refusal(
            where,
            "a line names what it gives",
            "name = formula",
            quoted(code),
            "write for example dW2 = delta2.T @ a1",
        )
    try:
        tree = ast.parse(match[2].strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refusal(
            where,
            "the formula breaks off",
            "operands with operators between them",
            quoted(match[2].strip()),
            "look for a missing operand, operator or bracket",
        ) from None
    reader = _Reader(where)
    compute = reader.value(tree, 1)
    return Line(code, match[1], compute, tuple(dict.fromkeys(reader.reads)))


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    return deepest


def _refusal(where: str, what: str, expected: str, got: str, way_out: str) -> ExpressionError:
    return ExpressionError.single(
        where=where, what=what, expected=expected, got=got, way_out=way_out
    )


_OPERATORS: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.MatMult: np.matmul,
    # Of conditions, which are 0 or 1: both, and either.
    ast.BitAnd: np.minimum,
    ast.BitOr: np.maximum,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Array, Array], Array]] = {
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
}


class _Reader:
    """Turns one formula into a function; counts nodes."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.nodes = 0
        self.reads: list[str] = []

    def value(self, node: ast.expr, depth: int) -> Compute:
        """The function that computes a node."""
        self.nodes += 1
        if depth > DEEPEST_TREE or self.nodes > MOST_NODES:
            raise _refusal(
                self.where, "the formula is too large", f"at most {MOST_NODES} parts", "more",
                "split it",
            )  # fmt: skip
        below = depth + 1
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return self._number(float(number))
            case ast.Name(id=name):
                self.reads.append(name)
                return lambda values: values[name]
            case ast.Subscript(value=ast.Name(), slice=ast.Constant(value=str() as name)):
                self.reads.append(name)
                return lambda values: values[name]
            case ast.Subscript(
                value=ast.Attribute(value=inner, attr="shape"),
                slice=ast.Constant(value=int() as at),
            ):
                part = self.value(inner, below)
                return lambda values: np.asarray(float(part(values).shape[at]))
            case ast.Attribute(value=inner, attr="T"):
                part = self.value(inner, below)
                return lambda values: part(values).T
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                part = self.value(operand, below)
                return lambda values: -part(values)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand, below)
            case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
                return self._power(base, exponent, below)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self._pair(_OPERATORS[type(op)], left, right, below)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                test = self._pair(_COMPARISONS[type(op)], left, right, below)
                return lambda values: test(values).astype(float)
            case ast.Call():
                return self._call(node, below)
        raise self._stranger(node)

    def _number(self, number: float) -> Compute:
        if abs(number) > LARGEST_NUMBER:
            raise _refusal(
                self.where, "a number is too large", f"up to {LARGEST_NUMBER:.0e}", str(number),
                "scale the formula",
            )  # fmt: skip
        array = np.asarray(number)
        return lambda values: array

    def _power(self, base: ast.expr, exponent: ast.expr, depth: int) -> Compute:
        sign = 1
        if isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
            sign, exponent = -1, exponent.operand
        if not isinstance(exponent, ast.Constant) or not isinstance(exponent.value, int | float):
            raise self._stranger(exponent)
        power = sign * float(exponent.value)
        if abs(power) > LARGEST_EXPONENT:
            raise self._stranger(exponent)
        part = self.value(base, depth)
        return lambda values: part(values) ** power

    def _pair(
        self,
        function: Callable[[Array, Array], Array],
        left: ast.expr,
        right: ast.expr,
        depth: int,
    ) -> Compute:
        one, other = self.value(left, depth), self.value(right, depth)

        def compute(values: Mapping[str, Array]) -> Array:
            a, b = np.asarray(one(values)), np.asarray(other(values))
            if a.size * b.size > LARGEST_ARRAY and function is np.outer:
                raise ValueError("the outer product is too large")
            try:
                return np.asarray(function(a, b))
            except ValueError as error:
                raise ShapesError(a.shape, b.shape) from error

        return compute

    def _call(self, node: ast.Call, depth: int) -> Compute:
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name), args=arguments
            ):
                return self._function(name, arguments, node.keywords, depth, node)
            case ast.Call(func=ast.Attribute(value=inner, attr="dot"), args=[other], keywords=[]):
                return self._pair(np.dot, inner, other, depth)
            case ast.Call(
                func=ast.Attribute(value=inner, attr="sum" | "mean" as name), args=arguments
            ):
                return self._reduction(name, inner, arguments, node.keywords, depth, node)
            case ast.Call(func=ast.Name(id="len"), args=[inner], keywords=[]):
                part = self.value(inner, depth)
                return lambda values: np.asarray(float(len(part(values))))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._function(name, arguments, node.keywords, depth, node)
        raise self._stranger(node)

    def _function(
        self,
        name: str,
        arguments: list[ast.expr],
        keywords: list[ast.keyword],
        depth: int,
        node: ast.expr,
    ) -> Compute:
        if name in REDUCTIONS and arguments:
            return self._reduction(name, arguments[0], arguments[1:], keywords, depth, node)
        if keywords:
            raise self._stranger(node)
        derivative = slope(name)
        single = ELEMENTWISE.get(name) or derivative
        if single is not None and len(arguments) == 1:
            part = self.value(arguments[0], depth)
            return lambda values: np.asarray(single(part(values)))
        if name in PAIRS and len(arguments) == 2:
            return self._pair(PAIRS[name], arguments[0], arguments[1], depth)
        if name == "where" and len(arguments) == 3:
            parts = [self.value(each, depth) for each in arguments]
            return lambda values: np.where(*(part(values) for part in parts))
        known = (*ELEMENTWISE, *PAIRS, *REDUCTIONS, "where", "len", "sigmoid_prime", "relu_prime")
        raise _refusal(
            self.where,
            "unknown function, or not these arguments",
            "one of " + ", ".join(sorted(known)),
            quoted(ast.unparse(node)),
            way_to(name, known, "write it with those"),
        )

    def _reduction(
        self,
        name: str,
        inner: ast.expr,
        arguments: list[ast.expr],
        keywords: list[ast.keyword],
        depth: int,
        node: ast.expr,
    ) -> Compute:
        options: dict[str, Any] = {}
        given = {**dict(zip(("axis",), arguments, strict=False)), **{
            str(each.arg): each.value for each in keywords
        }}  # fmt: skip
        for key, value in given.items():
            try:
                constant = ast.literal_eval(value)
            except ValueError:
                raise self._stranger(node) from None
            sound = constant in (None, 0, 1, -1, -2) if key == "axis" else constant in (True, False)
            if key not in ("axis", "keepdims") or not sound or len(arguments) > 1:
                raise self._stranger(node)
            options[key] = constant
        part = self.value(inner, depth)
        function = REDUCTIONS[name]
        return lambda values: np.asarray(function(part(values), **options))

    def _stranger(self, node: ast.expr) -> ExpressionError:
        return _refusal(
            self.where,
            "this has no meaning in a formula",
            "names, numbers, + - * / ** @, .T, comparisons, and functions such as np.sum",
            quoted(ast.unparse(node)),
            "write it with those",
        )
