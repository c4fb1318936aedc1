"""The changes of one operand: an argument's sign, the count that is divided by, what it is less."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

# (rank, what is changed, what stands there instead); lower ranks are tried first.
Exchange = tuple[float, ast.expr, ast.expr]


def operand_changes(node: ast.expr, counts: Sequence[str]) -> Iterator[Exchange]:
    """The changes of a node that make it no longer. counts: texts that hold the samples' number."""
    match node:
        case ast.Call(args=[argument], keywords=[]) if not isinstance(argument, ast.Constant):
            if not isinstance(argument, ast.UnaryOp):  # exp(z) for exp(-z)
                yield 1.15, argument, ast.UnaryOp(ast.USub(), argument)
        case ast.BinOp(op=ast.Div(), right=ast.Attribute(value=array, attr="size") as size):
            for text in counts[:1]:
                yield 0.28, size, _parsed(text)
            for axis in (0, 1):
                shape = ast.Attribute(array, "shape", ast.Load())
                yield 0.29, size, ast.Subscript(shape, ast.Constant(axis), ast.Load())
        case ast.BinOp(op=ast.Mult()):
            for part in (node.left, node.right):  # a for a * (1 - a)
                if isinstance(part, ast.Name | ast.Call | ast.Subscript | ast.Attribute):
                    rest = ast.BinOp(ast.Constant(1), ast.Sub(), part)
                    yield 1.25, node, ast.BinOp(node, ast.Mult(), rest)
        case ast.DictComp(generators=[one]) if not one.ifs:  # each gradient clipped, or scaled
            match one.iter:
                case ast.Call(func=ast.Attribute(value=whole, attr="items"), args=[]):
                    yield 0.3, node, whole
        case ast.ListComp(generators=[one]) if not one.ifs and isinstance(one.iter, ast.Name):
            yield 0.3, node, one.iter


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
