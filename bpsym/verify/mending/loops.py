"""The changes of what a loop goes through: samples left out, a layer too few or too many."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpsym.verify.mending.places import Place
from bpsym.verify.mending.source import Patch, Source

MOST = 24


def loops_changed(source: Source) -> Iterator[Patch]:
    """The file with one loop over other items."""
    count = 0
    for loop in ast.walk(source.tree):
        if not isinstance(loop, ast.For):
            continue
        for new in _iterables(loop.iter):
            patch = source.patched(Place(loop.iter, loop, loop), loop.iter, new)
            if patch is not None and count < MOST:
                count += 1
                yield patch


def _iterables(items: ast.expr) -> Iterator[ast.expr]:
    """All of the samples, and ranges that begin or end one further or nearer."""
    whole = ast.parse(ast.unparse(_Whole().visit(ast.parse(ast.unparse(items))))).body[0]
    if isinstance(whole, ast.Expr) and ast.dump(whole.value) != ast.dump(_parsed(items)):
        yield whole.value
    match items:
        case ast.Call(func=ast.Name(id="range") as name, args=args):
            for at, bound in enumerate(args[:2]):
                for step in (-1, 1):
                    new = [*args[:at], _moved(bound, step), *args[at + 1 :]]
                    yield ast.Call(name, new, [])


class _Whole(ast.NodeTransformer):
    """``zip(X[1:], Y[1:])`` as ``zip(X, Y)``."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        return node.value if isinstance(node.slice, ast.Slice) and not node.slice.step else node


def _moved(bound: ast.expr, step: int) -> ast.expr:
    """A bound one further or nearer, as one writes it: ``n - 1`` less one is ``n - 2``."""
    match bound:
        case ast.Constant(value=int(number)):
            return _number(number + step)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return _number(step - number)
        case ast.BinOp(
            left=left, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(number))
        ):
            total = (number if isinstance(op, ast.Add) else -number) + step
            if not total:
                return left
            sign = ast.Add() if total > 0 else ast.Sub()
            return ast.BinOp(left, sign, ast.Constant(abs(total)))
    sign = ast.Add() if step > 0 else ast.Sub()
    return ast.BinOp(bound, sign, ast.Constant(1))


def _number(number: int) -> ast.expr:
    if number >= 0:
        return ast.Constant(number)
    return ast.UnaryOp(ast.USub(), ast.Constant(-number))


def _parsed(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body
