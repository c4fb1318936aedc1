"""How the slope of a function comes about, from its definition to its short form.

    sigma'(z) = exp(-z)/(1 + exp(-z))^2 = 1/(1 + exp(-z)) (1 - 1/(1 + exp(-z))) = ...

A fraction is differentiated by the quotient rule, a product with named functions in it by the
product rule, their slopes left as names. Every side is proven before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import sympy as sp

from bpsym.calculus.slopes.activation import Activation, slope_function
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.errors import ProofError
from bpsym.proof.equality import Setting, prove_equality
from bpsym.typeset.formula import (
    ONE,
    Apply,
    Formula,
    Power,
    Prime,
    Product,
    Quotient,
    Terms,
)
from bpsym.typeset.from_sympy import Translator

# Elementary functions that are written with exponentials when they are derived.
BY_EXPONENTIALS = {"tanh": sp.tanh}
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

    Nothing where the short form is what the rules give at once. Raises ProofError if a side is
    not the derivative of the definition.
    """
    if definition.has(sp.Piecewise):
        return ()
    numerator, denominator = sp.fraction(definition)
    primes = _Primes(translator.table, translator.letters)
    if denominator.has(sp.exp) and isinstance(denominator, sp.Add):
        sides = list(_of_fraction(numerator, denominator, primes))
    else:
        sides = list(_by_rules(definition, primes))
    for _, value in sides:
        require(definition, value)
    return tuple(formula for formula, _ in sides)


def _of_fraction(
    above: sp.Expr, below: sp.Expr, translator: Translator
) -> Iterator[tuple[Formula, sp.Expr]]:
    """The quotient rule, and what it gives for sigmoid and tanh before the output is put in."""
    top, bottom = translator.formula(above), translator.formula(below)
    slopes = sp.diff(above, U), sp.diff(below, U)
    square = Power(bottom, _TWO)
    if above == 1:
        yield Quotient(translator.formula(-slopes[1]), square), -slopes[1] / below**2
        whole = Quotient(ONE, bottom)
        if sp.expand(-slopes[1] - (below - 1)) == 0:
            rest = Terms(((1, ONE), (-1, whole)))
            yield Product((whole, rest)), (1 / below) * (1 - 1 / below)
    elif slopes == (below, above):
        squares = Terms(((1, square), (-1, Power(top, _TWO))))
        yield Quotient(squares, square), (below**2 - above**2) / below**2


def _by_rules(definition: sp.Expr, translator: Translator) -> Iterator[tuple[Formula, sp.Expr]]:
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
    value = slope.replace(
        lambda node: isinstance(node, _Slope), lambda node: node.of(U).diff(U).subs(U, node.args[0])
    ).replace(lambda node: isinstance(node, _Named), lambda node: node.of(*node.args))
    yield translator.formula(slope), value


@cache
def require(definition: sp.Expr, claimed: sp.Expr) -> None:
    """Raise ProofError unless the claimed expression is the derivative of the definition."""
    derived = slope_function(_as_activation(definition), 0)(U)
    proof = prove_equality("derivative", "a slope", derived, claimed, (), Setting([{}]))
    if not proof.ok:
        raise ProofError.single(
            where="the slope of a function",
            what="a step of its derivation could not be proven, so nothing is printed",
            expected=str(sp.diff(definition, U)),
            got=str(claimed),
            way_out="this is a fault of bpsym: please report the network",
        )


@cache
def _as_activation(definition: sp.Expr) -> Activation:
    return Activation("f", definition, catalogued=False)
