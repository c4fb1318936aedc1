"""From an index equation in sympy to the formula tree.

sympy keeps no order of factors and terms and pushes signs and powers about; what is written here
is decided by ``order.py`` and by what the tensors are, never by sympy's printers. Nothing but the
writing changes: the tree has the value of the expression, which the tests check by evaluating it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import sympy as sp
from sympy.core.relational import Relational

from bpsym.calculus.equations import Equation
from bpsym.calculus.slopes.activation import Opaque, OpaqueSlope
from bpsym.calculus.slopes.margins import sides
from bpsym.calculus.terms.functions import U, log_cosh, xlogx
from bpsym.calculus.terms.indexed import Iverson, name_of, subscripts_of
from bpsym.typeset.formulas import branches
from bpsym.typeset.formulas.numerals import is_decimal
from bpsym.typeset.formulas.order import Order
from bpsym.typeset.formulas.symbols import SymbolTable, index
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Cases,
    Chain,
    Comparison,
    Conjunction,
    Formula,
    Kind,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Relation,
    Summation,
    Symbol,
    Terms,
    equation,
    flat_cases,
    has,
    negative,
    product,
    symbols,
)

_RELATIONS: dict[str, Relation] = {
    "==": "=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_MIRRORED: dict[Relation, Relation] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

# sympy's class name -> the name that the index language uses.
_NAMES = {"atan": "arctan", "Abs": "abs", "Max": "max", "Min": "min"}

# f(-u) = +-f(u): sympy chooses one of u and -u, here it is the error a - y.
_PARITY = dict.fromkeys(("tanh", "sinh", "sin", "atan", "erf", "sign"), -1)
_PARITY |= {"Abs": 1, "cosh": 1}

_PI = Symbol("pi", Kind.CONSTANT, "pi")
_E = Symbol("e", Kind.CONSTANT, "e")


class Translator:
    """Writes the expressions of one system as formulas.

    letters: what bare symbols stand for that are no tensors, such as ``z`` in a definition.
    """

    def __init__(self, table: SymbolTable, letters: dict[sp.Symbol, Symbol] | None = None) -> None:
        self.table = table
        self.letters = letters or {}
        self.order = Order(table)

    def equation(self, each: Equation) -> Chain:
        """A forward equation."""
        return equation(self.formula(each.lhs), self.formula(each.rhs))

    def formula(self, expr: sp.Expr) -> Formula:
        """An expression."""
        return self._formula(branches.with_brackets(expr), ())

    def _formula(self, expr: sp.Basic, bound: tuple[str, ...]) -> Formula:
        sign, value = self._signed(expr, bound)
        return value if sign > 0 else negative(value)

    def _signed(self, expr: sp.Basic, bound: tuple[str, ...]) -> tuple[int, Formula]:
        """A sign and a formula without one."""
        match expr:
            case branches.Branches():
                return self._signed(branches.with_brackets(expr.cases()), bound)
            case sp.Rational():
                value = Fraction(int(expr.p), int(expr.q))
                return (-1 if value < 0 else 1), number_formula(abs(value))
            case sp.Mul() | sp.Pow():
                return self._product(expr, bound)
            case sp.Add() if _common_factor(expr) != 1:
                return self._product(expr, bound)
            case sp.Sum():
                sign, body = self._signed(expr.function, self._inside(expr, bound))
                for i, lower, upper in expr.limits:
                    first, last = self._formula(lower, bound), self._formula(upper, bound)
                    body = Summation(index(i.name), first, last, body)
                return sign, body
            case sp.Function() if type(expr).__name__ in _PARITY:
                name = type(expr).__name__
                argument = self._formula(expr.args[0], bound)
                turned = self.order.error_first(argument)
                if turned is None:
                    return 1, Apply(_NAMES.get(name, name), (argument,))
                return _PARITY[name], Apply(_NAMES.get(name, name), (turned,))
            case _:
                return 1, self._unsigned(expr, bound)

    def _inside(self, expr: sp.Sum, bound: tuple[str, ...]) -> tuple[str, ...]:
        return (*bound, *(i.name for i, _, _ in expr.limits))

    def _unsigned(self, expr: sp.Basic, bound: tuple[str, ...]) -> Formula:
        match expr:
            case sp.Indexed():
                places = tuple(self._formula(each, bound) for each in subscripts_of(expr))
                return self.table.tensor(name_of(expr), places)
            case sp.Symbol():
                return self._symbol(expr)
            case sp.Add():
                return self._terms(expr.args, bound)
            case sp.Piecewise():
                return self._branches(expr, bound)
            case Iverson():
                return Bracket(self._condition(expr.args[0], bound))
            case sp.KroneckerDelta():
                # The summed index first, as in [s = v]: s is where the reader looks.
                left, right = sorted(expr.args, key=lambda each: not _mentions(each, bound))
                return Bracket(
                    Comparison(self._formula(left, bound), (("=", self._formula(right, bound)),))
                )
            case sp.core.numbers.Pi():
                return _PI
            case sp.core.numbers.Exp1():
                return _E
            case sp.Function():
                return self._function(expr, bound)
            case _:
                raise TypeError(f"no way to write {type(expr).__name__}: {expr}")

    def _terms(self, args: Iterable[sp.Expr], bound: tuple[str, ...]) -> Terms:
        return Terms(self.order.terms(self._signed(each, bound) for each in args))

    def _symbol(self, symbol: sp.Symbol) -> Symbol:
        if symbol in self.letters:
            return self.letters[symbol]
        if symbol.is_integer:
            return self.table.size(symbol.name) if symbol.is_positive else index(symbol.name)
        return self.table.tensor(symbol.name)

    def _function(self, expr: sp.Function, bound: tuple[str, ...]) -> Formula:
        arguments = tuple(self._formula(each, bound) for each in expr.args)
        match expr:
            case Opaque() if expr.activation.expression == U:
                return arguments[0]
            case Opaque():
                return Apply(self.table.functions[expr.activation], arguments)
            case OpaqueSlope():
                return self._slope(expr, arguments)
            case log_cosh():
                return Apply("log", (Apply("cosh", arguments),))
            case xlogx():
                return Product((*arguments, Apply("log", arguments)))
            case _:
                name = type(expr).__name__
                return Apply(_NAMES.get(name, name), arguments)

    def _slope(self, expr: OpaqueSlope, arguments: tuple[Formula, ...]) -> Formula:
        """``f'(z, alpha)``, the derivative in z, or the partial derivative in a parameter of f."""
        activation = expr.activation
        if activation.expression == U:
            return ONE
        name = self.table.functions[activation]
        if expr.position == 0:
            return Apply(Prime(name), arguments)
        return Partial(Apply(name, arguments), arguments[expr.position])

    def _branches(self, expr: sp.Piecewise, bound: tuple[str, ...]) -> Formula:
        extreme = branches.as_extreme(expr)
        if extreme is not None:
            name, values = extreme
            formulas = [self._formula(each, bound) for each in values]
            # max(0, u), as everyone writes it.
            formulas.sort(key=lambda each: not isinstance(each, Number))
            return Apply(name, tuple(formulas))
        return flat_cases(
            [
                (
                    self._formula(value, bound),
                    None if test == sp.true else self._condition(test, bound),
                )
                for value, test in expr.args
            ]
        )

    def _condition(self, test: sp.Basic, bound: tuple[str, ...]) -> Formula:
        if isinstance(test, sp.And):
            parts = [self._condition(each, bound) for each in test.args]
            parts.sort(key=str)
            return _between(parts) or Conjunction(tuple(parts))
        if not isinstance(test, Relational):
            raise TypeError(f"no way to write the condition {test}")
        left, written, right = sides(test)
        relation = _RELATIONS[written]
        if relation in _MIRRORED and left.is_number and not right.is_number:
            left, relation, right = right, _MIRRORED[relation], left
        value = self._formula(left, bound)
        turned = self.order.error_first(value)
        if relation in _MIRRORED and turned is not None:
            value, relation, right = turned, _MIRRORED[relation], -right
        return Comparison(value, ((relation, self._formula(right, bound)),))

    def _product(self, expr: sp.Expr, bound: tuple[str, ...]) -> tuple[int, Formula]:
        """Coefficient, fraction, factors and sums, in that order."""
        coefficient = Fraction(1)
        above: list[Formula] = []
        below: list[Formula] = []
        sign = 1
        for factor in expr.args if isinstance(expr, sp.Mul) else (expr,):
            if isinstance(factor, sp.Rational):
                coefficient *= Fraction(int(factor.p), int(factor.q))
                continue
            if isinstance(factor, sp.Add):
                common = _common_factor(factor)
                coefficient *= common
                number = sp.Rational(common.numerator, common.denominator)
                above.append(self._terms([each / number for each in factor.args], bound))
                continue
            if not isinstance(factor, sp.Pow):
                its_sign, value = self._signed(factor, bound)
                sign *= its_sign
                above += value.factors if isinstance(value, Product) else (value,)
                continue
            if not isinstance(factor.exp, sp.Rational):
                raise TypeError(f"no way to write the exponent of {factor}")
            exponent = Fraction(int(factor.exp.p), int(factor.exp.q))
            value = self._formula(factor.base, bound)
            if exponent.denominator == 1 and exponent % 2 == 0:
                value = self.order.error_first(value) or value
            place = above if exponent > 0 else below
            place.append(value if abs(exponent) == 1 else Power(value, abs(exponent)))
        if coefficient < 0:
            sign = -sign
        for at, value in enumerate(above):
            turned = self.order.one_minus(value) if len(above) > 1 else None
            if turned is not None:
                above[at], sign = turned, -sign
        for at, value in enumerate(above):
            turned = self.order.error_first(value)
            if sign < 0 and turned is not None:
                above[at], sign = turned, 1
        for at, value in enumerate(above):
            turned = self.order.turned(value) if sign < 0 else None
            if turned is not None:
                above[at], sign = turned, 1
        return sign, self._assembled(abs(coefficient), above, below)

    def _assembled(
        self, coefficient: Fraction, above: Sequence[Formula], below: Sequence[Formula]
    ) -> Formula:
        top: list[Formula]
        bottom: list[Formula]
        if is_decimal(coefficient):
            top, bottom = [Number(coefficient)], []
        else:
            top, bottom = [_whole(coefficient.numerator)], [_whole(coefficient.denominator)]
        bottom = [each for each in bottom if each != ONE]
        top = [each for each in top if each != ONE]
        below = self.order.factors(below)
        ordered = self.order.factors(each for each in above if each != ONE)
        constants = [each for each in ordered if is_constant(each)]
        top += constants
        ordered = ordered[len(constants) :]
        if any(not is_constant(each) for each in below):
            # A fraction with tensors in it takes in all but masks and sums, which follow it.
            inside = [each for each in ordered if not isinstance(each, Bracket | Cases)]
            inside = [each for each in inside if not has(each, Summation)]
            outside = [each for each in ordered if each not in inside]
            fraction = Quotient(product((*top, *inside)), product((*bottom, *below)))
            return product((fraction, *outside))
        denominator = (*bottom, *below)
        if denominator:
            return product((Quotient(product(tuple(top)), product(denominator)), *ordered))
        return product((*top, *ordered))


