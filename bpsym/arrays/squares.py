"""Roots of means of squares that no square may overflow.

    np.sqrt(np.sum(d ** 2, axis=1, keepdims=True) / N + epsilon)      root_mean_square(d, epsilon)

A float32 can be squared up to 1e19 only, a float64 up to 1e154.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from bpsym.arrays.nodes import Constant, Elementwise, Node, Read, Reduce, rebuild, walk

KERNEL = "root_mean_square"


def squares_in_range(
    node: Node, length: Callable[[Read, int], int], size: Callable[[str], int | None]
) -> Node:
    """The node with a kernel in place of such roots.

    length: how long an array is along one of its axes. size: the number behind a size label.
    """

    def change(each: Node) -> Node:
        match each:
            case Elementwise(
                "sqrt",
                (
                    Elementwise(
                        "+",
                        (
                            Elementwise("/", (Reduce() as total, Constant(str(label)))),
                            Constant(Fraction() as epsilon),
                        ),
                    ),
                ),
                axes,
            ) if (d := _squared(total)) is not None and epsilon >= 0:
                (position,) = total.positions
                reads = [read for read in walk(d) if isinstance(read, Read)]
                lengths = {length(read, position) for read in reads if read.axes == d.axes}
                if lengths != {size(label)}:
                    return each
                name = KERNEL if position == 1 else f"{KERNEL}_columns"
                return Elementwise(name, (d, Constant(epsilon)), axes)
            case _:
                return each

    return rebuild(node, change)


def _squared(total: Reduce) -> Node | None:
    """The d of a sum of squares of a matrix over one axis, which is kept."""
    match total.argument:
        case Elementwise("**", (d, Constant(Fraction() as power))) if power == 2:
            matrix = len(d.axes) == 2 and None not in d.axes
            return d if matrix and total.keep and len(total.positions) == 1 else None
        case _:
            return None
