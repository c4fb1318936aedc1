"""Parts of formulas that have no value, or none in floating point, are refused where they stand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bpsym.errors import ExpressionError
from bpsym.text.door import read_expression
from bpsym.text.identities import constant_value

UNDEFINED = [
    "1/(z - z)",
    "log(z - z)",
    "z/(2*z - z - z)",
    "(z - z)**(-1)",
    "sqrt(-1 - z + z)",
    "log(-2 + z - z)",
    "where(z < 0, 1/(z - z), z)",
    "max(z, 1/(exp(z) - exp(z)))",
    "1/(sum(j, x[n,j]) - sum(j, x[n,j]))",
    "x[n,i]/(x[n,i] - x[n,i])",
    "1/((z + 1)**2 - z**2 - 2*z - 1)",
]
OUT_OF_RANGE = [
    "exp(1000)*z",
    "cosh(800)*z",
    "sinh(-800)*z",
    "exp(exp(7))*z",
    "z + exp(1000)",
    "1000000000**36*z",
    "z*exp(-1000)",
    "exp(700)*z*exp(700)",
    "(1000000000**20*z)**2",
    "tanh(z + exp(1000))",
]
FINE = [
    "1/(z - z**2)",
    "log(1 + z - z)",
    "0*z",
    "exp(z + 1000)",
    "exp(700)*z/exp(700)",
    "z*log(exp(1000))",
    "tanh(1000)*z",
    "1/(sum(j, x[n,j]*w[n,j])*sum(j, 1) - sum(j, x[n,j])*sum(j, w[n,j]))",
    "1/(exp(z) - exp(2*z))",
    "sqrt(z**2)/z",
    "z/(0.1 + 0.2)",
]


@pytest.mark.parametrize("text", UNDEFINED)
def test_what_has_no_value_is_refused(text):
    with pytest.raises(ExpressionError, match=r"zero|negative number|not positive"):
        read_expression(text, "a formula")


@pytest.mark.parametrize("text", OUT_OF_RANGE)
def test_a_constant_beyond_floating_point_is_refused(text):
    with pytest.raises(ExpressionError, match="out of the range of floating point"):
        read_expression(text, "a formula")


@pytest.mark.parametrize("text", FINE)
def test_what_only_looks_like_it_passes(text):
    read_expression(text, "a formula")


@pytest.mark.parametrize(
    ("text", "value"),
    [("z - z", 0), ("(z + 1/3)/(3*z + 1)", Fraction(1, 3)), ("z*0.25/z", Fraction(1, 4))],
)
def test_a_constant_is_read_through_what_cancels(text, value):
    assert constant_value(read_expression(text, "a formula")) == value


@pytest.mark.parametrize("text", ["z", "z - x", "exp(1)", "sum(j, x[n,j])"])
def test_what_is_no_rational_number_has_none(text):
    assert constant_value(read_expression(text, "a formula")) is None
