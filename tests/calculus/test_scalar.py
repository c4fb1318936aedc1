"""The full loss and its raw derivatives, held against loops over numbers and known expressions."""

import random

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import bpsym
from bpsym.calculus.scalars.cost import DEEPEST, LARGEST, growth, unroll
from bpsym.calculus.system import Role
from bpsym.calculus.terms.cases import where
from bpsym.errors import EmitError, ExpressionError
from tests.calculus.scalar_values import DIGITS, Values, near


@pytest.fixture(autouse=True)
def _many_digits():
    with mp.workdps(DIGITS):
        yield


def symbol(name):
    return sp.Symbol(name, real=True)


def leaves(derivation, samples=1):
    unrolled = unroll(derivation.record.system, samples)
    return [*unrolled.elements(Role.PARAMETER, Role.INPUT, Role.TARGET)]


def random_point(symbols, seed=0):
    numbers = random.Random(seed)
    return {each: mp.mpf(numbers.randint(-999, 999)) / 613 for each in symbols}


def test_the_textbook_expression_comes_out():
    w1, b1, w2, b2, x, y = map(symbol, ["W1[1,1]", "b1[1]", "W2[1,1]", "b2[1]", "X[1]", "Y[1]"])
    a1 = 1 / (1 + sp.exp(-w1 * x - b1))
    a2 = 1 / (1 + sp.exp(-w2 * a1 - b2))
    loss = bpsym.derive("1-1-1").full_loss()
    assert loss == (a2 - y) ** 2 / 2
    assert bpsym.derive("1-1-1").raw_gradient("W1[1,1]") == sp.diff(loss, w1)


def test_several_samples_keep_their_number():
    loss = bpsym.derive("2-1:identity").full_loss(samples=2)
    w1, w2, b = map(symbol, ["W1[1,1]", "W1[1,2]", "b1[1]"])
    terms = [
        (w1 * symbol(f"X[{n},1]") + w2 * symbol(f"X[{n},2]") + b - symbol(f"Y[{n},1]")) ** 2
        for n in (1, 2)
    ]
    assert sp.expand(loss - (terms[0] + terms[1]) / 4) == 0


def sigmoid(u):
    return 1 / (1 + mp.exp(-u))


ACTIVATIONS = {
    "sigmoid": sigmoid,
    "tanh": mp.tanh,
    "relu": lambda u: max(u, mp.mpf(0)),
    "hard_tanh": lambda u: min(max(u, mp.mpf(-1)), mp.mpf(1)),
    "softsign": lambda u: u / (1 + abs(u)),
    "gelu": lambda u: u * mp.ncdf(u),
    "silu": lambda u: u * sigmoid(u),
    "elu": lambda u: u if u > 0 else mp.expm1(u),
}


def chain_loss(widths, activation, point, samples):
    """The half squared error of a chain, in loops over numbers."""
    total = mp.mpf(0)
    for n in range(1, samples + 1):
        sample = "" if samples == 1 else f"{n},"
        values = [point[symbol(f"X[{sample}{j}]")] for j in range(1, widths[0] + 1)]
        for layer, width in enumerate(widths[1:], 1):
            values = [
                activation(
                    point[symbol(f"b{layer}[{i}]")]
                    + mp.fsum(
                        point[symbol(f"W{layer}[{i},{j}]")] * value
                        for j, value in enumerate(values, 1)
                    )
                )
                for i in range(1, width + 1)
            ]
        for k, value in enumerate(values, 1):
            total += (value - point[symbol(f"Y[{sample}{k}]")]) ** 2 / 2
    return total / samples


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_loss_and_derivative_are_those_of_a_loop(name, samples):
    """The derivative is held against a central difference of the loop's values."""
    derivation = bpsym.derive(f"2-3-2,act={name}")
    point = random_point(leaves(derivation, samples))

    def loss(**change):
        moved = {each: value + change.get(each.name, 0) for each, value in point.items()}
        return chain_loss((2, 3, 2), ACTIVATIONS[name], moved, samples)

    assert near(Values(point)(derivation.full_loss(samples)), loss())
    step = mp.mpf(10) ** -12
    for parameter in ("W1[2,1]", "b1[3]", "W2[1,2]"):
        difference = (loss(**{parameter: step}) - loss(**{parameter: -step})) / (2 * step)
        raw = Values(point)(derivation.raw_gradient(parameter, samples))
        assert abs(raw - difference) < mp.mpf(10) ** -20


