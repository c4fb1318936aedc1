"""Dual numbers, digits and degrees."""

import mpmath
import pytest
import sympy as sp

from bpsym.proof.evaluate.compiled import Compiler
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.degrees import Degree, Degrees, bound
from bpsym.proof.values.digits import Digits, agree
from bpsym.proof.values.dual import Dual, DualNumbers
from bpsym.proof.values.field import Field, P

U = sp.Symbol("u", real=True)
FUNCTIONS = ("exp", "log", "erf", "atan", "sin", "cos", "tanh", "sinh", "cosh", "Abs")


POINTS = ("0.3", "1.7", "-0.6")
PLACES = [(name, at) for name in FUNCTIONS for at in POINTS if name != "log" or at > "0"]


@pytest.mark.parametrize(("name", "at"), PLACES)
def test_the_derivative_of_a_function_is_its_difference_quotient(name, at):
    digits = Digits()
    point = digits.context.mpf(at)
    dual = DualNumbers(digits).function(name)(Dual(point, digits.context.mpf(3)))
    with mpmath.workdps(digits.context.dps):
        numeric = digits.context.diff(digits.function(name), point)
    assert dual.value == digits.function(name)(point)
    assert abs(dual.slope - 3 * numeric) < 1e-12


EXPRESSIONS = {
    "product": U * sp.exp(U) * sp.sin(U),
    "quotient": sp.sin(U) / (1 + U**2),
    "root": sp.sqrt(1 + U**2),
    "cube root": (1 + U**2) ** sp.Rational(1, 3),
    "cases": sp.Piecewise((U**2, U > 0), (sp.exp(U) - 1, True)),
    "power of zero": U**2 + U,
    "constants": sp.sqrt(2 / sp.pi) * U + sp.E * U**2,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_dual_numbers_against_sympy(name):
    """sympy is the oracle here; the proofs use the dual numbers to check what sympy gave."""
    digits, dual = Digits(seed=2), DualNumbers(Digits(seed=2))
    point = digits.draw()
    whole = Compiler(dual, lambda tensor, place: Dual(point, digits.one)).value(EXPRESSIONS[name])
    slope = Compiler(digits, lambda tensor, place: point).value(sp.diff(EXPRESSIONS[name], U))
    assert agree(whole([]).slope, slope([]))


def test_dual_numbers_at_zero():
    dual = DualNumbers(Field())
    zero = Dual(0, 1)
    assert dual.power(zero, sp.Integer(1)) == zero
    assert dual.power(zero, sp.Integer(2)) == Dual(0, 0)
    assert dual.power(zero, sp.Integer(0)) == dual.one
    # The derivative of a sign is 0 where it jumps, too.
    assert dual.function("sign")(zero) == Dual(0, 0)


def test_digits_agree_to_forty_places():
    ctx = Digits().context
    one, far, near = ctx.mpf(1), ctx.mpf(10) ** -30, ctx.mpf(10) ** -50
    assert agree(one, one + near)
    assert not agree(one, one + far)
    assert agree(far, far * (1 + near))
    assert not agree(far, 2 * far)
    assert agree(ctx.mpf(0), ctx.mpf(0))


def test_digits_refuse_what_is_not_real():
    digits = Digits()
    with pytest.raises(RedrawError):
        digits.function("log")(digits.context.mpf(-1))
    with pytest.raises(RedrawError):
        digits.power(digits.context.mpf(-1), sp.S.Half)
    with pytest.raises(UndefinedError):
        digits.power(digits.zero, sp.Integer(-1))


def test_digits_are_drawn_of_both_signs_unless_that_is_too_much():
    digits = Digits()
    assert {bool(digits.draw() > 0) for _ in range(40)} == {True, False}
    digits.restart(0, narrow=True)
    assert all(0 < digits.draw() < 1 for _ in range(40))


def degree_of(expr):
    return Compiler(Degrees(), lambda tensor, place: Degree(1, 0)).value(expr)([])


@pytest.mark.parametrize(
    ("expr", "above", "below"),
    [
        (U, 1, 0),
        (U**3 + U, 3, 0),
        (1 / U, 0, 1),
        (U**2 / (1 + U**3), 2, 3),
        (1 / U + 1 / (1 + U), 1, 2),
        (U**-2, 0, 2),
        (sp.Piecewise((U**5, U > 0), (U, True)), 5, 0),
    ],
)
def test_degrees(expr, above, below):
    found = degree_of(expr)
    assert found.above >= above
    assert found.below >= below
    assert found == Degree(above, below)


def test_a_polynomial_vanishes_no_more_often_than_its_bound():
    """Schwartz and Zippel on a field that is small enough to count: x^3 - x has 3 roots mod 101."""
    roots = sum((x**3 - x) % 101 == 0 for x in range(101))
    assert roots / 101 <= bound(degree_of(U**3 - U), 101)


def test_dual_numbers_over_the_field_agree_with_the_formula():
    field = Field(seed=3)
    u = field.draw()
    tanh = DualNumbers(field).function("tanh")(Dual(u, 1))
    assert tanh.slope == (1 - tanh.value**2) % P
