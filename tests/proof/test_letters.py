"""Letters of indices: what is printed and emitted is what was proven, whatever letters one takes.

A sum of the user's own may be over the letter that a free index gets. Substituted without care, the
free index is captured by that sum, and only a proof of the lettered formula can see it.
"""

import numpy as np
import pytest
import sympy as sp

import bpsym
from bpsym.calculus.terms.indexed import element, index
from bpsym.calculus.terms.letters import with_letters
from bpsym.proof import steps
from bpsym.proof.prove import prove
from tests.proof.faults import derivation_of, fresh


def network(equation, reads=("h",), **more):
    layers = [
        {"name": "h", "units": 4, "activation": "tanh"},
        {"name": "o", "kind": "equation", "equation": equation, "from": [*reads], **more},
    ]
    return {"inputs": {"x": 4}, "layer": layers, "loss": [{"of": "o"}]}


def with_loss(expression):
    losses = [{"of": "o", "expression": expression}]
    return {"inputs": {"x": 4}, "layer": [{"name": "o", "units": 3}], "loss": losses}


CASES = {
    "a sum over i": network("o[n,k]=1/sum(i,exp(h[n,k]*h[n,i]))"),
    "attention": network("o[n,j]=sum(i,exp(h[n,i]*h[n,j])*h[n,i])/sum(i,exp(h[n,i]*h[n,j]))"),
    "a sum over j, and the input": network(
        "o[n,i]=sum(j,exp(x[n,i]*x[n,j])*x[n,j])/sum(j,exp(x[n,i]*x[n,j]))", reads=("x",)
    ),
    "a parameter twice": network("o[n,i]=1/sum(j,exp(U[j]*U[i]*h[n,j]))"),
    "a loss over i": with_loss("sum(k,y[k]/sum(i,exp(a[k]*a[i])))"),
    "pairs": with_loss("sum(j,y[j]/sum(i,exp(-(a[j]-a[i])**2)))"),
}
# The first layer is read by nothing where the input is.
CASES["a sum over j, and the input"]["layer"].pop(0)


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("name", CASES)
def test_any_letter_may_be_taken(name, layout, capsys):
    module = bpsym.load(CASES[name], layout=layout, input_grads=True)
    assert module.check() == 0, capsys.readouterr().out


def captured(expr, free):
    """The substitution without care."""
    letters = ("n", "i", "j", "k")[: len(free)]
    return expr.xreplace(dict(zip(free, map(index, letters), strict=True))), letters


@pytest.mark.parametrize("name", ["a sum over i", "a loss over i", "pairs"])
def test_a_captured_index_is_caught(name, monkeypatch):
    derivation = derivation_of(CASES[name])
    assert prove(derivation).ok
    with fresh(), monkeypatch.context() as patch:
        patch.setattr(steps, "with_letters", captured)
        assert not prove(derivation).ok


def test_letters_are_hygienic():
    """f[a,b] = sum_i u[a,i] sum_a u[i,a] u[a,b], the free indices getting the letters i and a."""
    free = (index("i.0"), index("a.1"))
    i, a = index("i"), index("a")
    last = sp.Integer(3)
    inner = sp.Sum(element("u", i, a) * element("u", a, free[1]), (a, 1, last))
    expr = sp.Sum(element("u", free[0], i) * inner, (i, 1, last))
    found, letters = with_letters(expr, free)
    assert letters == ("i", "a")
    u = np.random.default_rng(0).normal(size=(3, 3))
    expected = u @ u @ u
    for row in range(3):
        for column in range(3):
            at = found.xreplace({i: sp.Integer(row + 1), a: sp.Integer(column + 1)}).doit()
            values = {
                node: u[tuple(int(k) - 1 for k in node.indices)] for node in at.atoms(sp.Indexed)
            }
            assert np.isclose(float(at.xreplace(values)), expected[row, column])
