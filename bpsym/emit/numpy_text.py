"""Array nodes as numpy source, wrapped the way the formatter would wrap it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bpsym.arrays.kernels import KERNELS
from bpsym.arrays.nodes import (
    Concatenate,
    Constant,
    Einsum,
    Elementwise,
    Expand,
    MatMul,
    Node,
    Read,
    Reduce,
    Rowwise,
    Transpose,
    Window,
    walk,
)

WIDTH = 100
INDENT = "    "

COMPARISON, AND, SUM, PRODUCT, UNARY, POWER, ATOM = range(7)

_COMPARISONS = (">", ">=", "<", "<=")
_SHAPELESS = ("mask",)


@dataclass(frozen=True)
class Source:
    """A piece of source text with its precedence.

    operands: the operands of a chain of binary operators, each with the operator before it.
    call: the text before the bracket and the arguments, for a function call.
    """

    text: str
    precedence: int = ATOM
    operands: tuple[tuple[str, Source], ...] = ()
    call: tuple[str, tuple[Source, ...]] | None = None

    def within(self, precedence: int) -> str:
        """The text, in brackets where the surroundings bind tighter."""
        return self.text if self.precedence >= precedence else f"({self.text})"


@dataclass(frozen=True)
class NumpyPrinter:
    """Prints nodes.

    read: how a tensor is written, ``params["W1"]`` or ``W1``. sizes: the number of each label.
    columns: whether samples are columns, for kernels that act on one sample.
    defined: functions that the module defines itself; all others are numpy's.
    """

    read: Callable[[str], str]
    sizes: Mapping[str, int]
    columns: bool
    defined: frozenset[str] = frozenset()

    def text(self, node: Node) -> str:
        """One line of source."""
        return self.source(node).text

    def source(self, node: Node) -> Source:
        """The source of a node."""
        match node:
            case Read(name, _):
                return Source(self.read(name))
            case Constant(value, _):
                return self._constant(value)
            case Transpose(argument):
                return Source(self.source(argument).within(ATOM) + ".T")
            case Expand(argument, axes):
                return self._expand(argument, axes)
            case Window():
                return self._window(node)
            case MatMul(left, right):
                return self._chain([("", left), ("@", right)])
            case Reduce():
                return self._reduce(node)
            case Rowwise(kernel, argument):
                return self._call(kernel + "_columns" * self.columns, [argument])
            case Concatenate(blocks, position, _):
                inner = ", ".join(self.text(block) for block in blocks)
                return Source(f"np.concatenate([{inner}], axis={position})")
            case Einsum():
                return self._einsum(node)
            case Elementwise():
                return self._elementwise(node)

    def _constant(self, value: Fraction | str) -> Source:
        if isinstance(value, str):
            return Source(str(self.sizes.get(value, value)))
        if value.denominator == 1:
            return Source(str(value.numerator))
        return Source(repr(float(value)))

    def _expand(self, argument: Node, axes: tuple[str | None, ...]) -> Source:
        places = ", ".join("None" if axis is None else ":" for axis in axes)
        return Source(f"{self.source(argument).within(ATOM)}[{places}]")

    def _window(self, node: Window) -> Source:
        start, stop = (sum(self.sizes[label] for label in each) for each in (node.start, node.stop))
        before = ":, " * node.position
        after = ", :" * (len(node.axes) - node.position - 1) if node.position == 0 else ""
        window = f"{before}{start or ''}:{stop}{after if node.position else ''}"
        return Source(f"{self.source(node.argument).within(ATOM)}[{window}]")

    def _reduce(self, node: Reduce) -> Source:
        everything = len(node.positions) == len(node.argument.axes)
        axis = "" if everything else f"axis={node.positions[0]}"
        if not everything and len(node.positions) > 1:
            axis = f"axis={node.positions}"
        keep = "keepdims=True" if node.keep else ""
        options = [each for each in (axis, keep) if each]
        argument = self.source(node.argument)
        if isinstance(node.argument, Read) and "[" not in argument.text:
            return Source(f"{argument.text}.sum({', '.join(options)})")
        arguments = (argument, *(Source(each) for each in options))
        return _call("np.sum", arguments)

    def _einsum(self, node: Einsum) -> Source:
        inputs = ",".join("".join(str(axis) for axis in each.axes) for each in node.arguments)
        outputs = "".join(str(axis) for axis in node.axes)
        arguments = [Source(f'"{inputs}->{outputs}"'), *map(self.source, node.arguments)]
        return _call("np.einsum", tuple(arguments))

    def _call(self, function: str, arguments: Sequence[Node]) -> Source:
        prefix = "" if function in self.defined or function in KERNELS else "np."
        return _call(prefix + function, tuple(self.source(each) for each in arguments))

    def _elementwise(self, node: Elementwise) -> Source:
        operator, arguments = node.operator, node.arguments
        if operator == "+":
            return self._sum(arguments)
        if operator in ("*", "/"):
            return self._product(node)
        if operator == "neg":
            return Source("-" + self.source(arguments[0]).within(PRODUCT), UNARY)
        if operator == "**":
            return self._power(arguments[0], arguments[1])
        if operator in _COMPARISONS:
            left, right = (self.source(each).within(SUM) for each in arguments)
            return Source(f"{left} {operator} {right}", COMPARISON)
        if operator in ("&", "|"):
            tests = (f"({self.text(each)})" for each in arguments)
            return Source(f" {operator} ".join(tests), AND)
        if operator == "mask":
            test = self.source(arguments[0])
            return Source(f"({test.text}).astype({self._typed(arguments[0])}.dtype)")
        if operator == "where" and all(isinstance(each, Constant) for each in arguments[1:]):
            call = self._call("where", arguments)
            return Source(f"{call.text}.astype({self._typed(arguments[0])}.dtype)")
        return self._call(operator, arguments)

    def _typed(self, node: Node) -> str:
        """An array of the floating type in use, for results that have none of their own."""
        return next(self.read(each.name) for each in walk(node) if isinstance(each, Read))

    def _sum(self, arguments: Sequence[Node]) -> Source:
        operands: list[tuple[str, Node]] = []
        for node in arguments:
            if isinstance(node, Elementwise) and node.operator == "neg" and operands:
                operands.append(("-", node.arguments[0]))
            else:
                operands.append(("+", node))
        pieces: list[tuple[str, Source]] = []
        for operator, node in operands:
            source = self.source(node)
            bracket = PRODUCT if operator == "-" else SUM
            pieces.append((operator if pieces else "", _bracketed(source, bracket)))
        return _joined(pieces, SUM)

    def _product(self, node: Elementwise) -> Source:
        chain: list[tuple[str, Node]] = []
        _flatten_product(node, "", chain)
        return self._chain(chain)

    def _chain(self, chain: Sequence[tuple[str, Node]]) -> Source:
        pieces: list[tuple[str, Source]] = []
        floating = any(_is_floating(node) for _, node in chain)
        for operator, node in chain:
            tight = operator in ("/", "@") or (operator == "" and not pieces)
            if isinstance(node, Elementwise) and node.operator == "mask" and floating:
                source = Source(f"({self.text(node.arguments[0])})")
            else:
                source = self.source(node)
            # a * (B @ C): both operators bind alike and from the left.
            product = isinstance(node, MatMul) and operator != ""
            nested = source.precedence == PRODUCT and (operator in ("/", "@") or product)
            needed = UNARY if nested or (tight and operator) else PRODUCT
            pieces.append((operator, _bracketed(source, needed)))
        return _joined(pieces, PRODUCT)

    def _power(self, base: Node, exponent: Node) -> Source:
        left, right = self.source(base), self.source(exponent)
        simple = isinstance(base, Read | Constant) and "[" not in left.text
        text = left.within(ATOM)
        gap = "" if simple and isinstance(exponent, Constant) else " "
        return Source(f"{text}{gap}**{gap}{right.within(UNARY)}", POWER)


def _flatten_product(node: Node, operator: str, chain: list[tuple[str, Node]]) -> None:
    """``(a * b) / c * d`` as one chain, where that keeps the order of evaluation."""
    if isinstance(node, Elementwise) and node.operator == "*" and operator in ("", "*"):
        for at, argument in enumerate(node.arguments):
            _flatten_product(argument, operator if at == 0 else "*", chain)
    elif isinstance(node, Elementwise) and node.operator == "/" and operator in ("", "*"):
        numerator, denominator = node.arguments
        _flatten_product(numerator, operator, chain)
        chain.append(("/", denominator))
    elif isinstance(node, MatMul) and operator == "":
        chain.extend([("", node.left), ("@", node.right)])
    else:
        chain.append((operator, node))


def _is_floating(node: Node) -> bool:
    """Whether a factor is an array of floats, so that a bool mask may multiply it."""
    if isinstance(node, Elementwise) and node.operator == "mask":
        return False
    return any(isinstance(each, Read) for each in walk(node))


def _bracketed(source: Source, precedence: int) -> Source:
    return source if source.precedence >= precedence else Source(f"({source.text})")


def _joined(pieces: Sequence[tuple[str, Source]], precedence: int) -> Source:
    text = " ".join(
        f"{operator} {each.text}" if operator else each.text for operator, each in pieces
    )
    return Source(text, precedence, tuple(pieces))


def _call(function: str, arguments: tuple[Source, ...]) -> Source:
    inner = ", ".join(each.text for each in arguments)
    return Source(f"{function}({inner})", ATOM, call=(function, arguments))


def statement(head: str, source: Source, indent: int = 1, tail: str = "") -> list[str]:
    """``head`` followed by an expression, in lines of at most WIDTH, as the formatter has it."""
    space = INDENT * indent
    line = f"{space}{head}{source.text}{tail}"
    if len(line) <= WIDTH:
        return [line]
    if source.call is not None:
        function, arguments = source.call
        return [
            f"{space}{head}{function}(",
            *_body(arguments, indent + 1),
            f"{space}){tail}",
        ]
    if source.operands:
        return [f"{space}{head}(", *_operands(source, indent + 1), f"{space}){tail}"]
    return [line]


def _body(arguments: tuple[Source, ...], indent: int) -> list[str]:
    space = INDENT * indent
    line = space + ", ".join(each.text for each in arguments)
    if len(line) <= WIDTH:
        return [line]
    if len(arguments) == 1:
        only = arguments[0]
        if only.operands:
            return _operands(only, indent)
        if only.call is not None:
            function, inner = only.call
            return [f"{space}{function}(", *_body(inner, indent + 1), f"{space})"]
        return [line]
    return [f"{space}{each.text}," for each in arguments]


def _operands(source: Source, indent: int) -> list[str]:
    space = INDENT * indent
    return [
        f"{space}{operator} {each.text}" if operator else f"{space}{each.text}"
        for operator, each in source.operands
    ]
