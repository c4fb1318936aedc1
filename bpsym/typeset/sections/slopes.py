"""How the slope of a function comes about, from its definition to its short form.

    sigma'(z) = exp(-z)/(1 + exp(-z))^2 = 1/(1 + exp(-z)) (1 - 1/(1 + exp(-z))) = ...

A fraction is differentiated by the quotient rule, a product with named functions in it by the
product rule, their slopes left as names.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Cases,
    Comparison,
    Formula,
    Number,
    Power,
    Prime,
    Product,
    Quotient,
    Terms,
)

# Elementary functions that are written with exponentials when they are derived.
BY_EXPONENTIALS = {"cosh": sp.cosh, "sinh": sp.sinh, "tanh": sp.tanh}
_TWO = Fraction(2)


class _Slope(sp.Function):  # type: ignore[misc]  # sympy has no types
    """The slope of a named function, left as it is."""

    of: type[sp.Function]


class _Named(sp.Function):  # type: ignore[misc]
    """A named function that is not looked into."""

    of: type[sp.Function]

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        name = self.of.__name__ + "'"
        slope: sp.Expr = type(name, (_Slope,), {"of": self.of})(*self.args)
        return slope


class _Primes(Translator):
    """Writes slopes of named functions with a prime."""

    def _function(self, expr: sp.Function, bound: tuple[str, ...]) -> Formula:
        if isinstance(expr, _Slope | _Named):
            name = expr.of.__name__
            arguments = tuple(self._formula(each, bound) for each in expr.args)
            return Apply(Prime(name) if isinstance(expr, _Slope) else name, arguments)
        return super()._function(expr, bound)


def in_exponentials(definition: sp.Expr) -> sp.Expr:
    """``tanh(z)`` as ``(exp(z) - exp(-z))/(exp(z) + exp(-z))``; anything else as it is."""
    is_one = any(definition == function(U) for function in BY_EXPONENTIALS.values())
    return definition.rewrite(sp.exp) if is_one else definition


def between(definition: sp.Expr, translator: Translator) -> tuple[Formula, ...]:
    """The sides between ``f'(z)`` and its short form, for a definition of f in ``U``.

    Nothing where the short form is what the rules give at once.
    """
    if definition.has(sp.Piecewise):
        return ()
    if definition.has(sp.Abs):
        return tuple(_by_sign(definition, translator))
    numerator, denominator = sp.fraction(definition)
    primes = _Primes(translator.table, translator.letters)
    if denominator.has(sp.exp) and isinstance(denominator, sp.Add):
        return tuple(_of_fraction(numerator, denominator, primes))
    return tuple(_by_rules(definition, primes))


def _of_fraction(above: sp.Expr, below: sp.Expr, translator: Translator) -> Iterator[Formula]:
    """The quotient rule, and what it gives for sigmoid and tanh before the output is put in."""
    top, bottom = translator.formula(above), translator.formula(below)
    slopes = sp.diff(above, U), sp.diff(below, U)
    square = Power(bottom, _TWO)
    if above == 1:
        inner = translator.formula(-slopes[1])
        yield Quotient(inner, square)
        whole = Quotient(ONE, bottom)
        if sp.expand(-slopes[1] - (below - 1)) == 0:
            yield Product((whole, Quotient(Terms(((1, bottom), (-1, ONE))), bottom)))
            yield Product((whole, Terms(((1, ONE), (-1, whole)))))
    elif slopes == (below, above):
        yield Quotient(Terms(((1, square), (-1, Power(top, _TWO)))), square)
        yield Terms(((1, ONE), (-1, Power(Quotient(top, bottom), _TWO))))


def _by_sign(definition: sp.Expr, translator: Translator) -> Iterator[Formula]:
    """Where z is above 0 and where it is not, |z| is z and -z."""
    size = sp.Abs(U)
    above, below = (
        sp.factor(sp.diff(definition.xreplace({size: side}), U)).replace(_is_turned, _turned)
        for side in (U, -U)
    )
    if above != below:
        test = Comparison(translator.formula(U), ((">", Number(Fraction(0))),))
        yield Cases(((translator.formula(above), test), (translator.formula(below), None)))


def _is_turned(node: sp.Basic) -> bool:
    """``(z - 1)^2``, which reads better as ``(1 - z)^2``."""
    if not isinstance(node, sp.Pow) or not isinstance(node.base, sp.Add) or not node.exp.is_even:
        return False
    return bool(node.base.as_coeff_Add()[0].is_negative)


def _turned(node: sp.Pow) -> sp.Expr:
    return sp.Pow(-node.base, node.exp)


def _by_rules(definition: sp.Expr, translator: Translator) -> Iterator[Formula]:
    """Sum, product and chain rule, with the slopes of named functions left as names."""
    names = (*PRIMITIVES.values(), *BY_EXPONENTIALS.values())
    nodes = definition.atoms(sp.Function)
    named = definition.replace(
        lambda node: isinstance(node, names) and len(node.args) == 1,
        lambda node: type(type(node).__name__, (_Named,), {"of": type(node)})(*node.args),
    )
    if not nodes or (named == definition and not definition.has(sp.log, sp.erf)):
        return
    slope = sp.diff(named, U)
    yield translator.formula(slope)
    above, below = sp.fraction(slope)
    if isinstance(above, sp.exp) and isinstance(below, sp.Add):
        yield translator.formula(1 / sp.expand(below / above))
