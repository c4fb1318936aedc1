"""Right sides taken apart: what a statement may be multiplied by, added to, or be instead.

They are texts, in the names of the user's file.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy.typing as npt

from bpsym.verify.mending.places import Place
from bpsym.verify.mending.source import Patch, Source

Array = npt.NDArray[Any]
# Numbers that are in every formula, and that no file has a name for.
ORDINARY = (0.0, 0.5, 1.0, 2.0)


def exchanged(source: Source) -> Iterator[Patch]:
    """Two members of a list, tuple or dict in each other's place."""
    groups: dict[int, list[Place]] = {}
    for each in source.places:
        groups.setdefault(id(each.statement), []).append(each)
    for place in source.places:  # the parts of a flat vector
        for node in ast.walk(place.node):
            if isinstance(node, ast.List | ast.Tuple):
                for first, second in combinations(node.elts, 2):
                    patch = source.exchanged(
                        Place(first, place.statement, place.inside),
                        Place(second, place.statement, place.inside),
                    )
                    if patch is not None:
                        yield patch
    for group in groups.values():
        for one, other in combinations(group, 2):
            if isinstance(one.node, ast.Name) and isinstance(other.node, ast.Name):
                patch = source.exchanged(one, other)
                if patch is not None:
                    yield patch


def is_readable(
    text: str, sight: Mapping[str, Array], source: Source, bound: Collection[str] = ()
) -> bool:
    """Whether every name in a text is in sight, or bound at the place."""
    known = (
        set(bound) | {each.split(".")[0].split("[")[0] for each in sight} | set(source.functions)
    )
    names = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    return names <= known | {"np", "math"}


def numbers(right: Sequence[str]) -> list[float]:
    """The numbers of right sides that are not in every formula."""
    nodes = (node for text in right for node in ast.walk(ast.parse(text)))
    found = (each.value for each in nodes if isinstance(each, ast.Constant))
    return list(dict.fromkeys(n for n in found if isinstance(n, float) and n not in ORDINARY))


def slope(text: str) -> Iterator[str]:
    """The factors of a right side that are no product of matrices, as one."""
    node = ast.parse(text, mode="eval").body
    kept: list[str] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        if isinstance(node.op, ast.Mult):
            kept.insert(0, f"({ast.unparse(node.right)})")
        node = node.left
    if kept:
        yield ast.unparse(ast.parse(" * ".join(kept), mode="eval"))


def named_numbers(text: str, sight: Mapping[str, Array]) -> str:
    """A right side with the names that the file has for its numbers, ``l2`` for 0.01."""
    names = {float(v): t for t, v in sight.items() if v.ndim == 0 and t.isidentifier()}

    class Name(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.expr:
            number = node.value
            if isinstance(number, float) and number not in ORDINARY and number in names:
                return ast.Name(names[number], ast.Load())
            return node

    return ast.unparse(Name().visit(ast.parse(text, mode="eval").body))


def parts(right: Sequence[str]) -> tuple[list[str], list[str]]:
    """The factors and the terms of right sides."""
    factors: dict[str, None] = {}
    terms: dict[str, None] = {}
    for text in right:
        stack = [ast.parse(text, mode="eval").body]
        while stack:
            node = stack.pop()
            match node:
                case ast.BinOp(left=left, op=ast.Mult(), right=other):
                    stack += [left, other]
                    factors[ast.unparse(other)] = None
                case ast.BinOp(left=left, op=ast.Add(), right=other):
                    terms[ast.unparse(left)] = terms[ast.unparse(other)] = None
                case ast.BinOp(left=left, op=ast.Div()):
                    stack.append(left)
    return list(factors), list(terms)


def of_layer(text: str, where: str, names: Mapping[str, str]) -> Iterator[str]:
    """A factor that stands in the line of another layer, with the names of this one.

    where: ``delta1``. names: in the derivation -> in the file.
    """
    label = where.removeprefix("delta")
    spelled = {written: name for name, written in names.items() if name[:1] in ("a", "z")}
    changed: list[str] = []

    class Move(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            name = spelled.get(ast.unparse(node)) if isinstance(node, ast.expr) else None
            other = names.get(f"{name[0]}{label}") if name is not None else None
            if other is None:
                return self.generic_visit(node)
            changed.append(other)
            return ast.parse(other, mode="eval").body

    found = ast.unparse(Move().visit(ast.parse(text, mode="eval")))
    if changed and found != text:
        yield found
