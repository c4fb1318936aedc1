"""The nodes of an array program: few, closed, and each with the axes of its value.

An axis is an index letter, or None for a dimension of length one. The numpy text and the matrix
view of a derivation are printed from the same nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import attrgetter, is_
from types import MappingProxyType
from typing import Any

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

    @property
    def is_new(self) -> tuple[bool, ...]:
        """Which of its axes the argument does not have, some of length one among those it has."""
        given = iter((*self.argument.axes, ""))
        following = next(given)
        new = []
        for axis in self.axes:
            new.append(axis != following)
            following = following if new[-1] else next(given)
        return tuple(new)


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


_PARTS: Mapping[type, Callable[[Any], tuple[Node, ...]]] = MappingProxyType(
    {
        Read: lambda node: (),
        Constant: lambda node: (),
        Elementwise: attrgetter("arguments"),
        Einsum: attrgetter("arguments"),
        Concatenate: attrgetter("blocks"),
        MatMul: attrgetter("left", "right"),
        **{
            kind: lambda node: (node.argument,)
            for kind in (Transpose, Expand, Window, Reduce, Rowwise)
        },
    }
)


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes that a node is made of."""
    return _PARTS[type(node)](node)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, from left to right."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(parts(node)))


def reads(node: Node) -> Iterator[str]:
    """The names of the arrays that a node reads, once for each place."""
    return (each.name for each in walk(node) if isinstance(each, Read))


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with ``change`` applied to everything below it, then to itself.

    What does not change stays the same object.
    """
    old = parts(node)
    if old:
        new = tuple([rebuild(each, change) for each in old])
        if not all(map(is_, old, new)):
            node = _with_parts(node, new)
    return change(node)


def _with_parts(node: Node, new: tuple[Node, ...]) -> Node:
    match node:
        case MatMul():
            return MatMul(*new)
        case Elementwise(operator, _, axes):
            return Elementwise(operator, new, axes)
        case Transpose():
            return Transpose(new[0])
        case Reduce(_, positions, keep):
            return Reduce(new[0], positions, keep)
        case Einsum(_, axes):
            return Einsum(new, axes)
        case Concatenate(_, position, axes):
            return Concatenate(new, position, axes)
        case Read() | Constant():
            return node
        case _:
            return replace(node, argument=new[0])