def test_cases_stay_nested():
    """sympy's Piecewise multiplies them out: 21,184 operations, and over two minutes for leaky."""
    loss = bpsym.derive("2-3-3-1,act=relu").full_loss()
    assert not loss.has(sp.Piecewise)
    assert sp.count_ops(loss) < 500
    z = symbol("z")
    assert where(z > 0, z, 0).diff(z) == where(z > 0, 1, 0)
    assert where(z > 0, z, 0).subs(z, -2) == 0
    assert where(sp.true, z, 0) == where(z > 1, z, z) == z


def test_numpy_evaluates_the_loss():
    derivation = bpsym.derive("2-2-1,act=relu")
    loss, symbols = derivation.full_loss(), leaves(derivation)
    point = random_point(symbols, seed=3)
    compiled = sp.lambdify(symbols, loss, "numpy")
    value = compiled(*(np.float64(point[each]) for each in symbols))
    assert abs(value - float(Values(point)(loss))) < 1e-14


def test_operations_of_the_raw_derivatives():
    derivation = bpsym.derive("2-3-3-1")
    parameters = unroll(derivation.record.system, 1).elements(Role.PARAMETER)
    counted = [sp.count_ops(derivation.raw_gradient(each.name)) for each in parameters]
    assert sum(counted) == 10_642


@pytest.mark.parametrize(
    "spec",
    ["2-3-3-1", "2-2-2,act=relu", "2-1-1,act=gelu_tanh", "2-3-2:softmax", "2-2-1,loss=bce"],
)
def test_sizes_are_foreseen(spec):
    derivation = bpsym.derive(spec)
    unrolled = unroll(derivation.record.system, 1)
    sizes = growth(unrolled)
    assert 0.7 < sizes.loss() / sp.count_ops(derivation.full_loss()) < 1.4
    for each in unrolled.elements(Role.PARAMETER):
        assert 0.5 < sizes.derivative(each) / sp.count_ops(derivation.raw_gradient(each.name)) < 2


@pytest.mark.parametrize(
    ("spec", "call", "expected", "got"),
    [
        ("784-128-10", lambda d: d.full_loss(), f"at most {LARGEST:,}", "at least 101,770"),
        ("4-9-9-9-3", lambda d: d.raw_gradient("W1[1,1]"), f"at most {LARGEST:,}", "about "),
        ("-".join(["1"] * 61), lambda d: d.full_loss(), f"at most {DEEPEST}", "levels of"),
        ("2-9-9-9-2,act=gelu", lambda d: d.full_loss(9), f"at most {LARGEST:,}", "9 samples"),
    ],
)
def test_what_is_too_large_is_refused(spec, call, expected, got):
    derivation = bpsym.derive(spec)
    with pytest.raises(EmitError) as error:
        call(derivation)
    assert expected in str(error.value)
    assert got in str(error.value)
    assert "Use the delta form" in str(error.value)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("W3[1,1]", "no such tensor"),
        ("W1[4,1]", "no such element"),
        ("W1", "not one element"),
        ("z1[1,1]", "not one element"),
        ("X[2,1]", "not one element"),
        ("__import__('os')", "no such tensor"),
    ],
)
def test_what_is_no_weight_is_refused(target, said):
    with pytest.raises(ExpressionError, match=said):
        bpsym.derive("2-3-1").raw_gradient(target)


def test_an_input_has_a_derivative_too():
    derivation = bpsym.derive("2-3-1")
    expected = sp.diff(derivation.full_loss(), symbol("X[2]"))
    assert derivation.raw_gradient("X[2]") == derivation.raw_gradient("X[1,2]") == expected


def test_no_samples_are_refused():
    with pytest.raises(ExpressionError, match="at least one sample"):
        bpsym.derive("2-3-1").full_loss(samples=0)
