"""The ways in which a formula is got wrong, held against formulas written by hand."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import bpsym
from bpsym.calculus.slopes.activation import A
from bpsym.calculus.terms.functions import U
from bpsym.network.build.schemas import activation_of
from bpsym.network.model import ActivationUse
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.variants import variants_of
from bpsym.verify.diagnosis.variants.branches import cases_lost, edge_lost, swapped
from bpsym.verify.diagnosis.variants.formulas import misspelt
from bpsym.verify.report import Verdict

z, y = sp.symbols("z y", real=True)
ENDS = sp.Piecewise((0, z <= -3), (sp.Rational(1, 6), z <= 3), (0, True))
MASK = sp.Piecewise((-y, y * z < 1), (0, True))


def test_cases_are_lost_one_by_one() -> None:
    sixth = sp.Rational(1, 6)
    lost = set(cases_lost(ENDS))
    assert sixth in lost
    assert sp.Piecewise((0, z <= -3), (sixth, True)) in lost
    assert any(each.subs(z, -5) == sixth and each.subs(z, 5) == 0 for each in lost)
    assert ENDS not in lost
    assert set(cases_lost(MASK)) == {-y}


def test_cases_change_places() -> None:
    assert swapped(MASK) == sp.Piecewise((0, y * z < 1), (-y, True))
    assert swapped(ENDS).subs(z, 5) == sp.Rational(1, 6)
    assert swapped(ENDS).subs(z, 0) == 0
    assert edge_lost(MASK) == sp.Piecewise((-y, y * z < 0), (0, True))


@pytest.mark.parametrize(
    ("name", "slips"),
    [
        ("tanh", ("1 - z**2", "1 + tanh(z)**2", "1 - tanh(z)", "tanh(z)")),
        ("softsign", ("1/(1 + Abs(z))", "1/(1 + z)**2")),
        ("arctan", ("1/(1 - z**2)", "1/(1 + z)", "1 + z**2")),
        ("gaussian", ("-2*exp(-z**2)", "-2*z*exp(z**2)", "-2*z", "exp(-z**2)")),
    ],
)
def test_slips_of_the_pen_are_among_them(name: str, slips: tuple[str, ...]) -> None:
    activation = activation_of(ActivationUse(name))
    output = activation.expression.xreplace({U: sp.Float(0.37)})
    numbers = [
        float(form.xreplace({U: sp.Float(0.37), A: output}).evalf())
        for form, _ in misspelt(activation)
    ]
    for slip in slips:
        wanted = float(sp.sympify(slip).subs("z", 0.37).evalf())
        assert any(abs(wanted - each) < 1e-9 for each in numbers), slip


def test_a_factor_in_a_loop_is_one_mistake() -> None:
    chain = Chain(bpsym.derive("3-4-5-2").record)
    loops = [each for each in variants_of(chain) if each.code == "double-batch-mean"]
    assert ("delta2", "delta1") in [each.everywhere for each in loops]


def sigmoid(v: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-v))


@pytest.mark.parametrize(
    ("way", "named"),
    [
        ("cut", ("gradient-clipped", "W1")),
        ("down", ("missing-derivative", "delta1")),
        ("mean in the loop", ("double-batch-mean", "delta2")),
        ("last term", ("fan-out-overwritten", "delta1")),
    ],
)
def test_what_no_single_formula_shows(way: str, named: tuple[str, str]) -> None:
    def backprop(params, X, Y):
        m = len(X)
        a1 = sigmoid(X @ params["W1"].T + params["b1"])
        a2 = sigmoid(a1 @ params["W2"].T + params["b2"])
        a3 = sigmoid(a2 @ params["W3"].T + params["b3"])
        d3 = (a3 - Y) * a3 * (1 - a3) / m
        by = m if way == "mean in the loop" else 1
        back = d3 @ params["W3"]
        d2 = back * a2 * (1 - a2) / by
        down = (back if way == "down" else d2) @ params["W2"]
        if way == "last term":
            down = d2[:, -1:] * params["W2"][-1]
        d1 = down * a1 * (1 - a1) / by
        dW1 = d1.T @ X
        if way == "cut":
            dW1 = np.clip(dW1, -1e-3, 1e-3)
        return {"W1": dW1, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0),
                "W3": d3.T @ a2, "b3": d3.sum(0)}  # fmt: skip

    report = bpsym.verify("3-4-5-2", backprop, in_process=True, prove=False)
    assert report.verdict is Verdict.FAIL
    first = report.diagnosis[0]
    assert (first.code, first.where) == named, str(report)
