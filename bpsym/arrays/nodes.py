"""The nodes of an array program: few, closed, and each with the axes of its value.

An axis is an index letter, or None for a dimension of length one. The numpy text and the matrix
view of a derivation are printed from the same nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

Axes = tuple[str | None, ...]


@dataclass(frozen=True)
class Read:
    """A stored array, by name."""

    name: str
    axes: Axes


@dataclass(frozen=True)
class Constant:
    """A number, or a size by its label."""

    value: Fraction | str
    axes: Axes = ()


@dataclass(frozen=True)
class Transpose:
    """The transposed view of a matrix."""

    argument: Node

    @property
    def axes(self) -> Axes:
        return self.argument.axes[::-1]


@dataclass(frozen=True)
class Expand:
    """New dimensions of length one where ``axes`` has None and the argument has nothing."""

    argument: Node
    axes: Axes


@dataclass(frozen=True)
class Window:
    """A part of an array along one axis: ``start`` is a size, ``stop`` likewise."""

    argument: Node
    position: int
    start: tuple[str, ...]
    stop: tuple[str, ...]

    @property
    def axes(self) -> Axes:
        return self.argument.axes


@dataclass(frozen=True)
class MatMul:
    """The matrix product; the last axis of ``left`` is the first of ``right``."""

    left: Node
    right: Node

    @property
    def axes(self) -> Axes:
        return (self.left.axes[0], self.right.axes[1])


@dataclass(frozen=True)
class Elementwise:
    """An operator or function applied entry by entry, arguments broadcast.

    operator: ``+ * / ** neg > >= < <=`` or the name of a function or kernel.
    """

    operator: str
    arguments: tuple[Node, ...]
    axes: Axes


@dataclass(frozen=True)
class Reduce:
    """The sum over some axes; a kept axis stays with length one."""

    argument: Node
    positions: tuple[int, ...]
    keep: bool

    @property
    def axes(self) -> Axes:
        if self.keep:
            return tuple(
                None if at in self.positions else axis for at, axis in enumerate(self.argument.axes)
            )
        return tuple(axis for at, axis in enumerate(self.argument.axes) if at not in self.positions)


@dataclass(frozen=True)
class Einsum:
    """A contraction that is no matrix product, such as one with a tensor of rank three."""

    arguments: tuple[Node, ...]
    axes: Axes


@dataclass(frozen=True)
class Rowwise:
    """A kernel that acts on a whole row of one sample, such as a softmax.

    summed: the axis that it leaves with length one, for a kernel that gives one number for a row.
    """

    kernel: str
    argument: Node
    summed: int | None = None

    @property
    def axes(self) -> Axes:
        return tuple(
            None if at == self.summed else axis for at, axis in enumerate(self.argument.axes)
        )


@dataclass(frozen=True)
class Concatenate:
    """Blocks side by side along one axis."""

    blocks: tuple[Node, ...]
    position: int
    axes: Axes


Node = (
    Read
    | Constant
    | Transpose
    | Expand
    | Window
    | MatMul
    | Elementwise
    | Reduce
    | Einsum
    | Rowwise
    | Concatenate
)


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes that a node is made of."""
    match node:
        case Transpose(argument) | Expand(argument) | Window(argument) | Reduce(argument):
            return (argument,)
        case Rowwise(_, argument):
            return (argument,)
        case MatMul(left, right):
            return (left, right)
        case Elementwise(_, arguments) | Einsum(arguments):
            return arguments
        case Concatenate(blocks):
            return blocks
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for part in parts(node):
        yield from walk(part)


def reads(node: Node) -> Iterator[str]:
    """The names of the arrays that a node reads, once for each place."""
    return (each.name for each in walk(node) if isinstance(each, Read))


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with ``change`` applied to everything below it, then to itself."""
    match node:
        case Transpose() | Expand() | Window() | Reduce() | Rowwise():
            node = replace(node, argument=rebuild(node.argument, change))
        case MatMul(left, right):
            node = MatMul(rebuild(left, change), rebuild(right, change))
        case Elementwise() | Einsum():
            node = replace(node, arguments=tuple(rebuild(each, change) for each in node.arguments))
        case Concatenate():
            node = replace(node, blocks=tuple(rebuild(each, change) for each in node.blocks))
        case _:
            pass
    return change(node)
