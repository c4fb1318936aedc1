"""Watches the user's program at work. Used inside the process that runs it.

Each place of the file is wrapped in a call that notes its value; at one place what every name in
sight holds is noted too. The program computes what it would without.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bpsym.verify.mending.places import Place, assigned, places, texts

PROBE = "bpsym_probe_"
MOST_NOTES = 3000
LARGEST = 20_000
# Beyond this a loop goes round often enough to have shown itself.
MOST_SIGHTS = 4


class Notes:
    """What was seen: values by place, and at the watched place of every name in sight."""

    def __init__(self) -> None:
        self.values: list[tuple[int, Any]] = []
        self.sights: list[list[tuple[str, Any]]] = []

    def probe(self, number: int, value: Any, sight: dict[str, Callable[[], Any]] | None) -> Any:
        """Note a value and hand it on."""
        if len(self.values) < MOST_NOTES:
            kept = _kept(value)
            if kept is not None:
                self.values.append((number, kept))
        if sight is not None and len(self.sights) < MOST_SIGHTS:
            seen = []
            for text, read in sight.items():
                try:
                    kept = _kept(read())
                except Exception:  # a name that is not bound here is not in sight
                    continue
                if kept is not None:
                    seen.append((text, kept))
            self.sights.append(seen)
        return value


def _kept(value: Any) -> Any:
    """A copy of a number or an array of them; None of anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) < 2**63 else None
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind in "biuf" and array.size <= LARGEST:
            return np.array(array)
    return None


def probed(tree: ast.Module, watched: int | None) -> ast.Module:
    """The program with every place of it noted; at the watched one all that is in sight is too."""
    found = places(tree)
    sight = texts(tree) if watched is not None else []
    wrapped = {
        id(each.node): _call(each.node, number, sight if number == watched else None)
        for number, each in enumerate(found)
    }

    # What an array holds once it was changed is noted as a value of the same place.
    after: dict[int, list[ast.stmt]] = {}
    for number, each in enumerate(found):
        for changed_array in _changed(each):
            note = ast.Expr(_call(_loaded(changed_array), number, None))
            after.setdefault(id(each.statement), []).append(note)

    class Wrap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            call = wrapped.get(id(node))
            self.generic_visit(node)
            if isinstance(node, ast.AugAssign | ast.Assign) and id(node) in after:
                return [node, *after[id(node)]]
            return node if call is None else call

    changed: ast.Module = Wrap().visit(tree)
    return ast.fix_missing_locations(changed)


def _changed(place: Place) -> Iterator[ast.expr]:
    """What a statement changes in place: what is added to, and the array of which entries are."""
    statement = place.statement
    if isinstance(statement, ast.AugAssign) and statement.value is place.node:
        yield statement.target
    target = assigned(statement)
    if target is not None and (place.chooses or not _is_key(target.slice)):
        yield target.value


def _is_key(node: ast.expr) -> bool:
    """Whether what is assigned to is an entry of a dict or a list."""
    return isinstance(node, ast.Constant | ast.UnaryOp | ast.JoinedStr)


def _loaded(target: ast.expr) -> ast.expr:
    """What is assigned to, read."""
    return ast.copy_location(ast.parse(ast.unparse(target), mode="eval").body, target)


def _call(node: ast.expr, number: int, sight: list[str] | None) -> ast.Call:
    seen: ast.expr = ast.Constant(None)
    if sight is not None:
        readers = [ast.parse(f"lambda: {text}", mode="eval").body for text in sight]
        seen = ast.Dict([ast.Constant(text) for text in sight], list(readers))
    call = ast.Call(ast.Name(PROBE, ast.Load()), [ast.Constant(number), node, seen], [])
    return ast.copy_location(call, node)
