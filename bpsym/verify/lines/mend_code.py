"""One change of a numpy line as it was written that makes it right.

    dZ1 = W1.T @ dZ2 * A1 * (1 - A1)          W2 for W1

The changed text goes through the same door as the line itself.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.errors import ExpressionError
from bpsym.verify.lines.arranged import Arranged
from bpsym.verify.lines.equality import NumpyEquality
from bpsym.verify.lines.numpy_lines import read_line

if TYPE_CHECKING:
    from bpsym.verify.lines.names import Naming

CLOSE = 1e-9
SECONDS = 1.0
DEEPEST = 30


@dataclass(frozen=True)
class MendedLine:
    """A changed line, and which slip it undoes. Lower ranks are likelier."""

    text: str
    code: str
    words: Mapping[str, str] = field(default_factory=dict)
    rank: int = 0


def mended_line(
    equality: NumpyEquality, points: Sequence[Arranged], naming: Naming
) -> MendedLine | None:
    """The likeliest single change with which the line is right at all points; None if none is."""
    wanted = [equality.wanted(at) for at in points]
    ends = time.process_time() + SECONDS
    found: list[MendedLine] = []
    for each in _changes(equality, naming):
        if time.process_time() > ends:
            break
        if found and each.rank >= min(other.rank for other in found):
            continue
        if _holds(equality, each.text, points, wanted, naming):
            found.append(each)
    return min(found, key=lambda each: each.rank, default=None)


def _holds(
    equality: NumpyEquality,
    text: str,
    points: Sequence[Arranged],
    wanted: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.floating]]],
    naming: Naming,
) -> bool:
    try:
        line = read_line(text, equality.where)
        spelled = dict(equality.spelled)
        for name in line.reads:
            tensor = naming.tensor(name)
            if tensor is not None:
                spelled.setdefault(name, tensor)
        changed = replace(equality, line=line, spelled=spelled)
        for at, right in zip(points, wanted, strict=True):
            given = changed.given(at)
            if given.shape != right.shape:
                return False
            scale = float(np.max(np.abs(right), initial=0.0)) or 1.0
            if not np.all(np.abs(given - right) <= CLOSE * scale):
                return False
    except (ExpressionError, ValueError, TypeError, IndexError, KeyError):
        return False
    return True


def _changes(equality: NumpyEquality, naming: Naming) -> Iterator[MendedLine]:
    left, _, right = equality.line.text.partition("=")
    tree = ast.parse(right.strip(), mode="eval")
    count = sum(1 for _ in ast.walk(tree))
    for at in range(count):
        copy = ast.parse(right.strip(), mode="eval")
        node = list(ast.walk(copy))[at]
        for new, code, words, rank in _of_node(node, naming):
            text = ast.unparse(ast.fix_missing_locations(_Put(node, new).visit(copy)))
            yield MendedLine(f"{left.strip()} = {text}", code, words, rank)
            copy = ast.parse(right.strip(), mode="eval")
            node = list(ast.walk(copy))[at]


class _Put(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.expr) -> None:
        self.old = old
        self.new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


Change = tuple[ast.expr, str, dict[str, str], int]


def _of_node(node: ast.AST, naming: Naming) -> Iterator[Change]:
    match node:
        case ast.Name(id=name) if naming.tensor(name) is not None:
            for other in _others(name, naming):
                yield ast.Name(other, ast.Load()), "wrong-symbol", {"symbol": other}, 1
            yield ast.Attribute(ast.Name(name, ast.Load()), "T", ast.Load()), (
                "transpose-missing"
            ), {}, 2  # fmt: skip
        case ast.Attribute(value=inner, attr="T"):
            yield inner, "transpose-extra", {}, 2
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            yield ast.BinOp(right, ast.MatMult(), left), "factor-order", {}, 2
            yield ast.BinOp(left, ast.Mult(), right), "product-kind", {}, 3
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            yield ast.BinOp(left, ast.MatMult(), right), "product-kind", {}, 3
            yield left, "factor-extra", {}, 4
            yield right, "factor-extra", {}, 4
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield ast.BinOp(left, ast.Add(), right), "sign", {}, 1
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield ast.BinOp(left, ast.Sub(), right), "sign", {}, 1
        case ast.BinOp(left=left, op=ast.Pow()):
            yield left, "square-extra", {}, 3
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield operand, "sign", {}, 1


def _others(name: str, naming: Naming) -> Iterator[str]:
    """The same letter with another layer's number, and a for z."""
    digits = re.search(r"\d+", name)
    if digits is None:
        return
    letters, number = name[: digits.start()], int(digits[0])
    swapped = {"a": "z", "A": "Z", "z": "a", "Z": "A"}.get(letters)
    spelled = [f"{letters}{other}" for other in range(DEEPEST) if other != number]
    spelled += [f"{swapped}{number}"] if swapped else []
    yield from (each for each in spelled if naming.tensor(each) is not None)
