"""A script whose training loop stands at the top level: one pass of the loop, as a function.

The loop's body is the user's own, with its own line numbers. Names that it assigns are global
variables, as they are in the script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import islice
from types import FunctionType
from typing import Any

NAME = "one_pass"
FIRST = "_first_pass"
_PRODUCTS = ("dot", "matmul", "outer", "einsum")
_DATA = ("x", "y", "t", "d", "data", "inputs", "targets", "labels", "images", "outputs")


def is_training(loop: ast.For | ast.While) -> bool:
    """Whether a loop changes what it reads, and multiplies matrices."""
    stored = assigned(loop.body)
    read = {
        node.id
        for node in ast.walk(loop)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    added = any(isinstance(node, ast.AugAssign) for node in ast.walk(loop))
    return bool(added or stored & read) and any(multiplies(node) for node in ast.walk(loop))


def multiplies(node: ast.AST) -> bool:
    """Whether a piece of code is a product of matrices."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.MatMult)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _PRODUCTS
    )


def assigned(body: list[ast.stmt]) -> set[str]:
    """The names to which statements assign."""
    return {
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def one_pass(
    tree: ast.Module, loop: ast.For | ast.While, space: dict[str, Any], path: str
) -> FunctionType:
    """A function without arguments that does the first pass of a loop in the script's variables.

    Sizes of the data that were taken above the loop, ``m = X.shape[0]``, are taken anew.
    """
    first: list[Any] = [None]
    target: ast.expr = ast.Name("_", ast.Store())
    if isinstance(loop, ast.For):
        items = eval(  # noqa: S307 - the user's file, in the process for it
            compile(ast.Expression(loop.iter), path, "eval", dont_inherit=True), space
        )
        first, target = list(islice(items, 1)), loop.target
    space[FIRST] = first
    body: list[ast.stmt] = [
        ast.Global(sorted(assigned([loop]) | {"_"})),
        *_sizes(tree, loop, space),
        ast.For(target, ast.Name(FIRST, ast.Load()), loop.body, []),
    ]
    nothing = ast.arguments([], [], None, [], [], None, [])
    function = ast.FunctionDef(NAME, nothing, body, [], None, None)
    for node in (function, *body):
        ast.copy_location(node, loop)
    module = ast.fix_missing_locations(ast.Module([function], []))
    exec(compile(module, path, "exec", dont_inherit=True), space)  # noqa: S102 - as above
    found: FunctionType = space[NAME]
    found.__name__ = f"loop at line {loop.lineno}"
    return found


def _sizes(tree: ast.Module, loop: ast.stmt, space: Mapping[str, Any]) -> Iterator[ast.stmt]:
    """``m = X.shape[0]`` and the like, from above the loop: numbers that follow from the data."""
    changed = assigned([loop])
    follows: set[str] = set()
    for statement in tree.body:
        if statement is loop:
            return
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        names = [target] if isinstance(target, ast.Name) else list(getattr(target, "elts", []))
        if not names or not all(
            isinstance(each, ast.Name)
            and each.id not in changed
            and isinstance(space.get(each.id), int)
            for each in names
        ):
            continue
        reads = {n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)}
        if any(each.lower().split("_")[0] in _DATA for each in reads) or reads & follows:
            follows |= {each.id for each in names if isinstance(each, ast.Name)}
            yield statement
