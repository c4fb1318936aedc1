"""A statement that one layer has and another lacks, written for the other."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Collection, Iterator, Sequence

from bpsym.verify.mending.places import assigned
from bpsym.verify.mending.source import Patch, Source

MOST = 24


def inserted(
    source: Source, where: str, here: Sequence[int], left: Collection[str]
) -> Iterator[Patch]:
    """Statements of other layers with the number of this one: after what is there, or instead.

    where: the place that is wrong, ``delta1`` or ``b1``. here: the places that may be at fault.
    left: the parameters whose gradients are wrong.
    """
    written = {ast.unparse(each) for each in ast.walk(source.tree) if isinstance(each, ast.stmt)}
    every = sorted(_simple(source.tree), key=lambda each: len(_labels(each)))
    count = 0
    for label in dict.fromkeys(re.findall(r"\d+$", where) or map(_number, sorted(left))):
        for statement in every:
            text = ast.unparse(statement)
            for other in sorted(_labels(statement) - {label}):
                new = re.sub(rf"(?<=[A-Za-z_]){other}\b", label, text)
                if new in written:
                    continue
                written.add(new)
                for patch in _placed(source, new, statement, every, here):
                    if patch is not None and count < MOST:
                        count += 1
                        yield patch


def _placed(
    source: Source,
    new: str,
    model: ast.stmt,
    every: Sequence[ast.stmt],
    here: Sequence[int],
) -> Iterator[Patch | None]:
    """A statement in the place of one that changes the same, behind its model, or elsewhere."""
    [made] = ast.parse(new).body
    for each in every:
        if _stem(each) == _stem(made) and type(each) is type(made) and each is not model:
            yield source.restated(each, made)
    for after in dict.fromkeys((model, *(source.places[n].statement for n in here))):
        yield source.with_after(after, new)


def rescaled(source: Source, statement: ast.stmt, counts: Sequence[str]) -> Iterator[Patch]:
    """An array that a statement changes in place, divided after it.

    counts: texts that hold the number of samples.
    """
    target = assigned(statement)
    if target is None or not isinstance(target.value, ast.Name):
        return
    for text in counts[:1]:
        patch = source.with_after(statement, f"{target.value.id} /= {text}")
        if patch is not None:
            yield patch


def _stem(statement: ast.stmt) -> str:
    """What a statement assigns to, without the entries."""
    match statement:
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
            return ast.unparse(target).partition("[")[0]
    return ""


def _number(name: str) -> str:
    return name.lstrip(string.ascii_letters)


def _labels(statement: ast.stmt) -> set[str]:
    """The numbers of layers in the names of a statement."""
    return set(re.findall(r"(?<=[A-Za-z_])\d+\b", ast.unparse(statement)))


def _simple(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that assign, in functions and in the loops of a script."""
    for block in ast.walk(tree):
        if isinstance(block, ast.FunctionDef) or (block in tree.body and _is_loop(block)):
            for each in ast.walk(block):
                if isinstance(each, ast.Assign | ast.AugAssign):
                    yield each


def _is_loop(node: ast.AST) -> bool:
    return isinstance(node, ast.For | ast.While)
