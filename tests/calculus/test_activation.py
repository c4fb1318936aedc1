"""What is derived of each activation, held against mpmath's differentiation and known forms."""

import mpmath as mp
import pytest
import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation, through_output
from bpsym.calculus.terms.functions import PRIMITIVES, U, define
from bpsym.network.build.schemas import activation_of
from bpsym.network.catalogue.activations import ROWS
from bpsym.network.model import ActivationUse

NAMES = [row.name for row in ROWS]
POINTS = ["-7.3", "-2.1", "-0.4", "0.3", "1.7", "2.9", "6.6"]


def derived(name: str) -> Activation:
    return activation_of(ActivationUse(name))


def number(expr: sp.Expr, **values: mp.mpf) -> mp.mpf:
    """The value of an expression in u, a and alpha, to 40 digits, from definitions alone."""
    symbols = {"u": U, "a": A, "alpha": sp.Symbol("alpha", real=True)}
    substitution = {
        symbols[name]: sp.Float(mp.nstr(value, 100), 100) for name, value in values.items()
    }
    return mp.mpf(str(sp.N(define(expr).subs(substitution), 100)))


@pytest.fixture(autouse=True)
def _many_digits():
    with mp.workdps(60):
        yield


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", NAMES)
def test_slope_is_the_derivative(name, point):
    activation = derived(name)
    z = mp.mpf(point)
    expected = mp.diff(lambda x: number(activation.expression, u=x, alpha=mp.mpf("0.3")), z)
    assert mp.almosteq(number(activation.slope, u=z, alpha=mp.mpf("0.3")), expected, 1e-15, 1e-15)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", [name for name in NAMES if derived(name).slope_in_output])
def test_slope_in_output_is_the_slope(name, point):
    activation = derived(name)
    z = mp.mpf(point)
    a = number(activation.expression, u=z)
    assert mp.almosteq(
        number(activation.slope_in_output, u=z, a=a), number(activation.slope, u=z), 1e-30, 1e-30
    )


KNOWN = {
    "identity": sp.Integer(1),
    "sigmoid": A * (1 - A),
    "tanh": 1 - A**2,
    "softplus": 1 - sp.exp(-A),
    "gaussian": -2 * A * U,
    "relu": sp.Piecewise((1, A > 0), (0, True)),
    "elu": sp.Piecewise((1, A > 0), (A + 1, True)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_textbook_forms_come_out(name):
    assert derived(name).slope_in_output == KNOWN[name]


@pytest.mark.parametrize("name", ["sin", "prelu", "hard_tanh", "relu6", "hard_sigmoid", "silu"])
def test_no_form_where_the_output_does_not_tell(name):
    """sin has two signs, prelu's slope may be negative, a clip's upper kink cannot be seen."""
    assert derived(name).slope_in_output is None


def test_an_elimination_that_divides_is_refused():
    """silu' in a = z s would need s = a/z, which is 0/0 at 0."""
    silu = U * PRIMITIVES["sigmoid"](U)
    assert through_output(silu, sp.diff(silu, U)) is None


def test_a_falling_leaky_relu_has_no_mask_in_its_output():
    falling = Activation("falling", sp.Piecewise((U, U > 0), (-U / 2, True)))
    assert falling.slope_in_output is None


@pytest.mark.parametrize("row", [row for row in ROWS if row.kinks], ids=lambda row: row.name)
def test_the_left_branch_decides_at_a_kink(row):
    activation = derived(row.name)
    for kink in row.kinks:
        at = mp.mpf(kink.numerator) / kink.denominator
        here = number(activation.slope, u=at, alpha=mp.mpf("0.3"))
        left = number(activation.slope, u=at - mp.mpf("1e-30"), alpha=mp.mpf("0.3"))
        assert mp.almosteq(here, left, 1e-20, 1e-20)


@pytest.mark.parametrize("name", [name for name in PRIMITIVES if name != "huber"])
def test_slopes_of_primitives(name):
    cls = PRIMITIVES[name]
    point = mp.mpf("0.83")
    expected = mp.diff(lambda x: number(cls.definition(U), u=x), point)
    assert mp.almosteq(number(cls.slope(), u=point), expected, 1e-15)


def test_a_wrong_slope_is_seen():
    wrong = derived("sigmoid").slope / 2
    z = mp.mpf("0.3")
    expected = mp.diff(lambda x: number(derived("sigmoid").expression, u=x), z)
    assert not mp.almosteq(number(wrong, u=z), expected, 1e-6)
