"""Log-sum-exp and weighted softmax written out in equations: no overflow, whatever is inside."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import bpsym
from tests.emitted.agreement import loaded

WIDTH = 3


def lse(values):
    """log sum exp, to many digits."""
    return mp.log(mp.fsum(map(mp.exp, values)))


def weighted(u, w):
    """sum w exp(u) / sum exp(u)."""
    powers = [mp.exp(each) for each in u]
    return mp.fsum(p * x for p, x in zip(powers, w, strict=True)) / mp.fsum(powers)


# The equation of h[n,i], and its entry i from x and the rows U[i].
EQUATIONS = {
    "log(sum(j, exp(U[i,j]*x[n,j])))": lambda x, U, i: lse(
        u * v for u, v in zip(U[i], x, strict=True)
    ),
    "log(sum(j, exp(U[i,j] + x[n,j])))": lambda x, U, i: lse(
        u + v for u, v in zip(U[i], x, strict=True)
    ),
    "sum(j, exp(U[i,j]*x[n,j])*x[n,j])/sum(j, exp(U[i,j]*x[n,j]))": lambda x, U, i: weighted(
        [u * v for u, v in zip(U[i], x, strict=True)], x
    ),
    "log(1 + exp(sum(j, U[i,j]*x[n,j])))": lambda x, U, i: mp.log1p(
        mp.exp(mp.fsum(u * v for u, v in zip(U[i], x, strict=True)))
    ),
    "log(sum(j, U[i,j]**2*exp(x[n,j])))": lambda x, U, i: mp.log(
        mp.fsum(u**2 * mp.exp(v) for u, v in zip(U[i], x, strict=True))
    ),
    "log(sum(j, sigmoid(U[i,j])*exp(U[i,j]*x[n,j])))": lambda x, U, i: mp.log(
        mp.fsum(mp.exp(u * v) / (1 + mp.exp(-u)) for u, v in zip(U[i], x, strict=True))
    ),
    "log(sum(j, exp(-(U[i,j] - x[n,j])**2)))": lambda x, U, i: lse(
        -((u - v) ** 2) for u, v in zip(U[i], x, strict=True)
    ),
    "sum(j, U[i,j]**2*exp(x[n,j])*x[n,j])/sum(j, U[i,j]**2*exp(x[n,j]))": lambda x, U, i: (
        mp.fsum(u**2 * mp.exp(v) * v for u, v in zip(U[i], x, strict=True))
        / mp.fsum(u**2 * mp.exp(v) for u, v in zip(U[i], x, strict=True))
    ),
}
PLACES = (1.0, 30.0, 1000.0)


@pytest.mark.parametrize("scale", PLACES)
@pytest.mark.parametrize("text", EQUATIONS)
def test_an_equation(text, scale):
    layer = {"equation": f"h[n,i] = {text}", "sizes": {"i": WIDTH}}
    loss = {"expression": "sum(k, a[k]*y[k])"}
    module = loaded({"inputs": {"x": WIDTH}, "layer": [layer], "loss": loss})
    rng = np.random.default_rng(5)
    x, U = scale * rng.uniform(-1, 1, WIDTH), rng.uniform(-2, 2, (WIDTH, WIDTH))
    with np.errstate(all="raise", under="ignore"):
        cost, grads = module.loss_and_grads({"U_h": U}, x[None], np.ones((1, WIDTH)))
    with mp.workdps(100):
        h = mp.mpf(10) ** -40
        row = [mp.mpf(float(each)) for each in x]
        rows = [[mp.mpf(float(each)) for each in line] for line in U]

        def total(matrix):
            return mp.fsum(EQUATIONS[text](row, matrix, i) for i in range(WIDTH))

        true = total(rows)
        assert cost == pytest.approx(float(true), rel=1e-13)
        for i in range(WIDTH):
            for j in range(WIDTH):
                moved = [list(line) for line in rows]
                moved[i][j] += h
                slope = float((total(moved) - true) / h)
                assert grads["U_h"][i, j] == pytest.approx(slope, rel=1e-9, abs=1e-12 * scale**2)


def test_the_slope_is_one_softmax():
    """Nothing is multiplied by exp(u) and by exp(-u) that a softmax holds already."""
    net = {
        "inputs": {"x": WIDTH},
        "layer": [
            {"units": WIDTH, "name": "e"},
            {
                "equation": "g[n,i] = log(sum(j, exp(U[i,j]*e[n,j] + c[j])))",
                "sizes": {"i": WIDTH},
                "from": "e",
            },
            {"units": 2},
        ],
    }
    text = bpsym.generate(net, prove=False)
    backward = text[text.index("def loss_and_grads") : text.index("def check")]
    assert "softmax_along(" in backward
    assert "np.exp(" not in backward


def test_logarithms_of_inputs_alone():
    x = np.array([[1000.0, -1000.0, 3.0]])
    for text, expected in (
        ("log(sum(j, exp(x[n,j]))/4) + 0.5*x[n,i]", 3 * (1000 - np.log(4)) + 0.5 * x.sum()),
        ("log(exp(x[n,i])/sum(j, exp(x[n,j])))", -2000.0 - 997.0),
    ):
        layer = {"equation": f"h[n,i] = {text}"}
        loss = {"expression": "sum(k, a[k]*y[k])"}
        net = {"inputs": {"x": WIDTH}, "layer": [layer], "loss": loss}
        module = loaded(net, input_grads=True)
        with np.errstate(all="raise", under="ignore"):
            cost, grads = module.loss_and_grads({}, x, np.ones((1, WIDTH)))
        assert cost == pytest.approx(expected, rel=1e-14)
        assert np.isfinite(grads["x"]).all()
