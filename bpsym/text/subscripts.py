"""Subscripts: integer multiples of indices, added up, such as ``i``, ``t-1`` or ``2*s+r``."""

from __future__ import annotations

import ast

from bpsym.errors import ExpressionError, quoted
from bpsym.text.lexing import Text
from bpsym.text.literals import number
from bpsym.text.syntax import Affine

DEEPEST_SUBSCRIPT = 64
LARGEST_COEFFICIENT = 10**6


def affine(node: ast.expr, text: Text) -> Affine:
    """The subscript that an ast node writes; raises ExpressionError if it is none."""
    terms, constant = _terms(node, text, 1)
    kept = tuple((name, factor) for name, factor in terms.items() if factor)
    if any(abs(value) > LARGEST_COEFFICIENT for value in (constant, *terms.values())):
        raise _refusal(node, text)
    return Affine(kept, constant)


def _terms(node: ast.expr, text: Text, depth: int) -> tuple[dict[str, int], int]:
    """Coefficients by index, in the order of writing, and the constant."""
    if depth > DEEPEST_SUBSCRIPT:
        raise _refusal(node, text)
    match node:
        case ast.Name(id=name):
            return {name: 1}, 0
        case ast.Constant():
            value = number(node, text)
            if value.denominator == 1:
                return {}, int(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _scaled(_terms(operand, text, depth + 1), -1)
        case ast.BinOp(op=ast.Add() | ast.Sub() as op, left=left, right=right):
            sign = 1 if isinstance(op, ast.Add) else -1
            terms, constant = _terms(left, text, depth + 1)
            others, other = _scaled(_terms(right, text, depth + 1), sign)
            for name, factor in others.items():
                terms[name] = terms.get(name, 0) + factor
            return terms, constant + other
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            first, second = _terms(left, text, depth + 1), _terms(right, text, depth + 1)
            if not first[0]:
                return _scaled(second, first[1])
            if not second[0]:
                return _scaled(first, second[1])
    raise _refusal(node, text)


def _scaled(part: tuple[dict[str, int], int], factor: int) -> tuple[dict[str, int], int]:
    terms, constant = part
    return {name: factor * value for name, value in terms.items()}, factor * constant


def _refusal(node: ast.expr, text: Text) -> ExpressionError:
    return text.refuse(
        "this is not a subscript",
        f"integer multiples of indices, added up, up to {LARGEST_COEFFICIENT}",
        quoted(ast.unparse(node)),
        "write i, t-1 or 2*s+r, for example",
    )
