"""Quotients of polynomials, against sympy's cancel and factor."""

import itertools

import pytest
import sympy as sp

from bpsym.calculus.slopes.quotients import UNKNOWN, Quotient, constant, read, written

G, S = sp.Symbol("g"), sp.Symbol("s")
EXPRESSIONS = [
    sp.Integer(3),
    sp.Rational(2, 5) * G,
    1 / G,
    G / (1 + G) ** 2,
    (G**2 - 1) / (G**2 + 1),
    (1 + G) ** 3 / 7 - 2 / (G - 3),
    (G - 1 / G) / (G + 1 / G),
    (G**2 - G) / (G**3 + G),
]
LOGIT = UNKNOWN * (constant(1) + constant(-1) * UNKNOWN) ** -1


def power_of(node: sp.Expr) -> int | None:
    return 1 if node == G else None


def as_sympy(quotient: Quotient, unknown: sp.Symbol) -> sp.Expr:
    above, below = (
        sp.Add(*(sp.Rational(c.numerator, c.denominator) * unknown**k for k, c in enumerate(side)))
        for side in (quotient.above, quotient.below)
    )
    return above / below


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_what_is_read_is_the_expression(expr):
    assert sp.cancel(as_sympy(read(expr, power_of), G) - expr) == 0


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_a_quotient_put_for_the_unknown(expr):
    expected = expr.subs(G, S / (1 - S))
    assert sp.cancel(as_sympy(read(expr, power_of).at(LOGIT), S) - expected) == 0


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_cancelled_as_far_as_sympy_cancels(expr):
    quotient = read(expr, power_of).cancelled()
    above, below = sp.fraction(sp.cancel(expr))
    degrees = [max(len(side) - 1, 0) for side in (quotient.above, quotient.below)]
    assert degrees == [sp.degree(side, G) if side.has(G) else 0 for side in (above, below)]
    assert sp.cancel(as_sympy(quotient, G) - expr) == 0


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_a_polynomial_is_told_from_a_fraction(expr):
    found = read(expr, power_of).at(LOGIT).polynomial()
    expected = sp.cancel(expr.subs(G, S / (1 - S)))
    assert (found is not None) == expected.is_polynomial(S)
    if found is not None:
        assert sp.expand(written(found, S) - expected) == 0


@pytest.mark.parametrize("coefficients", list(itertools.product((-2, 0, 1), repeat=3)))
def test_written_as_sympy_factors(coefficients):
    expr = sp.Add(*(c * S**k for k, c in enumerate(coefficients)))
    found = read(expr, lambda node: 1 if node == S else None).polynomial()
    assert written(found, S) == sp.factor(expr)


def test_what_is_no_quotient_is_not_read():
    assert read(sp.exp(G), power_of) is None
    assert read(G**S, power_of) is None
    assert read(sp.sqrt(G), power_of) is None


def test_a_quotient_by_zero_is_no_polynomial():
    assert (constant(1) * constant(0) ** -1).polynomial() is None
