"""The derivative in one atom, against sympy's."""

import pytest
import sympy as sp

from bpsym.calculus.slopes.differentiate import differentiate
from bpsym.calculus.terms.cases import where
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.calculus.terms.indexed import element, index
from bpsym.network.build.schemas import activation_of
from bpsym.network.catalogue.activations import ROWS
from bpsym.network.model import ActivationUse

V = sp.Symbol("v", real=True)
ONE_ARGUMENT = [each for each in PRIMITIVES.values() if each.nargs == sp.FiniteSet(1)]
EXPRESSIONS = [
    sp.Integer(2),
    V,
    U,
    U**3 * V / (1 + U**2),
    sp.exp(-(U**2)) * sp.sin(U * V),
    sp.sqrt(1 + U**2) ** 3,
    V**U,
    U**V,
    sp.Abs(U - V),
    sp.atan(U) + sp.log(2 + sp.cos(U)),
    where(U > V, U**2, V * U),
    *(each(2 * U - V) for each in ONE_ARGUMENT),
]


def value(expr: sp.Expr) -> sp.Expr:
    defined = expr.replace(
        lambda node: isinstance(node, tuple(ONE_ARGUMENT)),
        lambda node: node.definition(*node.args),
    )
    return sp.N(defined.subs({U: sp.Rational(7, 5), V: sp.Rational(2, 3)}), 30)


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
@pytest.mark.parametrize("atom", [U, V], ids=str)
def test_the_derivative_is_that_of_sympy(expr, atom):
    assert abs(value(differentiate(expr, atom)) - value(sp.diff(expr, atom))) < 1e-25


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_the_slope_of_each_activation(name):
    expression = activation_of(ActivationUse(name)).expression
    found, expected = differentiate(expression, U), sp.diff(expression, U)
    for at in (sp.Rational(-7, 3), sp.Rational(1, 3), sp.Rational(9, 2)):
        values = {U: at, sp.Symbol("alpha", real=True): sp.Rational(1, 7)}
        assert abs(sp.N((found - expected).subs(values), 30)) < 1e-25


def test_elements_are_variables_of_their_own():
    i, j = index("i"), index("j")
    first, second = element("x", i), element("x", j)
    assert differentiate(first * second, first) == second
    assert differentiate(first**2 + second, second) == 1


def test_a_sum_is_one_atom():
    i = index("i")
    total = sp.Sum(element("x", i), (i, 1, 3))
    assert differentiate(total**2 + element("x", i), total) == 2 * total
    assert differentiate(total * element("x", i), element("x", i)) == total
