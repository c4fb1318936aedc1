"""Formulas that have no value anywhere are refused; those that have one somewhere are not."""

import pytest

from bpsym.errors import BpsymError
from bpsym.network import parse
from bpsym.network.build import build

NOWHERE = (
    "1/(exp(log({0})) - {0})",
    "1/(sin({0})**2 + cos({0})**2 - 1)",
    "log(sqrt({0})**2 - {0})",
    "{0}/(abs({0})**2 - {0}**2)",
    "{0}/(tanh({0}) - sinh({0})/cosh({0}))",
    "1/(log({0}**2) - 2*log({0}))",
    "1/(exp({0})*exp(-{0}) - 1)",
    "log(max({0}, 1) - max(1, {0}))",
    "1/(sinh({0})**2 - cosh({0})**2 + 1)",
    "1/(sigmoid({0}) - 1/(1 + exp(-{0})))",
    "1/max(0, {0})",
)
SOMEWHERE = (
    "1/{0}",
    "log({0})",
    "sqrt({0})",
    "1/({0} - 1)",
    "max(0, {0})/{0}",
    "where({0} > 0, 1/{0}, {0})",
    "1/(sin({0})**2 - cos({0})**2)",
)
FORMS = {
    "activation": lambda text: {
        "inputs": {"x": 3},
        "layer": [{"units": 2, "activation": {"expression": text.format("z")}}],
        "loss": "mse",
    },
    "equation": lambda text: {
        "inputs": {"x": 3},
        "layer": [{"equation": f"f[n,i] = c[i]*x[n,i] + {text.format('x[n,i]')}"}],
        "loss": "mse",
    },
    "loss": lambda text: {
        "inputs": {"x": 3},
        "layer": [{"units": 2}],
        "loss": {"expression": f"sum(k, a[k]*y[k] + {text.format('a[k]')})"},
    },
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", NOWHERE)
def test_a_formula_without_a_value_is_refused(text, form):
    with pytest.raises(BpsymError) as caught:
        build(parse(FORMS[form](text)))
    assert len(caught.value.problems) == 1
    assert "zoo" not in str(caught.value)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", SOMEWHERE)
def test_a_formula_with_a_value_somewhere_is_not(text, form):
    build(parse(FORMS[form](text)))
