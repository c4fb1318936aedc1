"""Axes of arrays: bringing them to a wanted order, or so that they broadcast."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.arrays.nodes import Axes, Expand, Node, Reduce, Transpose
from bpsym.arrays.refusal import not_yet


def aligned(nodes: Sequence[Node], order: tuple[str, ...]) -> tuple[list[Node], Axes]:
    """Bring arrays to axes that broadcast, in the order of ``order``."""
    present = {axis for node in nodes for axis in node.axes if axis is not None}
    full: Axes = tuple(axis for axis in order if axis in present)
    arrays = [node for node in nodes if node.axes]
    if arrays and any(None in node.axes for node in arrays):
        longest = max(arrays, key=lambda node: len(node.axes))
        if len(longest.axes) > len(full):
            # Only arrays with a kept dimension: they agree as they stand.
            full = next((n.axes for n in arrays if None in n.axes), full)
    return [fitted(node, full) for node in nodes], full


def fitted(node: Node, full: Axes) -> Node:
    """An array with the axes ``full``, or with the last of them: so that it broadcasts.

    Raises EmitError where its axes are others.
    """
    axes = node.axes
    if not axes or broadcasts(axes, full):
        return node
    if len(axes) == 2 and broadcasts(axes[::-1], full):
        return Transpose(node)
    kept = tuple(axis if axis in axes else None for axis in full)
    if isinstance(node, Reduce):
        again = Reduce(node.argument, node.positions, keep=True)
        if broadcasts(again.axes, full):
            return again
        node = Reduce(node.argument, node.positions, keep=False)
    wanted = tuple(axis for axis in kept if axis is not None)
    if node.axes == wanted[::-1] and len(wanted) == 2:
        node = Transpose(node)
    if node.axes != wanted:
        raise not_yet(node)
    while kept[0] is None:
        kept = kept[1:]
    return Expand(node, kept)


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
