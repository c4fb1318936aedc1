"""Functions written with exponentials are recognised, and nothing is that is not equal."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from bpsym.calculus.terms.functions import U, define
from bpsym.calculus.terms.recognise import recognised
from bpsym.network.build.schemas import activation_expression
from bpsym.network.catalogue.activations import ROWS

# What is written, and what it is read as; both are read by the same door.
FORMS = {
    "1/(1 + exp(-z))": "sigmoid(z)",
    "exp(z)/(1 + exp(z))": "sigmoid(z)",
    "1 - 1/(1 + exp(z))": "sigmoid(z)",
    "(1 + tanh(z/2))/2": "sigmoid(z)",
    "1 - sigmoid(z)": "sigmoid(-z)",
    "1/(1 + exp(-3*(z - 1)))": "sigmoid(3*z - 3)",
    "z*exp(z)/(1 + exp(z))": "z*sigmoid(z)",
    "z + 1 - 1/(1 + exp(z))": "z + sigmoid(z)",
    "(exp(z) - exp(-z))/(exp(z) + exp(-z))": "tanh(z)",
    "(exp(2*z) - 1)/(exp(2*z) + 1)": "tanh(z)",
    "1 - 2/(exp(2*z) + 1)": "tanh(z)",
    "2/(1 + exp(-2*z)) - 1": "tanh(z)",
    "2*sigmoid(2*z) - 1": "tanh(z)",
    "sinh(z)/cosh(z)": "tanh(z)",
    "(1 - exp(-z))/(1 + exp(-z))": "tanh(z/2)",
    "tanh(z) + 1/(1 + exp(-z))": "tanh(z) + sigmoid(z)",
    "exp(-z)/(1 + exp(-z))**2": "sigmoid(z)*sigmoid(-z)",
    "1/cosh(z)**2": "4*sigmoid(2*z)*sigmoid(-2*z)",
    "log(1 + exp(z))": "softplus(z)",
    "log1p(exp(z))": "softplus(z)",
    "-log(1 + exp(-z))": "-softplus(-z)",
    "log(1/(1 + exp(-z)))": "-softplus(-z)",
    "log(exp(z) + exp(2*z))": "z + softplus(z)",
    "log((exp(z) + exp(-z))/2)": "log_cosh(z)",
    "log(cosh(z))": "log_cosh(z)",
    "z*tanh(log(1 + exp(z)))": "z*tanh(softplus(z))",
    "z*(1 + erf(z/sqrt(2)))/2": "z*normal_cdf(z)",
    "1 - erf(z)": "2*normal_cdf(-sqrt(2)*z)",
}
OTHERS = (
    "exp(z)",
    "exp(-z**2)",
    "z*exp(-z)",
    "sinh(z)",
    "1/cosh(z)",
    "1/(2 + exp(z))",
    "1/(1 + 2*exp(-z))",
    "1/(1 + exp(-z) + exp(-2*z))",
    "(exp(z) - exp(-z))/(exp(z) + 2*exp(-z))",
    "log(2 + exp(z))",
    "2 + erf(z)",
    "sqrt(1 + exp(z))",
    "exp(z)/sqrt(1 + exp(2*z))",
    "where(exp(z) > 2, exp(z), 1)*exp(-z)",
    "1 - tanh(z)**2",
)
PLACES = ("-2.5", "-0.3", "0.7", "3.1")


@pytest.mark.parametrize("text", FORMS)
def test_a_form_is_recognised(text):
    found = recognised(activation_expression(text))
    assert sp.expand(found - activation_expression(FORMS[text])) == 0


@pytest.mark.parametrize("text", FORMS)
def test_what_is_recognised_is_equal(text):
    """The values of the text itself, to 40 digits, without the calculus."""
    names = "exp log1p log tanh sinh cosh erf sqrt".split()
    functions = {name: getattr(mp, name) for name in names}
    functions["sigmoid"] = lambda u: 1 / (1 + mp.exp(-u))
    found = define(recognised(activation_expression(text)))
    with mp.workdps(50):
        for place in PLACES:
            z = mp.mpf(place)
            value = eval(text, {"__builtins__": {}}, {**functions, "z": z})  # noqa: S307
            ours = found.subs(U, sp.Float(place, 50)).evalf(45)
            assert mp.almosteq(mp.mpf(str(ours)), value, mp.mpf(10) ** -38)


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_almost_such_a_form_stays(text):
    expression = activation_expression(text)
    assert recognised(expression) == expression


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_catalogue_stays_as_it_is_written(row):
    known = {name: sp.Rational(3, 4) for name in (*row.options, *row.learned)}
    expression = activation_expression(row.expression, known)
    assert recognised(expression) == expression
