"""The syntax tree of the index language, read into sympy by constructors alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import sympy as sp

from bpsym.calculus.terms import functions
from bpsym.calculus.terms.indexed import element, index, scalar
from bpsym.errors import ExpressionError
from bpsym.text import syntax

Builder = Callable[..., sp.Expr]


def rational(value: Fraction) -> sp.Rational:
    """An exact sympy number."""
    return sp.Rational(value.numerator, value.denominator)


def cases(*branches: tuple[sp.Expr, sp.Basic]) -> sp.Expr:
    """A case distinction; one inside of a condition, as in relu(relu(z)), is multiplied out."""
    found = sp.Piecewise(*branches)
    return sp.piecewise_fold(found) if found.has(sp.ITE) else found


def comparison(operator: str, left: sp.Expr, right: sp.Expr) -> sp.Basic:
    """``left < right`` and its like; of two composed sides, ``difference < 0``.

    sympy normalises a condition again and again, and with 3 x + 3 c > 5 x - 7 c it never ends.
    """
    relation = _RELATIONS[operator]
    sides = (left, right)
    plain = any(each.is_number for each in sides) or all(
        isinstance(each, sp.Symbol | sp.Indexed) for each in sides
    )
    # Of a difference of cases sympy makes cases of conditions.
    if plain or any(each.has(sp.Piecewise, sp.Abs, functions.sign) for each in sides):
        return relation(left, right)
    factor, difference = (left - right).primitive()
    return relation(difference if factor.is_positive else left - right, 0)


def _maximum(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    return cases((left, comparison(">", left, right)), (right, True))


def _minimum(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    return cases((left, comparison("<", left, right)), (right, True))


# Functions that are sympy's own; the primitives and the activations come on top.
FUNCTIONS: Mapping[str, Builder] = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "tanh": sp.tanh,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "sin": sp.sin,
    "cos": sp.cos,
    "arctan": sp.atan,
    "atan": sp.atan,
    "erf": sp.erf,
    "abs": sp.Abs,
    "sign": functions.sign,
    "max": _maximum,
    "min": _minimum,
    "log1p": lambda u: sp.log(1 + u),
    "expm1": lambda u: sp.exp(u) - 1,
    "xlogx": functions.xlogx,
    **functions.PRIMITIVES,
}

_RELATIONS: Mapping[str, Callable[[sp.Expr, sp.Expr], sp.Basic]] = {
    "<": sp.StrictLessThan,
    "<=": sp.LessThan,
    ">": sp.StrictGreaterThan,
    ">=": sp.GreaterThan,
}


@dataclass(frozen=True)
class Reader:
    """Reads a syntax tree with the names that are known here.

    sizes: the size of each index, for sums.
    names: what a bare name stands for: options, sizes, the variable of an activation.
    expand: the expression of a catalogued activation, for calls of it by name.
    """

    sizes: Callable[[str], sp.Expr]
    names: Mapping[str, sp.Expr] = field(default_factory=dict)
    expand: Callable[[str, sp.Expr], sp.Expr | None] = lambda name, argument: None

    def subscript(self, affine: syntax.Affine) -> sp.Expr:
        """``2*s + r - 1``; a name that is a known size stands for that size."""
        terms = [
            sp.Integer(factor) * self.names.get(name, index(name)) for name, factor in affine.terms
        ]
        return sp.Add(sp.Integer(affine.constant), *terms)

    def read(self, node: syntax.Read) -> sp.Expr:
        """An element."""
        return element(node.tensor, *(self.subscript(affine) for affine in node.subscripts))

    def expression(self, node: syntax.Expression) -> sp.Expr:
        """The sympy expression of a tree.

        Raises ExpressionError for a name or function that is not known here.
        """
        match node:
            case syntax.Number(value):
                return rational(value)
            case syntax.Name(name):
                return self._name(name)
            case syntax.Read():
                return self.read(node)
            case syntax.Negative(argument):
                return -self.expression(argument)
            case syntax.Binary(operator, left, right):
                return _existing(_binary(operator, self.expression(left), self.expression(right)))
            case syntax.Power(operand, exponent):
                return _existing(self.expression(operand) ** rational(exponent))
            case syntax.Call(function, arguments):
                values = [self.expression(each) for each in arguments]
                return _existing(self._call(function, values))
            case syntax.Where(operator, left, right, then, otherwise):
                test = comparison(operator, self.expression(left), self.expression(right))
                return _branches(self.expression(then), test, self.expression(otherwise))
            case syntax.Sum(bound, body):
                return sp.Sum(
                    self.expression(body), (index(bound), sp.Integer(1), self.sizes(bound))
                )

    def _name(self, name: str) -> sp.Expr:
        if name in self.names:
            return self.names[name]
        if name == "pi":
            return sp.pi
        raise ExpressionError.single(
            where=f"name {name!r}",
            what="nothing of this name is known here",
            expected=", ".join(sorted(self.names)) or "no bare names",
            got=name,
            way_out="write a tensor with its indices, such as " + name + "[i]",
        )

    def _call(self, function: str, arguments: list[sp.Expr]) -> sp.Expr:
        if function in FUNCTIONS:
            return FUNCTIONS[function](*arguments)
        expanded = self.expand(function, arguments[0]) if len(arguments) == 1 else None
        if expanded is None:
            raise ExpressionError.single(
                where=f"function {function!r}",
                what="this function is not in the catalogue",
                expected=", ".join(sorted(FUNCTIONS)),
                got=function,
                way_out="write it with the functions that are",
            )
        return expanded


def _existing(value: sp.Expr) -> sp.Expr:
    """The value, if there is one: options and sizes may turn a divisor into zero."""
    infinite = is_infinite(value)
    if infinite or (value.is_number and value.is_real is False):
        raise ExpressionError.single(
            where="formula",
            what="a part of it is not a real number",
            expected="divisors other than zero, logarithms and roots of positive numbers",
            got="a division by 0, or a logarithm of 0" if infinite else str(value)[:40],
            way_out="look at it with the numbers put in; 1/max(0, z) is 1/0 at z = -1",
        )
    return value


def is_infinite(value: sp.Basic) -> bool:
    """Whether a formula divides by 0, wherever it is evaluated or on a branch of its cases."""
    return bool(value.has(sp.zoo, sp.nan, sp.oo, -sp.oo))


def _branches(then: sp.Expr, test: sp.Basic, otherwise: sp.Expr) -> sp.Expr:
    """A case distinction; one in the last branch is taken up, so that the cases form a list."""
    rest = otherwise.args if isinstance(otherwise, sp.Piecewise) else ((otherwise, True),)
    return cases((then, test), *rest)


def _binary(operator: str, left: sp.Expr, right: sp.Expr) -> sp.Expr:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right


def symbol_names(names: Mapping[str, Fraction]) -> dict[str, sp.Expr]:
    """Options as exact numbers, under their names."""
    return {name: rational(value) for name, value in names.items()}


__all__ = ["FUNCTIONS", "Reader", "rational", "scalar", "symbol_names"]
