"""Elements, indices and sums as sympy objects, and the few questions asked of them.

An element of a tensor is ``sympy.Indexed``; a sum is ``sympy.Sum`` with limits ``(j, lo, hi)``.
Every name reaches sympy as a Symbol: no string is ever given to a sympy function.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import sympy as sp
from sympy.core.basic import Basic

from bpsym.calculus.terms.settled import IndexedBase, settle


@cache
def scalar(name: str) -> sp.Symbol:
    """A real symbol."""
    return settle(sp.Symbol(name, real=True))


@cache
def index(name: str) -> sp.Symbol:
    """An index, an integer."""
    return settle(sp.Symbol(name, integer=True))


@cache
def size(name: str) -> sp.Symbol:
    """The number of values that an index runs over, a positive integer."""
    return settle(sp.Symbol(name, integer=True, positive=True))


@cache
def base(name: str) -> sp.IndexedBase:
    """A tensor's name."""
    return IndexedBase(sp.Symbol(name))


def element(name: str, *subscripts: sp.Expr) -> sp.Expr:
    """``name[subscripts]``; a tensor without indices is a real symbol."""
    if not subscripts:
        return scalar(name)
    return base(name)[subscripts]


def name_of(node: Basic) -> str:
    """The tensor an element belongs to."""
    if isinstance(node, sp.Indexed):
        node = node.base.label
    return node.name if isinstance(node, sp.Symbol) else str(node)


def subscripts_of(node: Basic) -> tuple[sp.Expr, ...]:
    """The subscripts of an element; none for a scalar."""
    return tuple(node.indices) if isinstance(node, sp.Indexed) else ()


class Iverson(sp.Function):
    """``[condition]``, one where the condition on indices holds, else zero."""

    nargs = 1

    @classmethod
    def eval(cls, condition: Basic) -> sp.Expr | None:
        if condition in (sp.true, sp.S.true):
            return sp.Integer(1)
        if condition in (sp.false, sp.S.false):
            return sp.Integer(0)
        return None


def kronecker(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """``[left = right]``; of two different indices nothing is known, and sympy is not asked."""
    if left == right or not (left.is_Symbol and right.is_Symbol):
        return sp.KroneckerDelta(left, right)
    ordered = sorted((left, right), key=sp.default_sort_key)
    return sp.KroneckerDelta(*ordered, evaluate=False)


def total(expr: sp.Expr, limits: Iterable[tuple[sp.Symbol, sp.Expr, sp.Expr]]) -> sp.Expr:
    """Sum over all the given limits, the innermost first; no limits leave the expression."""
    all_limits = tuple(limits)
    return sp.Sum(expr, *all_limits) if all_limits else expr


def tensors_in(expr: sp.Expr) -> tuple[str, ...]:
    """The names of the tensors that an expression reads, in order of appearance, each once.

    Indices and sizes are integers and no tensors; a tensor without indices is a real symbol.
    """
    names: dict[str, None] = {}

    def visit(node: Basic) -> None:
        if isinstance(node, sp.Indexed) or (isinstance(node, sp.Symbol) and not node.is_integer):
            names.setdefault(name_of(node))
        else:
            for child in node.args:
                visit(child)

    visit(expr)
    return tuple(names)


def places(expr: sp.Expr, name: str) -> list[sp.Expr]:
    """Where an expression reads a tensor: its distinct elements, in a fixed order.

    The label of an indexed tensor is a symbol too, and is not an element.
    """
    label = sp.Symbol(name)
    found = [node for node in expr.atoms(sp.Indexed) if node.base.label == label]
    if not found:
        symbol = scalar(name)
        return [symbol] if expr.has(symbol) else []
    return sorted(found, key=sp.default_sort_key)


def top_sums(expr: sp.Expr) -> list[sp.Sum]:
    """The sums of an expression that stand inside no other sum."""
    found: list[sp.Sum] = []

    def visit(node: Basic) -> None:
        if isinstance(node, sp.Sum):
            if node not in found:
                found.append(node)
        elif not isinstance(node, sp.Indexed):
            for child in node.args:
                visit(child)

    visit(expr)
    return found


def places_outside_sums(expr: sp.Expr, name: str) -> list[sp.Expr]:
    """The elements of a tensor that an expression reads outside its sums, in a fixed order."""
    found: dict[sp.Expr, None] = {}

    def visit(node: Basic) -> None:
        if isinstance(node, sp.Indexed) or (isinstance(node, sp.Symbol) and not node.is_integer):
            if name_of(node) == name:
                found.setdefault(node)
        elif not isinstance(node, sp.Sum):
            for child in node.args:
                visit(child)

    visit(expr)
    return sorted(found, key=sp.default_sort_key)
