"""Array nodes as numpy source."""

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
from bpsym.emit.source import (
    AND,
    ATOM,
    COMPARISON,
    POWER,
    PRODUCT,
    SUM,
    UNARY,
    Source,
    bracketed,
    call,
    chain,
)

_COMPARISONS = (">", ">=", "<", "<=")
_SHAPELESS = ("mask",)


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
                return self.source(argument).followed_by(".T")
            case Expand():
                return self._expand(node)
            case Window():
                return self._window(node)
            case MatMul(left, right):
                return self._chain([("", left), ("@", right)])
            case Reduce():
                return self._reduce(node)
            case Rowwise(kernel, argument):
                return self._call(kernel + "_columns" * self.columns, [argument])
            case Concatenate(blocks, position, _):
                listed = bracketed("[", tuple(map(self.source, blocks)), "]")
                return call("np.concatenate", [listed, Source(f"axis={position}")])
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

    def _expand(self, node: Expand) -> Source:
        places = ("None" if new else ":" for new in node.is_new)
        return self.source(node.argument).followed_by(f"[{', '.join(places)}]")

    def _window(self, node: Window) -> Source:
        start, stop = (sum(self.sizes[label] for label in each) for each in (node.start, node.stop))
        before = ":, " * node.position
        after = ", :" * (len(node.axes) - node.position - 1) if node.position == 0 else ""
        window = f"{before}{start or ''}:{stop}{after if node.position else ''}"
        return self.source(node.argument).followed_by(f"[{window}]")

    def _reduce(self, node: Reduce) -> Source:
        axes = node.argument.axes
        if not node.keep and all(axes[at] is None for at in node.positions):
            places = ("0" if at in node.positions else ":" for at in range(len(axes)))
            return self.source(node.argument).followed_by(f"[{', '.join(places)}]")
        everything = len(node.positions) == len(node.argument.axes)
        axis = "" if everything else f"axis={node.positions[0]}"
        if not everything and len(node.positions) > 1:
            axis = f"axis={node.positions}"
        keep = "keepdims=True" if node.keep else ""
        options = [each for each in (axis, keep) if each]
        argument = self.source(node.argument)
        if isinstance(node.argument, Read) and "[" not in argument.text:
            return call(f"{argument.text}.sum", [Source(each) for each in options])
        arguments = (argument, *(Source(each) for each in options))
        return call("np.sum", arguments)

    def _einsum(self, node: Einsum) -> Source:
        inputs = ",".join("".join(str(axis) for axis in each.axes) for each in node.arguments)
        outputs = "".join(str(axis) for axis in node.axes)
        arguments = [Source(f'"{inputs}->{outputs}"'), *map(self.source, node.arguments)]
        return call("np.einsum", arguments)

    def _call(self, function: str, arguments: Sequence[Node]) -> Source:
        prefix = "" if function in self.defined or function in KERNELS else "np."
        return call(prefix + function, [self.source(each) for each in arguments])

    def _elementwise(self, node: Elementwise) -> Source:
        operator, arguments = node.operator, node.arguments
        if operator == "+":
            return self._sum(arguments)
        if operator in ("*", "/"):
            return self._product(node)
        if operator == "neg":
            return self.source(arguments[0]).negative()
        if operator == "**":
            return self._power(arguments[0], arguments[1])
        if operator in _COMPARISONS:
            left, right = (self.source(each).within(SUM) for each in arguments)
            return chain([("", left), (operator, right)], COMPARISON)
        if operator in ("&", "|"):
            tests = [bracketed("(", (self.source(each),), ")") for each in arguments]
            return chain([(operator if at else "", each) for at, each in enumerate(tests)], AND)
        if operator == "mask":
            test = bracketed("(", (self.source(arguments[0]),), ")")
            return test.followed_by(f".astype({self._typed(arguments[0])}.dtype)")
        if operator == "where" and all(isinstance(each, Constant) for each in arguments[1:]):
            choice = self._call("where", arguments)
            return choice.followed_by(f".astype({self._typed(arguments[0])}.dtype)")
        return self._call(operator, arguments)

    def _typed(self, node: Node) -> str:
        """An array of the floating type in use, for results that have none of their own."""
        return next(self.read(each.name) for each in walk(node) if isinstance(each, Read))

    def _sum(self, arguments: Sequence[Node]) -> Source:
        operands: list[tuple[str, Node]] = []
        for node in arguments:
            if isinstance(node, Elementwise) and node.operator == "neg" and operands:
                operands.append(("-", node.arguments[0]))
            elif operands and (positive := _opposite(node)) is not None:
                operands.append(("-", positive))
            else:
                operands.append(("+", node))
        pieces: list[tuple[str, Source]] = []
        for operator, node in operands:
            source = self.source(node)
            bracket = PRODUCT if operator == "-" else SUM
            pieces.append((operator if pieces else "", source.within(bracket)))
        return chain(pieces, SUM)

    def _product(self, node: Elementwise) -> Source:
        factors: list[tuple[str, Node]] = []
        _flatten_product(node, "", factors)
        return self._chain(self._without_ones(factors))

    def _without_ones(self, factors: list[tuple[str, Node]]) -> list[tuple[str, Node]]:
        """Factors and divisors of one are left out: a mean over a single output, ``1 * mask``."""
        kept = [(op, node) for op, node in factors if not (op and self._is_one(node))]
        if len(kept) > 1 and self._is_one(kept[0][1]) and kept[1][0] == "*":
            kept = [("", kept[1][1]), *kept[2:]]
        return kept

    def _is_one(self, node: Node) -> bool:
        return isinstance(node, Constant) and self.sizes.get(str(node.value), node.value) == 1

    def _chain(self, factors: Sequence[tuple[str, Node]]) -> Source:
        if len(factors) == 1:
            return self.source(factors[0][1])
        pieces: list[tuple[str, Source]] = []
        floating = any(_is_floating(node) for _, node in factors)
        for operator, node in factors:
            tight = operator in ("/", "@") or (operator == "" and not pieces)
            if isinstance(node, Elementwise) and node.operator == "mask" and floating:
                source = bracketed("(", (self.source(node.arguments[0]),), ")")
            else:
                source = self.source(node)
            # a * (B @ C): both operators bind alike and from the left.
            product = isinstance(node, MatMul) and operator != ""
            nested = source.precedence == PRODUCT and (operator in ("/", "@") or product)
            needed = UNARY if nested or (tight and operator) else PRODUCT
            pieces.append((operator, source.within(needed)))
        return chain(pieces, PRODUCT)

    def _power(self, base: Node, exponent: Node) -> Source:
        left, right = self.source(base), self.source(exponent)
        simple = isinstance(base, Read | Constant) and "[" not in left.text
        power = right.within(UNARY).text
        gap = "" if simple and isinstance(exponent, Constant) else " "
        whole = left.within(ATOM)
        if whole.bracket is None:
            return Source(f"{whole.text}{gap}**{gap}{power}", POWER)
        parts = whole.bracket
        closing = f"{parts.closing}{gap}**{gap}{power}"
        return bracketed(parts.opening, parts.content, closing, POWER)


def _flatten_product(node: Node, operator: str, factors: list[tuple[str, Node]]) -> None:
    """``(a * b) / c * d`` as one chain, where that keeps the order of evaluation."""
    if isinstance(node, Elementwise) and node.operator == "*" and operator in ("", "*"):
        for at, argument in enumerate(node.arguments):
            _flatten_product(argument, operator if at == 0 else "*", factors)
    elif isinstance(node, Elementwise) and node.operator == "/" and operator in ("", "*"):
        numerator, denominator = node.arguments
        _flatten_product(numerator, operator, factors)
        factors.append(("/", denominator))
    elif isinstance(node, MatMul) and operator == "":
        factors.extend([("", node.left), ("@", node.right)])
    else:
        factors.append((operator, node))


def _opposite(node: Node) -> Constant | None:
    """The number without its minus sign, for a negative number."""
    if isinstance(node, Constant) and isinstance(node.value, Fraction) and node.value < 0:
        return Constant(-node.value)
    return None


def _is_floating(node: Node) -> bool:
    """Whether a factor is an array of floats, so that a bool mask may multiply it."""
    if isinstance(node, Elementwise) and node.operator == "mask":
        return False
    return any(isinstance(each, Read) for each in walk(node))
