"""The places of a source file at which an array is computed, and the names that it reads.

Both processes number the places: that which runs the code and that which looks for the mistake.
So they are told from the syntax tree alone, in the order of the text.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass

MOST_TEXTS = 160
MOST_NAMED = 6
# A mask or a list of entries, not a counter or a slice.
_CHOOSING = (ast.BinOp, ast.Compare, ast.Call, ast.Subscript)
_LETTERS = f"{string.ascii_letters}_"
_ADDING = ("append", "insert", "appendleft", "extend", "__setitem__")


@dataclass(frozen=True, eq=False)
class Place:
    """An expression that is assigned, returned or handed on, and the statement that it is in.

    inside: the function, lambda or loop of a script whose body it stands in. An expression may
    also say which entries are assigned to, as the mask of ``d[z < 0] = 0``.
    """

    node: ast.expr
    statement: ast.stmt
    inside: ast.AST

    @property
    def chooses(self) -> bool:
        """Whether the expression says which entries are assigned to."""
        target = assigned(self.statement)
        return target is not None and any(each is self.node for each in ast.walk(target.slice))


def places(tree: ast.Module) -> list[Place]:
    """The places of a file, in the order of the text."""
    found: list[Place] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for statement in _statements(node.body):
                found += (Place(each, statement, node) for each in _of_statement(statement))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found.append(Place(node.value.body, node, node.value))
    for node in tree.body:
        if isinstance(node, ast.For | ast.While):  # the training loop of a script
            for statement in _statements(node.body):
                found += (Place(each, statement, node) for each in _of_statement(statement))
    return sorted(found, key=lambda each: (each.node.lineno, each.node.col_offset))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the blocks in it; inner functions have their own."""
    for each in body:
        yield each
        if isinstance(each, ast.FunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(each, name, []))


def assigned(statement: ast.stmt) -> ast.Subscript | None:
    """The array and the entries of it that a statement assigns to."""
    match statement:
        case ast.Assign(targets=[ast.Subscript() as target]):
            return target
        case ast.AugAssign(target=ast.Subscript() as target):
            return target
    return None


def _of_statement(statement: ast.stmt) -> Iterator[ast.expr]:
    target = assigned(statement)
    if target is not None:
        entries = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        yield from (each for each in entries if isinstance(each, _CHOOSING))
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
    for text in _entries(tree):  # ``cache["z1"]`` beside ``cache["a1"]``
        if len(found) < MOST_TEXTS:
            found.setdefault(text)
    named = [each for each in indices(tree) if not each.lstrip("-").isdigit()]
    for base in dict.fromkeys(bases(tree)):  # ``a[t]`` beside ``a[t - 1]``
        for at in named[:MOST_NAMED]:
            if len(found) < MOST_TEXTS:
                found.setdefault(f"{base}[{at}]")
    return list(found)


def _entries(tree: ast.Module) -> Iterator[str]:
    """The entries of dicts and the attributes that are written somewhere and read nowhere."""
    read: dict[str, None] = {}
    keys: dict[str, None] = {}
    stems: dict[str, None] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys=written):
                keys |= {ast.unparse(each): None for each in written if each and _is_text(each)}
            case ast.Call(func=ast.Name(id="dict"), keywords=written):
                keys |= {repr(each.arg): None for each in written if each.arg}
            case ast.Subscript(value=base, slice=key, ctx=ctx) if _is_text(key):
                keys[ast.unparse(key)] = None
                if isinstance(ctx, ast.Load) and _is_chain(base):
                    read[ast.unparse(base)] = None
            case ast.Attribute(ctx=ast.Store()) if _is_chain(node):
                yield ast.unparse(node)
            case ast.JoinedStr(values=[ast.Constant(value=str(stem)), ast.FormattedValue()]):
                stems[stem] = None
    numbers = {key.strip("'\"").lstrip(_LETTERS) for key in keys}
    keys |= {repr(stem + n): None for n in sorted(numbers) if n.isdigit() for stem in stems}
    yield from (f"{base}[{key}]" for base in read for key in keys)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def indices(tree: ast.Module) -> list[str]:
    """What lists are read at, and the places beside; those that go with a loop first."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)):
            continue
        match node.slice:
            case ast.BinOp(
                left=at, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(n))
            ):
                step = n if isinstance(op, ast.Add) else -n
            case ast.Name() | ast.UnaryOp(op=ast.USub(), operand=ast.Name()) as at:
                step = 0
            case ast.Constant(value=int()) | ast.UnaryOp():
                found[ast.unparse(node.slice)] = None
                continue
            case _:
                continue
        name = ast.unparse(at)
        for each in (step, 0, step - 1, step + 1):
            found[f"{name} {'+' if each > 0 else '-'} {abs(each)}" if each else name] = None
    return sorted(found, key=lambda text: text.lstrip("-").isdigit())


def bases(tree: ast.Module) -> Iterator[str]:
    """The lists that are read by position."""
    for each in ast.walk(tree):
        match each:
            case ast.Subscript(
                value=ast.Name() | ast.Attribute() as base,
                slice=ast.BinOp() | ast.UnaryOp() | ast.Constant(value=int()) | ast.Name(),
            ):
                if ast.unparse(base).split(".")[-1] != "shape":
                    yield ast.unparse(base)


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
