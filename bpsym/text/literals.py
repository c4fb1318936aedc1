"""Numbers are exact: ``0.1`` is one tenth, whoever wrote it and wherever."""

from __future__ import annotations

import ast
import re
from fractions import Fraction

from bpsym.errors import quoted
from bpsym.text.lexing import Text

LARGEST_INTEGER = 10**9
MOST_DIGITS = 40
LARGEST_EXPONENT = 64
LARGEST_ROOT = 1000

_DECIMAL = re.compile(r"([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]{1,4}))?")


def decimal(text: str) -> Fraction | None:
    """The exact value of a decimal such as ``0.25`` or ``1e-5``.

    None if it is not one, or if it is longer than 40 digits when written out.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return None
    sign, whole, part, exponent = match[1], match[2], match[3], int(match[4] or 0)
    shift = exponent - len(part)
    digits = (whole + part).lstrip("0") or "0"
    if len(digits) + abs(shift) > MOST_DIGITS:
        return None
    value = int(digits) * Fraction(10) ** shift
    return -value if sign == "-" else value


def number(node: ast.Constant, text: Text) -> Fraction:
    """The exact value of a literal, read from the source itself and not from a float.

    Raises ExpressionError for what is not a decimal number, or is too long.
    """
    literal = text.source[node.col_offset : node.end_col_offset]
    value = decimal(literal)
    whole = literal.isdigit()
    if value is None or (whole and value > LARGEST_INTEGER):
        raise text.refuse(
            "a number is too large" if whole else "a number has too many digits",
            f"an integer up to 10^9, or a decimal of at most {MOST_DIGITS} digits written out",
            literal if len(literal) <= MOST_DIGITS else f"{len(literal)} digits",
            "scale the formula",
        )
    return value


def exponent(node: ast.expr, text: Text) -> Fraction:
    """The exponent of a power. Raises ExpressionError if it is no constant, or out of range."""
    value = constant(node, text)
    if value is None:
        raise text.refuse(
            "an exponent is not a constant",
            "a number, such as 2, 0.5 or 1/2",
            quoted(ast.unparse(node)),
            "write exp(v*log(u)) for u to the power v",
        )
    if abs(value) > LARGEST_EXPONENT or value.denominator > LARGEST_ROOT:
        raise text.refuse(
            "an exponent is out of range",
            f"between -{LARGEST_EXPONENT} and {LARGEST_EXPONENT}, "
            f"a fraction with a denominator of at most {LARGEST_ROOT}",
            quoted(ast.unparse(node)),
            "choose a smaller power",
        )
    return value


def constant(node: ast.expr, text: Text) -> Fraction | None:
    """The value of an expression of numbers alone, such as ``-1/2``, or None.

    Raises ExpressionError for a number that is too large or a division by zero.
    """
    match node:
        case ast.Constant():
            return number(node, text)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
            value = constant(operand, text)
            return -value if value is not None and isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            one, other = constant(left, text), constant(right, text)
            if one is None or other is None:
                return None
            return _combined(one, op, other, text)
        case _:
            return None


def _combined(one: Fraction, op: ast.operator, other: Fraction, text: Text) -> Fraction | None:
    match op:
        case ast.Add():
            return one + other
        case ast.Sub():
            return one - other
        case ast.Mult():
            return one * other
        case ast.Div() if other:
            return one / other
        case ast.Div():
            raise text.refuse("a division by zero", "a divisor", "0", "leave it out")
        case _:
            return None
