"""Every activation and every named function of the catalogues, and wrong ones."""

import pytest
import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.network.build.schemas import activation_of
from bpsym.network.catalogue.activations import ROWS
from bpsym.network.model import ActivationUse
from bpsym.proof.evaluate.functions import kink_of
from bpsym.proof.rows import prove_activation, prove_function
from tests.proof.faults import fresh


def cases(above, below, kink=0):
    return sp.Piecewise((above, kink < U), (below, True))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_activation_is_proven(row):
    activation = activation_of(ActivationUse(row.name))
    found = prove_activation(activation)
    assert all(each.ok for each in found), found
    by_rule = {each.rule: each for each in found}
    assert all(each.kind == "exact" and each.error_bound < 2**-60 for each in found), found
    assert "derivative" in by_rule
    assert ("derivative in the output" in by_rule) == (activation.slope_in_output is not None)
    assert all(
        str(sp.Rational(kink)) in by_rule["derivative at single points"].note for kink in row.kinks
    )
    assert (kink_of(activation) is not None) == ("branches seen from the output" in by_rule)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_named_function_is_proven(name):
    found = prove_function(name)
    assert found.ok, found
    assert found.kind == "exact"


def planted(expression, *, slope=None, in_output=None):
    """A new activation with a wrong derivative, or the right one in a wrong form."""
    activation = Activation("planted", expression)
    if slope is not None:
        activation.__dict__["slope"] = slope
    if in_output is not None:
        activation.__dict__["slope_in_output"] = in_output
    return activation


E = sp.exp(U)
FAULTS = {
    "derivative of another function": (
        planted(sp.tanh(U), slope=1 + sp.tanh(U) ** 2),
        "derivative",
    ),
    "derivative at the activation": (
        planted(1 / (1 + 1 / E), in_output=1 / (1 + sp.exp(-A)) * (1 - 1 / (1 + sp.exp(-A)))),
        "derivative in the output",
    ),
    "1 - a": (planted(1 / (1 + 1 / E), in_output=1 - A), "derivative in the output"),
    "a root of either sign": (
        planted(sp.sin(U), in_output=sp.sqrt(1 - A**2)),
        "derivative in the output",
    ),
    "inverse of a function that turns": (
        planted(U**2, in_output=2 * sp.sqrt(A)),
        "derivative in the output",
    ),
    "leak lost": (planted(cases(U, U / 100), slope=cases(sp.S.One, sp.S.Zero)), "derivative"),
    "mask inverted": (planted(cases(U, sp.S.Zero), slope=cases(0, 1)), "derivative"),
    "wrong in one branch of the output": (
        planted(cases(U, E - 1), in_output=sp.Piecewise((1, A > 0), (A, True))),
        "derivative in the output",
    ),
    "wrong level of the output": (
        planted(cases(U + 2, E + 1), in_output=sp.Piecewise((1, A > 0), (A - 1, True))),
        "branches seen from the output",
    ),
    "the output does not tell the branches": (
        planted(cases(U, -U / 2), in_output=sp.Piecewise((1, A > 0), (-sp.S.Half, True))),
        "branches seen from the output",
    ),
    "another convention at the kink": (
        planted(cases(U, sp.S.Zero), slope=sp.Piecewise((1, U >= 0), (0, True))),
        "derivative at single points",
    ),
    "a singularity of its own": (
        planted(U * sp.exp(-(U**2)), in_output=A / U - 2 * A * U),
        "derivative at single points",
    ),
    "a constant": (planted(U * E, slope=U * E + E * sp.Rational(999, 1000)), "derivative"),
    "far from zero only": (
        planted(cases(U, sp.S.Zero, 50), slope=cases(sp.S.One, sp.S.One, 50)),
        "derivative",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", range(4))
def test_a_wrong_derivative_is_caught(name, seed):
    activation, rule = FAULTS[name]
    with fresh():
        failed = {each.rule for each in prove_activation(activation, seed) if not each.ok}
    assert rule in failed


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "normal_cdf", "log_cosh"])
def test_a_wrong_derivative_of_a_named_function_is_caught(name, monkeypatch):
    function = PRIMITIVES[name]
    monkeypatch.setattr(function, "fdiff", lambda self, argindex=1: self * (1 - self))
    with fresh():
        assert prove_function(name).ok == (name == "sigmoid")
