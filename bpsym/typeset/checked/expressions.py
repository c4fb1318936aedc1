"""From the formula tree back to an index expression: what a printed line says, for the prover.

The way there (``from_sympy``) writes an expression as people do; products of partial derivatives
and the steps of a slope are put together as formulas in the first place. Read back, both are
expressions again, and an error in the writing is an error in the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType

import sympy as sp

from bpsym.calculus.terms.functions import PRIMITIVES, sign
from bpsym.calculus.terms.indexed import Iverson, element, index, kronecker, scalar, size
from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Cases,
    Comparison,
    Conjunction,
    Formula,
    Joint,
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
    symbols,
)

Called = Callable[..., sp.Expr]


class UnreadableError(Exception):
    """A formula that is no index expression, such as one of matrices."""


def _larger(*arguments: sp.Expr) -> sp.Expr:
    return reduce(lambda one, other: sp.Piecewise((one, one > other), (other, True)), arguments)


def _smaller(*arguments: sp.Expr) -> sp.Expr:
    return reduce(lambda one, other: sp.Piecewise((one, one < other), (other, True)), arguments)


FUNCTIONS: Mapping[str, Called] = MappingProxyType(
    {
        **PRIMITIVES,
        "abs": sp.Abs,
        "arctan": sp.atan,
        "cos": sp.cos,
        "cosh": sp.cosh,
        "erf": sp.erf,
        "exp": sp.exp,
        "log": sp.log,
        "max": _larger,
        "min": _smaller,
        "sign": sign,
        "sin": sp.sin,
        "sinh": sp.sinh,
        "tanh": sp.tanh,
    }
)

_CONSTANTS: Mapping[str, sp.Expr] = MappingProxyType({"pi": sp.pi, "e": sp.E})

_COMPARE: Mapping[Relation, Callable[[sp.Expr, sp.Expr], sp.Basic]] = MappingProxyType(
    {"=": sp.Eq, "!=": sp.Ne, "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}
)


@dataclass(frozen=True)
class Expressions:
    """Reads formulas.

    symbol: the value of a tensor's symbol at its subscripts, None for one of that name.
    partial: the value of a partial derivative. functions: those with names of their own, and the
    slopes ``f'`` of functions.
    """

    symbol: Callable[[Symbol, Sequence[sp.Expr]], sp.Expr | None] = lambda symbol, places: None
    partial: Callable[[Partial, Expressions], sp.Expr] | None = None
    functions: Mapping[str, Called] = field(default_factory=dict)
    size: Callable[[str], sp.Expr] = size

    def of(self, formula: Formula) -> sp.Expr:
        """The expression. Raises UnreadableError where a formula is none."""
        match formula:
            case Symbol():
                return self._symbol(formula)
            case Number(value):
                return sp.Rational(value.numerator, value.denominator)
            case Terms(terms):
                return sp.Add(*(sign * self.of(term) for sign, term in terms))
            case Product(factors, Joint.BESIDE | Joint.DOT):
                return sp.Mul(*map(self.of, factors))
            case Quotient(numerator, denominator):
                return self.of(numerator) / self.of(denominator)
            case Power(base, exponent):
                return self.of(base) ** sp.Rational(exponent.numerator, exponent.denominator)
            case Summation(running, lower, upper, body):
                limits = (index(running.name), self.of(lower), self.of(upper))
                return sp.Sum(self.of(body), limits)
            case Apply(function, arguments):
                return self._function(function)(*map(self.of, arguments))
            case Bracket(condition):
                return self._bracket(condition)
            case Cases(branches):
                return self._cases(branches)
            case Partial() if self.partial is not None:
                return self.partial(formula, self)
            case _:
                raise UnreadableError(f"a {type(formula).__name__} is no index expression")

    def _symbol(self, symbol: Symbol) -> sp.Expr:
        places = [self.of(each) for each in symbol.subscripts]
        match symbol.kind:
            case Kind.INDEX:
                return index(symbol.name)
            case Kind.SIZE:
                return self.size(symbol.name)
            case Kind.CONSTANT if symbol.name in _CONSTANTS:
                return _CONSTANTS[symbol.name]
            case Kind.TENSOR:
                found = self.symbol(symbol, places)
                if found is not None:
                    return found
                return element(symbol.name, *places) if places else scalar(symbol.name)
        raise UnreadableError(f"{symbol.name!r} stands for something that is left out")

    def _function(self, function: str | Prime) -> Called:
        name = f"{function.function}'" if isinstance(function, Prime) else function
        found = self.functions.get(name) or FUNCTIONS.get(name)
        if found is None:
            raise UnreadableError(f"nothing is known of the function {name!r}")
        return found

    def _bracket(self, condition: Formula) -> sp.Expr:
        match condition:
            case Comparison(first, (("=", second),)) if _is_of_integers(condition):
                return kronecker(self.of(first), self.of(second))
        return Iverson(self._condition(condition))

    def _cases(self, branches: Sequence[tuple[Formula, Formula | None]]) -> sp.Expr:
        rows = [
            (self.of(value), True if test is None else self._condition(test))
            for value, test in branches
        ]
        return sp.Piecewise(*rows)

    def _condition(self, condition: Formula) -> sp.Basic:
        match condition:
            case Conjunction(conditions):
                return sp.And(*map(self._condition, conditions))
            case Comparison(first, rest):
                parts, left = list[sp.Basic](), self.of(first)
                for relation, side in rest:
                    right = self.of(side)
                    parts.append(_COMPARE[relation](left, right))
                    left = right
                return sp.And(*parts)
        raise UnreadableError(f"a {type(condition).__name__} is no condition")


def _is_of_integers(condition: Formula) -> bool:
    return all(each.kind is not Kind.TENSOR for each in symbols(condition))
