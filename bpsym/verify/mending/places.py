"""The places of a source file at which an array is computed, and the names that it reads.

Both processes number the places: that which runs the code and that which looks for the mistake.
So they are told from the syntax tree alone, in the order of the text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

MOST_TEXTS = 160
_ADDING = ("append", "insert", "appendleft", "extend", "__setitem__")


@dataclass(frozen=True, eq=False)
class Place:
    """An expression that is assigned, returned or handed on, and the statement that it is in.

    inside: the function or lambda whose body it stands in.
    """

    node: ast.expr
    statement: ast.stmt
    inside: ast.AST


def places(tree: ast.Module) -> list[Place]:
    """The places of a file, in the order of the text."""
    found: list[Place] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for statement in _statements(node.body):
                found += (Place(each, statement, node) for each in _of_statement(statement))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found.append(Place(node.value.body, node, node.value))
    return sorted(found, key=lambda each: (each.node.lineno, each.node.col_offset))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the blocks in it; inner functions have their own."""
    for each in body:
        yield each
        if isinstance(each, ast.FunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(each, name, []))


def _of_statement(statement: ast.stmt) -> Iterator[ast.expr]:
    match statement:
        case ast.Assign(value=ast.Lambda()):
            return
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            yield from _parts(value)
        case ast.AnnAssign(value=ast.expr() as value) | ast.Return(value=ast.expr() as value):
            yield from _parts(value)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name), args=args)):
            if name in _ADDING:
                for each in args:
                    yield from _parts(each)


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    """The members of a list, tuple or dict; else the expression itself."""
    match value:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
            for each in parts:
                yield from _parts(each)
        case ast.ListComp(elt=each) | ast.DictComp(value=each) | ast.GeneratorExp(elt=each):
            yield from _parts(each)
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords) if keywords:
            for keyword in keywords:
                yield from _parts(keyword.value)
        case ast.Starred() | ast.Constant(value=str() | None | bool()):
            return
        case _:
            yield value


def texts(tree: ast.Module) -> list[str]:
    """Everything that the file reads by a name, ``W1``, ``self.W[-l]``, ``cache["A1"]``."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            found[node.arg] = None
        elif _is_read(node) and len(found) < MOST_TEXTS:
            found[ast.unparse(node)] = None
    return list(found)


def _is_read(node: ast.AST) -> bool:
    match node:
        case ast.Name():
            return True
        case ast.Attribute(attr=name, ctx=ast.Load()):
            return name != "T" and _is_chain(node)
        case ast.Subscript(ctx=ast.Load()):
            return _is_chain(node)
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name()]):
            return True
    return False


def _is_chain(node: ast.AST) -> bool:
    """Names, attributes and subscripts, and sums in subscripts: nothing is called."""
    match node:
        case ast.Name(id=name):
            return name not in ("np", "numpy", "math")
        case ast.Attribute(value=inner):
            return _is_chain(inner)
        case ast.Subscript(value=inner, slice=at):
            allowed = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
            plain = all(isinstance(each, (*allowed, ast.Load)) for each in ast.walk(at))
            return _is_chain(inner) and plain
    return False