def number_formula(value: Fraction) -> Formula:
    """A number that is not negative; a ratio that is no short decimal becomes a fraction."""
    if value.denominator == 1 or is_decimal(value):
        return Number(value)
    return Quotient(_whole(value.numerator), _whole(value.denominator))


def _whole(value: int) -> Number:
    return Number(Fraction(value))


def _mentions(expr: sp.Basic, names: Iterable[str]) -> bool:
    return any(symbol.name in names for symbol in expr.free_symbols)


def is_constant(formula: Formula) -> bool:
    """Whether it is made of numbers and sizes only."""
    return all(each.kind in (Kind.SIZE, Kind.CONSTANT) for each in symbols(formula))


def _common_factor(expr: sp.Add) -> Fraction:
    """The number that all terms have in common up to sign; sympy multiplies it in by itself."""
    found = {abs(each.as_coeff_Mul()[0]) for each in expr.args}
    if len(found) != 1:
        return Fraction(1)
    (value,) = found
    return Fraction(int(value.p), int(value.q)) if isinstance(value, sp.Rational) else Fraction(1)


def _between(parts: Sequence[Formula]) -> Formula | None:
    """``-3 < z`` and ``z <= 3`` as ``-3 < z <= 3``."""
    if len(parts) != 2:
        return None
    match parts:
        case [Comparison(one, ((first, low),)), Comparison(other, ((second, high),))]:
            if one != other or first[0] == second[0] or {first[0], second[0]} != {"<", ">"}:
                return None
            if first[0] == "<":
                first, low, second, high = second, high, first, low
            return Comparison(low, ((_MIRRORED[first], one), (second, high)))
        case _:
            return None
