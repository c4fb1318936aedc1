"""The whole cost as one expression, and sympy's derivative of it."""

import math
import random

import pytest
import sympy as sp

from bpsym.calculus.system import SAMPLES
from bpsym.calculus.terms.functions import U
from bpsym.proof.brute_force.network import differentiate, prove_brute_force
from bpsym.proof.brute_force.scalars import Part, Scalars, Unopened, part
from bpsym.proof.brute_force.work import parameter_count, terms
from tests.proof.faults import derivation_of
from tests.proof.networks import NETWORKS


def written_out(expr: sp.Expr) -> sp.Expr:
    """The expression without parts."""
    while expr.atoms(Part):
        expr = expr.xreplace({each: each.content for each in expr.atoms(Part)})
    return expr


def opened(expr: sp.Expr) -> sp.Expr:
    """The expression with activations instead of their names."""
    return written_out(expr).replace(
        lambda node: isinstance(node, Unopened),
        lambda node: node.opened.activation.expression.xreplace({U: node.args[0]}),
    )


def scalars_of(declared, samples):
    derivation = derivation_of(declared)
    return Scalars(derivation.system, {**derivation.system.sizes, SAMPLES: samples})


def test_the_nested_cost_is_the_cost():
    """2-3-1 with sigmoids and half the squared error, computed by hand with floats."""
    scalars = scalars_of("2-3-1", 2)
    cost = opened(scalars.cost())
    generator = random.Random(1)
    values = {symbol: generator.uniform(-1, 1) for symbol in scalars.places}
    at = {place: values[symbol] for symbol, place in scalars.places.items()}

    def sigmoid(z):
        return 1 / (1 + math.exp(-z))

    expected = 0.0
    for n in (1, 2):
        hidden = [
            sigmoid(sum(at["W1", (i, j)] * at["X", (n, j)] for j in (1, 2)) + at["b1", (i,)])
            for i in (1, 2, 3)
        ]
        out = sigmoid(sum(at["W2", (1, j)] * hidden[j - 1] for j in (1, 2, 3)) + at["b2", (1,)])
        expected += (out - at["Y", (n, 1)]) ** 2 / 2 / 2
    assert abs(float(cost.xreplace(values)) - expected) < 1e-14


@pytest.mark.parametrize(
    "name", ["2-3-3-1", "loss cross_entropy", "loss absolute_error", "loss hinge", "loss huber"]
)
def test_derivatives_of_parts_are_derivatives(name):
    """Against sympy's derivative of the same expression with nothing held together."""
    derivation = derivation_of(NETWORKS[name], inputs=False)
    sizes = {**derivation.system.sizes, SAMPLES: 1}
    raw = differentiate(derivation, sizes, 6)
    cost = opened(Scalars(derivation.system, sizes).cost())
    generator = random.Random(2)
    values = {symbol: sp.Float(generator.uniform(0.1, 0.9), 30) for symbol in raw.scalars.places}
    symbols = {place: symbol for symbol, place in raw.scalars.places.items()}
    for place, derivative in raw.gradients.items():
        difference = opened_slopes(derivative) - sp.diff(cost, symbols[place])
        assert abs(sp.N(difference.xreplace(values), 25)) < 1e-20


def opened_slopes(expr: sp.Expr) -> sp.Expr:
    """The expression with activations and their derivatives instead of the names of both."""

    def value(node: Unopened) -> sp.Expr:
        activation = node.opened.activation
        is_slope = hasattr(node.opened, "position")
        return (activation.slope if is_slope else activation.expression).xreplace({U: node.args[0]})

    return written_out(expr).replace(lambda node: isinstance(node, Unopened), value)


def test_a_part_is_differentiated_wherever_it_stands():
    u, v = sp.Symbol("u", real=True), sp.Symbol("v", real=True)
    inner = part(u**2 + v)
    for outer in (
        sp.Abs(inner),
        sp.exp(inner) * inner,
        sp.Piecewise((inner, inner > 0), (0, True)),
    ):
        plain = sp.diff(written_out(outer), u)
        held = written_out(outer.diff(u))
        for value in (sp.Rational(1, 3), sp.Rational(-5, 7)):
            at = {u: value, v: sp.Rational(-1, 5)}
            assert abs(sp.N((held - plain).subs(at))) < 1e-12
    assert part(u**2).diff(v) == 0
    with pytest.raises(NotImplementedError):
        inner.diff((u, 2))


def test_some_of_every_tensor_when_there_is_no_time_for_all():
    derivation = derivation_of("2-3-3-1", inputs=False)
    raw = differentiate(derivation, {**derivation.system.sizes, SAMPLES: 1}, 8)
    assert len(raw.gradients) == 8
    assert {name for name, _ in raw.gradients} == {"W1", "b1", "W2", "b2", "W3", "b3"}
    assert all(each.ok for each in prove_brute_force(derivation, raw))


def test_work_is_counted():
    derivation = derivation_of("2-3-1", inputs=False)
    sizes = {**derivation.system.sizes, SAMPLES: 2}
    assert parameter_count(derivation, sizes) == 2 * 3 + 3 + 3 + 1
    layers = 2 * (3 * (2 * 2 + 1) + 3 + (3 * 2 + 1) + 1)
    assert layers <= terms(derivation.system, sizes) <= 2 * layers
    assert parameter_count(derivation_of("2-3-1"), sizes) == 2 * 3 + 3 + 3 + 1 + 2 * 2
