"""Formulas of the user that once were refused, crashed, or had a wrong gradient in the code."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

import bpsym
from tests.emitted.agreement import LAYOUTS, agree, loaded


def equation(text, sizes=None, **inputs):
    """One layer of an equation under a dense output."""
    inputs = inputs or {"x": 4}
    layer = {"name": "e", "kind": "equation", "equation": f"e[n,i] = {text}", "from": [*inputs]}
    return {
        "inputs": inputs,
        "layer": [{**layer, **({"sizes": sizes} if sizes else {})}, {"name": "o", "units": 2}],
        "loss": [{"of": "o", "kind": "squared_error"}],
    }


def scored(expression, activation="tanh"):
    """A dense layer under a loss of the user's."""
    return {
        "inputs": {"x": 3},
        "layer": [{"name": "o", "units": 2, "activation": activation}],
        "loss": [{"of": "o", "expression": expression}],
    }


CONDITIONS = {
    "quantile": scored("sum(k, max(0.9*(y[k]-a[k]), -0.1*(y[k]-a[k])))"),
    "quantile of a softmax": scored("sum(k, max(0.9*(y[k]-a[k]), -0.1*(y[k]-a[k])))", "softmax"),
    "where in a loss": scored("sum(k, where(2*a[k]+1 < 3*y[k]-a[k], a[k]**2, a[k]))"),
    "the larger of two": scored("sum(k, max(a[k], y[k]))"),
    "two lines": equation("max(3*(x[n,i]+c[i]), 5*x[n,i]-7*c[i])"),
    "where": equation("where(3*(x[n,i]+c[i]) <= 5*x[n,i]-7*c[i], x[n,i]**2, exp(x[n,i]))"),
    "activation": scored("sum(k, (a[k]-y[k])**2)", {"expression": "max(0.9*z, -0.1*z)"}),
}

# Vectors of parameters beside tensors of three indices, and parameters turned round.
AXES = {
    "vector over the sum": equation("sum(j, tanh(U[i,j]*x[n,j] + c[j]))", {"i": 3}),
    "vector over the row": equation("sum(j, tanh(U[i,j]*x[n,j] + c[i]))", {"i": 3}),
    "log-sum-exp": equation("log(sum(j, exp(U[i,j]*x[n,j] + c[j])))", {"i": 3}),
    "kernels": equation("sum(j, P[j]*exp(-(x[n,i]-M[j])**2))", {"j": 3}),
    "experts": equation(
        "sum(k, g[n,k]*max(0, sum(j, V[k,i,j]*x[n,j]) + c[k,i]))", {"i": 5}, x=4, g=3
    ),
    "experts without gates": equation(
        "sum(k, tanh(sum(j, V[k,i,j]*x[n,j]) + c[k,i]))", {"i": 5, "k": 3}
    ),
    "turned round": equation("sum(j, sum(k, exp(T[k,j,i]*x[n,j] + R[i,k])))", {"i": 3, "k": 5}),
    "vector in a contraction": equation("sum(j, c[j]*(x[n,j]-d[i])**2) + sum(j, c[j])", {"i": 3}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("net", [*CONDITIONS.values(), *AXES.values()], ids=[*CONDITIONS, *AXES])
def test_code_and_oracle_agree(net, layout):
    agree(net, layout, input_grads=True)


@pytest.mark.parametrize("net", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_proven(net):
    bpsym.derive(net).require_proof()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "text",
    [
        "sum(j, x[n,j]*U[i,j]) + sum(j, d[i])",
        "sum(j, x[n,j]*U[i,j] + d[i])",
        "sum(j, x[n,j])*sum(j, d[i]) + x[n,i]",
        "sum(j, x[n,j]*U[i,j]) + sum(j, sum(k, d[i]*S[i,k]))",
    ],
)
def test_a_sum_over_an_index_that_its_body_does_not_have_is_a_multiple(text, layout):
    """The oracle is the loss itself: the gradient once was too small by the length of the sum."""
    sizes = {"i": 4, **({"k": 3} if "k" in text else {})}
    module = loaded(equation(text, sizes), layout=layout)
    with contextlib.redirect_stdout(io.StringIO()) as report:
        assert module.check() == 0, report.getvalue()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("samples", ["a vector", "none"])
def test_a_batch_has_two_axes_and_a_sample(layout, samples):
    module = loaded("2-3-2", layout=layout)
    shape = (2,) if samples == "a vector" else (0, 2) if layout == "rows" else (2, 0)
    for function in (module.loss, module.loss_and_grads):
        with pytest.raises(ValueError, match=r"[XY] has shape .* \((m, 2|2, m)\)"):
            function(module.init_params(0), np.ones(shape), np.ones(shape))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("net", ["3-4-2", "several"])
def test_inputs_of_another_shape_are_refused(net, layout):
    """A vector, or a single column, would broadcast in an equation without a matrix product."""
    declared = {
        "inputs": {"u": 3, "v": 3},
        "layer": [{"equation": "f[n,i] = tanh(c[i]*u[n,i]) + v[n,i]"}],
        "loss": "mse",
    }
    module = loaded(declared if net == "several" else net, layout=layout)
    params = module.init_params(0)

    def given(array):
        array = array if layout == "rows" else array.T
        return {"u": np.ones_like(array), "v": array} if net == "several" else array

    assert module.predict(params, given(np.ones((5, 3)))).size
    assert not module.predict(params, given(np.ones((0, 3)))).size
    for wrong in (np.ones(3), np.ones((5, 1)), np.ones((1, 5, 3)), np.float64(1)):
        with pytest.raises(ValueError, match="has shape"):
            module.predict(params, given(wrong))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("labels", [[1], [0, 1, 2], []])
def test_as_many_labels_as_samples(layout, labels):
    module = loaded(
        {
            "inputs": {"x": 3},
            "layer": [{"units": 4, "activation": "softmax"}],
            "loss": {"kind": "cross_entropy", "targets": "labels"},
        },
        layout=layout,
    )
    X = np.ones((2, 3)) if layout == "rows" else np.ones((3, 2))
    for function in (module.loss, module.loss_and_grads):
        function(module.init_params(0), X, np.array([3, 0]))
        with pytest.raises(ValueError, match="expected a label for each sample"):
            function(module.init_params(0), X, np.array(labels, int))


def test_comments_call_functions_as_the_code_does():
    layers = [
        {"units": 4, "activation": {"expression": "z*sigmoid(1.7*z)"}},
        {"units": 2, "activation": {"expression": "log(1+exp(z))/(1+z**2)"}},
    ]
    text = bpsym.generate({"inputs": {"x": 3}, "layer": layers}, prove=False)
    lines = text.splitlines()
    [at] = [at for at, line in enumerate(lines) if "(BP1)" in line]
    assert "f2'(z2[n,i])" in lines[at]
    assert "f2_slope(z2)" in lines[at + 1]


def test_a_broken_chain_and_a_broken_equation_are_clean():
    """One operand on a line, also of the product that a quotient begins with; no blanks at ends."""
    text = bpsym.generate(
        equation(
            "sum(j, x[n,j]*R[i,j]*w[n,j])/sqrt((sum(j, x[n,j]**2)+0.01)*(sum(j, w[n,j]**2)+0.01))",
            {"i": 2},
            x=4,
            w=4,
        ),
        prove=False,
    )
    assert '        X["x"]\n        * X["w"]\n        @ params["R_e"].T\n' in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]
