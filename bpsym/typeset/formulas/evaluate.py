"""The value of a formula: what a reader who computes it as printed would get.

Numbers are whatever the values are, floats or Fractions; a matrix formula takes arrays. The
evaluator knows nothing of sympy, so that it can be held against the derivation.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from types import MappingProxyType
from typing import Any

from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Cases,
    Chain,
    Comparison,
    Conjunction,
    Decimal,
    Formula,
    Joint,
    Kind,
    Matrix,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
)

Function = Callable[..., Any]

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


# Keywords of calls in code stand for their values.
_CONSTANTS: Mapping[str, float] = {
    "pi": math.pi,
    "e": math.e,
    "axis=0": 0,
    "axis=1": 1,
    "keepdims=True": True,
}


def _softplus(u: float) -> float:
    return max(u, 0.0) + math.log1p(math.exp(-abs(u)))


def _huber(d: float, delta: float) -> float:
    return d * d / 2 if abs(d) <= delta else delta * (abs(d) - delta / 2)


FLOAT_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": abs,
        "arctan": math.atan,
        "cos": math.cos,
        "cosh": math.cosh,
        "erf": math.erf,
        "exp": math.exp,
        "huber": _huber,
        "log": math.log,
        "max": max,
        "min": min,
        "normal_cdf": lambda u: math.erfc(-u / math.sqrt(2)) / 2,
        "normal_pdf": lambda u: math.exp(-u * u / 2) / math.sqrt(2 * math.pi),
        "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
        "sign": lambda u: int(u > 0) - int(u < 0),
        "sin": math.sin,
        "sinh": math.sinh,
        "softplus": _softplus,
        "tanh": math.tanh,
    }
)


@dataclass(frozen=True)
class Values:
    """What the symbols stand for.

    tensors: by name, anything that is indexed from 0 (formulas count from 1), or a number.
    sizes: by label. indices: the values of free indices.
    functions: by name; the derivative of ``f`` is called ``f'``.
    partials: the value of a ``Partial``, which cannot be computed from the values of its parts.
    number: what an exact number becomes. matrix: what rows of entries become.
    exactly: whether a rounded number stands for what it was rounded from, or for what is printed.
    """

    tensors: Mapping[str, Any]
    sizes: Mapping[str, int] = field(default_factory=dict)
    indices: Mapping[str, int] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=lambda: FLOAT_FUNCTIONS)
    partials: Callable[[Partial, Values], Any] | None = None
    number: Callable[[Fraction], Any] = float
    matrix: Callable[[list[list[Any]]], Any] = list
    exactly: bool = False

    def at(self, **indices: int) -> Values:
        """The same with other values of indices."""
        return replace(self, indices={**self.indices, **indices}) if indices else self


def evaluate(formula: Formula, values: Values) -> Any:
    """The value of a formula; of a chain, the value of its last side.

    A product with a factor 0 is 0 and its other factors are not looked at: ``[y > 0] log y`` and
    ``y log y`` are 0 where y = 0.
    Raises KeyError for a name that has no value.
    """

    def of(each: Formula) -> Any:
        return evaluate(each, values)

    match formula:
        case Symbol():
            return _symbol(formula, values)
        case Number(value):
            return values.number(value)
        case Decimal(value, text):
            return value if values.exactly else values.number(Fraction(text))
        case Terms(terms):
            signed = (of(term) if sign > 0 else -of(term) for sign, term in terms)
            return reduce(operator.add, signed)
        case Product(factors, joint):
            return _product(factors, joint, values)
        case Quotient(numerator, denominator):
            return of(numerator) / of(denominator)
        case Power(base, exponent):
            whole = exponent.denominator == 1
            return of(base) ** (int(exponent) if whole else float(exponent))
        case Summation(index, lower, upper, body):
            numbers = range(int(of(lower)), int(of(upper)) + 1)
            parts = (evaluate(body, values.at(**{index.name: k})) for k in numbers)
            return reduce(operator.add, parts, values.number(Fraction(0)))
        case Apply(function, arguments):
            name = f"{function.function}'" if isinstance(function, Prime) else function
            return values.functions[name](*map(of, arguments))
        case Bracket(condition):
            holds = _holds(condition, values)
            if _dimensions(holds):
                return holds * values.number(Fraction(1))
            return values.number(Fraction(int(holds)))
        case Cases(branches):
            return of(next(v for v, test in branches if test is None or _holds(test, values)))
        case Transpose(argument):
            return of(argument).T
        case Matrix(rows):
            return values.matrix([[of(entry) for entry in row] for row in rows])
        case Chain(first, rest):
            return of(rest[-1][1] if rest else first)
        case Partial(Apply(str() as function, arguments), by) if by in arguments and (
            slope := values.functions.get(slope_name(function, arguments.index(by)))
        ):
            return slope(*map(of, arguments))
        case Partial() if values.partials is not None:
            return values.partials(formula, values)
        case _:
            raise TypeError(f"a {type(formula).__name__} has no value here")


def slope_name(function: str, position: int) -> str:
    """What the derivative of a function in one of its arguments is called; ``f'`` in the first."""
    return f"{function}'{position or ''}"


def _symbol(symbol: Symbol, values: Values) -> Any:
    match symbol.kind:
        case Kind.INDEX:
            return values.indices[symbol.name]
        case Kind.SIZE:
            return values.sizes[symbol.name]
        case Kind.CONSTANT:
            return _CONSTANTS[symbol.name]
        case Kind.TENSOR:
            found = values.tensors[symbol.name]
            for place in symbol.subscripts:
                number = int(evaluate(place, values))
                if number < 1:
                    raise IndexError(f"{symbol.name} has no element {number}")
                found = found[number - 1]
            return found


def _product(factors: tuple[Formula, ...], joint: Joint, values: Values) -> Any:
    masks = (evaluate(each, values) for each in factors if isinstance(each, Bracket))
    if any(_dimensions(mask) == 0 and mask == 0 for mask in masks):
        return values.number(Fraction(0))
    result: Any = None
    for factor in factors:
        value = evaluate(factor, values)
        if _dimensions(value) == 0 and value == 0:
            return values.number(Fraction(0))
        if result is None:
            result = value
        elif joint is not Joint.HADAMARD and _dimensions(result) and _dimensions(value):
            result = result @ value
        else:
            result = result * value
    return result


def _dimensions(value: Any) -> int:
    return int(getattr(value, "ndim", 0))


def _holds(condition: Formula, values: Values) -> Any:
    """Whether a condition holds; for a matrix, in which entries."""
    match condition:
        case Conjunction(conditions):
            return all(_holds(each, values) for each in conditions)
        case Comparison(first, rest):
            left = evaluate(first, values)
            for relation, side in rest:
                right = evaluate(side, values)
                holds = _COMPARE[relation](left, right)
                if _dimensions(holds):
                    return holds
                if not holds:
                    return False
                left = right
            return True
        case _:
            raise TypeError(f"a {type(condition).__name__} is no condition")
