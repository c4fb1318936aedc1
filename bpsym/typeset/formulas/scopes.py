"""Which indices of a formula are free, which are bound, and whether a reader can tell."""

from __future__ import annotations

from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Summation,
    Symbol,
    children,
)


def free_indices(node: Formula) -> dict[str, None]:
    """The names of the free indices of a formula, in the order in which they are written."""
    match node:
        case Symbol(kind=Kind.INDEX, name=name):
            return {name: None}
        case Summation(bound, lower, upper, body):
            inner = {name: None for name in free_indices(body) if name != bound.name}
            return {**free_indices(lower), **free_indices(upper), **inner}
        case _:
            found: dict[str, None] = {}
            for each in children(node):
                found |= free_indices(each)
            return found


def misread(node: Formula) -> str | None:
    """The letter of an index that a reader would mistake for another of that letter.

    That is a letter summed over inside a sum over the same, or one that is free and bound in one
    term or on two sides of an equation: ``a[i] Sum_i b[i]``. None where all is clear.
    """
    match node:
        case Chain(first, rest):
            free = free_indices(first)
            return next(
                (
                    found
                    for side in (first, *(side for _, side in rest))
                    for found in [_misread(side, frozenset(free | free_indices(side)))]
                    if found
                ),
                None,
            )
        case _:
            return _misread(node, frozenset(free_indices(node)))


def _misread(node: Formula, around: frozenset[str]) -> str | None:
    """The same inside a formula; around: the letters that mean something there already."""
    if isinstance(node, Summation):
        if node.index.name in around:
            return node.index.name
        around |= {node.index.name}
    return next((found for each in children(node) if (found := _misread(each, around))), None)
