"""The constants of a formula, with exponents far beyond those of floating point.

``exp(1000) * z`` is a formula like any other to exact arithmetic and to sixty digits; in emitted
code its constant would be infinite. The numbers here are decimals of twenty digits and exponents
of eighteen, which hold whatever ``limits`` lets pass.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from bpsym.text import syntax
from bpsym.text.syntax import Expression

_CONTEXT = decimal.Context(
    prec=20,
    Emax=decimal.MAX_EMAX,
    Emin=decimal.MIN_EMIN,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


def _hyperbolic(u: Decimal, sign: int) -> Decimal:
    return (_CONTEXT.exp(u) + sign * _CONTEXT.exp(-u)) / 2


# Functions that grow, or of which a small value matters. All others are of about the size of 1.
_FUNCTIONS: Mapping[str, Callable[[Decimal], Decimal]] = MappingProxyType(
    {
        "exp": _CONTEXT.exp,
        "expm1": lambda u: _CONTEXT.exp(u) - 1,
        "sinh": lambda u: _hyperbolic(u, -1),
        "cosh": lambda u: _hyperbolic(u, 1),
        "log": _CONTEXT.ln,
        "log1p": lambda u: _CONTEXT.ln(1 + u),
        "sqrt": _CONTEXT.sqrt,
        "abs": abs,
        "softplus": lambda u: _CONTEXT.ln(1 + _CONTEXT.exp(u)),
        "sigmoid": lambda u: 1 / (1 + _CONTEXT.exp(-u)),
        "normal_pdf": lambda u: _CONTEXT.exp(-u * u / 2) / Decimal(math.sqrt(2 * math.pi)),
        "sin": lambda u: Decimal(math.sin(u)),
        "cos": lambda u: Decimal(math.cos(u)),
        "tanh": lambda u: Decimal(math.tanh(u)),
        "arctan": lambda u: Decimal(math.atan(u)),
        "erf": lambda u: Decimal(math.erf(u)),
    }
)


def constants(node: Expression) -> Iterator[Decimal]:
    """What stands as a number before a product or as a term of a sum, from the outside inwards."""
    with decimal.localcontext(_CONTEXT):
        yield from _constants(node)


def _constants(node: Expression) -> Iterator[Decimal]:
    factor, others = _product(node)
    if factor is not None:
        yield factor
    for other in others:
        for child in syntax.children(other):
            yield from _constants(child)


def _product(node: Expression) -> tuple[Decimal | None, list[Expression]]:
    """The number that a product begins with, None if it is not known, and its other factors."""
    value = _value(node)
    if value is not None:
        return value, []
    match node:
        case syntax.Negative(argument):
            factor, others = _product(argument)
            return factor, others
        case syntax.Binary("*" | "/" as operator, left, right):
            (one, first), (other, second) = _product(left), _product(right)
            if one is None or other is None or (operator == "/" and other == 0):
                return None, [*first, *second]
            return (one * other if operator == "*" else one / other), [*first, *second]
        case syntax.Power(base, exponent):
            factor, others = _product(base)
            if factor is None or not others or exponent.denominator != 1 or factor == 0:
                return None, others
            return factor**exponent.numerator, others
    return Decimal(1), [node]


def _value(node: Expression) -> Decimal | None:
    """The number that a part without variables is; None if it has some, or is no real number."""
    match node:
        case syntax.Number(value):
            return Decimal(value.numerator) / Decimal(value.denominator)
        case syntax.Name("pi"):
            return Decimal(math.pi)
        case syntax.Name() | syntax.Read() | syntax.Sum() | syntax.Where():
            return None
    values = [_value(child) for child in syntax.children(node)]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    try:
        return _applied(node, known)
    except (ArithmeticError, ValueError):
        return None


def _applied(node: Expression, values: list[Decimal]) -> Decimal | None:
    match node, values:
        case syntax.Negative(), [value]:
            return -value
        case syntax.Binary("+"), [left, right]:
            return left + right
        case syntax.Binary("-"), [left, right]:
            return left - right
        case syntax.Binary("*"), [left, right]:
            return left * right
        case syntax.Binary("/"), [left, right]:
            return left / right
        case syntax.Power(_, exponent), [value]:
            return value ** (Decimal(exponent.numerator) / Decimal(exponent.denominator))
        case syntax.Call("max" | "min" as function, _), [left, right]:
            return max(left, right) if function == "max" else min(left, right)
        case syntax.Call(function, _), [value] if function in _FUNCTIONS:
            return _FUNCTIONS[function](value)
    return None
