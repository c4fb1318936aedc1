"""Logarithms of activations and their derivatives, written in z, are what they stand for."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import bpsym
from bpsym.arrays.calls import Emitted
from bpsym.arrays.evaluate import kernel_functions
from bpsym.arrays.logarithms import logarithm, logarithmic_slope
from bpsym.arrays.quotients import by_logarithmic_slopes
from bpsym.calculus.slopes.activation import slope_function
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, index, size
from bpsym.network.build.schemas import activation_of
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.model import ActivationUse
from tests.emitted.test_catalogue import PAIRS, network
from tests.emitted.test_extremes import TRUE

LOGARITHMIC = ("binary_cross_entropy", "poisson")
PLACES = (-2.25, -0.5, 0.75, 2.5)


def activation(name):
    """An activation of the catalogue."""
    return activation_of(ActivationUse(name))


def value(expression, z):
    """An expression in U at a float, kernels and all."""
    while calls := expression.atoms(Emitted):
        call = next(each for each in calls if not each.args[0].atoms(Emitted))
        argument = np.array([value(call.args[0], z)])
        kernel = kernel_functions()[call.emitted_name]
        expression = expression.xreplace({call: sp.Float(kernel(argument)[0], 17)})
    return float(expression.xreplace({U: sp.Float(z, 17)}).evalf())


def true_logarithm(name, z, *, complement):
    """log f or log(1 - f) at an mpmath number."""
    a = TRUE[name](z)
    return mp.log(1 - a if complement else a)


@pytest.mark.parametrize("complement", [False, True])
@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if not row.learned])
def test_a_logarithm_and_its_derivative(name, complement):
    forms = (
        logarithm(activation(name), complement=complement),
        logarithmic_slope(activation(name), complement=complement),
    )
    with mp.workdps(40):
        for place in PLACES:
            a = TRUE[name](mp.mpf(place))
            if (1 - a if complement else a) <= 0:
                continue

            def true(z):
                return true_logarithm(name, z, complement=complement)

            expected = true(mp.mpf(place)), mp.diff(true, mp.mpf(place))
            for form, right in zip(forms, expected, strict=True):
                if form is not None:
                    found = value(form.replace(_is_primitive, _definition), place)
                    assert found == pytest.approx(float(right), rel=1e-13)


def _is_primitive(node):
    return hasattr(node, "definition")


def _definition(node):
    return node.definition(*node.args)


def test_what_underflows_has_a_form_in_z():
    for name in ("sigmoid", "softplus", "gaussian"):
        assert logarithm(activation(name), complement=False) is not None
    for name in ("sigmoid", "gaussian"):
        assert logarithm(activation(name), complement=True) is not None


n, i, m = index("n"), index("i"), size("m")
z, a, y = (element(name, n, i) for name in "zay")


def split(name, formula):
    """A formula with slope s and output a, split for an activation of the catalogue."""
    f = activation(name)
    s = slope_function(f, 0)(z)
    return by_logarithmic_slopes(formula(s), {("z", f): "a"}), s


@pytest.mark.parametrize("name", ["gaussian", "hard_sigmoid"])
@pytest.mark.parametrize(
    "formula",
    [
        lambda s: (1 - y / a) * s / m,
        lambda s: (a - y) * s / (m * a * (1 - a)),
        lambda s: s * element("d", n, i) - y * s / a,
        lambda s: s * y * (1 - a) / a + s,
    ],
)
def test_a_split_formula_is_equal(name, formula):
    """The calls stand for f'/f and -f'/(1 - f): with these put back nothing is left."""
    found, s = split(name, formula)
    calls = found.atoms(Emitted)
    assert calls
    back = {
        call: -s / (1 - a)
        if "one_minus" in call.emitted_name
        or call.emitted_name.endswith(":log_slope_of_complement:0")
        else s / a
        for call in calls
    }
    assert sp.cancel(sp.together(found.xreplace(back) - formula(s))) == 0


@pytest.mark.parametrize(
    "formula",
    [
        lambda s: y / a,  # no slope to divide
        lambda s: y * s / a**2,  # no simple pole
        lambda s: y * s / (a + 2),  # a pole elsewhere
        lambda s: s * (a - y),  # no quotient
        lambda s: s * sp.exp(-a) / a,  # not rational
    ],
)
def test_other_formulas_stay(formula):
    found, s = split("gaussian", formula)
    assert found == formula(s)


@pytest.mark.parametrize(
    ("name", "loss"), [pair for pair in PAIRS if pair[1] in LOGARITHMIC], ids="-".join
)
def test_a_pair_is_proven_and_checks_itself(name, loss):
    net = network(name, loss)
    net["layer"][0]["units"] = 3
    module = bpsym.load(net)
    assert [module.check(seed=seed) for seed in range(4)] == [0] * 4


def test_a_self_check_keeps_away_from_infinite_logarithms():
    """Of 5 x 10 outputs some are saturated, and the cost is infinite there."""
    assert bpsym.load("64-10:hard_sigmoid,loss=bce", prove=False).check() == 0
    assert "no log is infinite" not in bpsym.generate("2-3:sigmoid,loss=bce", prove=False)
