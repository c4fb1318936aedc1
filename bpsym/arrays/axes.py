"""Axes of arrays: bringing them to a wanted order, or so that they broadcast."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.arrays.nodes import Axes, Einsum, Elementwise, Expand, Node, Reduce, Transpose
from bpsym.arrays.refusal import not_yet


def aligned(nodes: Sequence[Node], order: tuple[str, ...]) -> tuple[list[Node], Axes]:
    """Bring arrays to axes that broadcast, in the order of ``order``."""
    present = {axis for node in nodes for axis in node.axes if axis is not None}
    full: Axes = tuple(axis for axis in order if axis in present)
    longest = max((node.axes for node in nodes), key=len, default=())
    if len(longest) > len(full) and present <= set(longest):
        full = longest  # all of them with a dimension of length one: they agree as they stand
    return [fitted(node, full) for node in nodes], full


def fitted(node: Node, full: Axes) -> Node:
    """An array with the axes ``full``, or with the last of them: so that it broadcasts.

    Raises EmitError where its axes are others.
    """
    axes = node.axes
    if not axes or broadcasts(axes, full):
        return node
    if isinstance(node, Elementwise) and node.operator == "neg":  # x - y, not x + (-y)
        inner = fitted(node.arguments[0], full)
        return Elementwise("neg", (inner,), inner.axes)
    if len(axes) == 2 and broadcasts(axes[::-1], full):
        return Transpose(node)
    kept = tuple(axis if axis in axes else None for axis in full)
    if isinstance(node, Reduce):
        again = Reduce(node.argument, node.positions, keep=True)
        if broadcasts(again.axes, full):
            return again
        node = Reduce(node.argument, node.positions, keep=False)
    if None in node.axes:
        for turned in (node, Transpose(node))[: len(node.axes)]:
            if expands(turned.axes, kept):
                return Expand(turned, kept)
        node = squeezed(node)
    wanted = tuple(axis for axis in kept if axis is not None)
    if set(node.axes) != set(wanted):
        raise not_yet(node)
    if node.axes != wanted:
        turned_around = len(wanted) == 2
        node = Transpose(node) if turned_around else Einsum((node,), wanted)
    while kept[0] is None:
        kept = kept[1:]
    return node if kept == wanted else Expand(node, kept)


def squeezed(node: Node) -> Node:
    """An array without its dimensions of length one."""
    ones = tuple(at for at, axis in enumerate(node.axes) if axis is None)
    return Reduce(node, ones, keep=False) if ones else node


def expands(axes: Axes, target: Axes) -> bool:
    """Whether new dimensions of length one alone make ``target`` of ``axes``."""
    rest = iter(target)
    return all(axis in rest for axis in axes) and len(target) > len(axes)


def shaped(node: Node, target: Axes) -> Node:
    """An array with exactly the axes ``target``."""
    if node.axes == target:
        return node
    if isinstance(node, Reduce):
        for keep in (True, False):
            again = Reduce(node.argument, node.positions, keep)
            if again.axes == target:
                return again
    if node.axes == target[::-1] and len(target) == 2:
        return Transpose(node)
    return Expand(node, target)


def broadcasts(axes: Axes, full: Axes) -> bool:
    """Whether an array with the axes ``axes`` broadcasts to ``full`` as it stands."""
    tail = full[len(full) - len(axes) :]
    return len(axes) <= len(full) and all(
        axis is None or axis == other for axis, other in zip(axes, tail, strict=True)
    )
