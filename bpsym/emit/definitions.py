"""The functions that a module defines for its own use: kernels, activations and slopes."""

from __future__ import annotations

from bpsym.arrays.kernels import KERNELS, kernel_source, with_dependencies
from bpsym.arrays.nodes import Elementwise, Node, Rowwise, walk
from bpsym.emit.context import ModuleContext
from bpsym.emit.functions import helper_text

ROWWISE = ("softmax", "log_softmax", "log_one_minus_softmax", "logsumexp")


def definitions(context: ModuleContext) -> list[str]:
    """The text of each, in the order of their use of one another."""
    called = set()
    for each in context.statements():
        called |= _called(each.node)
    texts = []
    for helper in context.program.helpers:
        text, uses = helper_text(helper)
        called |= uses
        texts.append(text)
    if context.labels():
        called.add("one_hot_columns" if context.columns else "one_hot")
    suffix = "_columns" * context.columns
    called = {
        name + suffix if name + suffix in KERNELS and name in ROWWISE else name for name in called
    }
    kernels = with_dependencies(sorted(called & set(KERNELS)))
    return [*(kernel_source(name).rstrip("\n") for name in kernels), *texts]


def _called(node: Node) -> set[str]:
    found = set()
    for each in walk(node):
        if isinstance(each, Elementwise):
            found.add(each.operator)
        if isinstance(each, Rowwise):
            found.add(each.kernel)
    return found
