"""Derivations of whole networks: the textbook's lines, and what they cost."""

from itertools import pairwise

import pytest
import sympy as sp

import bpsym
from bpsym.calculus.delta import derive_pattern
from bpsym.calculus.terms.indexed import element, index, scalar, size

n, i, j, k = map(index, "nijk")
m = size("m")


def formula(derivation, name):
    (adjoint,) = (each for each in derivation.adjoints if each.name == name)
    return adjoint.equation[1]


def at(name, *subscripts):
    return element(name, *subscripts)


def test_the_lines_of_a_sigmoid_chain():
    derivation = bpsym.derive("2-4-3")
    a1, a2 = at("a1", n, i), at("a2", n, i)
    assert formula(derivation, "delta2") == (a2 - at("Y", n, i)) * a2 * (1 - a2) / m
    summed = sp.Sum(at("W2", k, i) * at("delta2", n, k), (k, 1, size("n2")))
    assert formula(derivation, "delta1") == summed * a1 * (1 - a1)
    outer = sp.Sum(at("delta2", n, i) * at("a1", n, j), (n, 1, m))
    assert formula(derivation, "dW2") == outer
    assert formula(derivation, "db2") == sp.Sum(at("delta2", n, i), (n, 1, m))


@pytest.mark.parametrize(
    "spec",
    [
        "3-2,loss=bce",
        "3-4:softmax,loss=ce",
        "3-4:softmax,loss=kl_divergence",
        "3-2:identity",
    ],
)
def test_loss_and_last_activation_fuse_to_a_difference(spec):
    assert formula(bpsym.derive(spec), "delta1") == (at("a1", n, i) - at("Y", n, i)) / m


def test_without_the_assumption_the_sum_of_the_targets_stays():
    network = bpsym.parse(
        {
            "inputs": {"x": 3},
            "layer": [{"units": 4, "activation": "softmax"}],
            "loss": {"kind": "cross_entropy", "targets": "weights"},
        }
    )
    derivation = bpsym.derive(network)
    total = sp.Sum(at("Y", n, k), (k, 1, size("n1")))
    expected = (at("a1", n, i) * total - at("Y", n, i)) / m
    assert sp.expand(formula(derivation, "delta1") - expected) == 0
    assert derivation.record.assumptions == ()


def test_the_assumption_is_recorded_where_it_is_used():
    assert bpsym.derive("3-4:softmax").record.assumptions == ("Y",)
    assert bpsym.derive("3-4:softmax,loss=mse").record.assumptions == ()


def test_two_readers_two_terms():
    network = {
        "inputs": {"x": 3},
        "layer": [
            {"name": "h", "units": 4, "activation": "tanh"},
            {"name": "g", "units": 4, "activation": "tanh"},
            {"name": "s", "kind": "add", "from": ["h", "g"]},
            {"name": "o", "units": 1},
        ],
    }
    derivation = bpsym.derive(network)
    delta = formula(derivation, "delta_h")
    assert {"delta_g", "adj_a_s"} <= {str(each.base) for each in delta.atoms(sp.Indexed)}


def test_the_layer_norm_gradient_comes_out_short():
    """(d - mean d - h mean(d h)) / sd, with the centred sum gone: Ba, Kiros, Hinton 2016."""
    network = {
        "inputs": {"x": 5},
        "layer": [{"name": "h", "units": 4}, {"name": "q", "kind": "layer_norm"}, {"units": 2}],
    }
    derivation = bpsym.derive(network)
    rules = {step.rule for each in derivation.adjoints for step in each.steps}
    assert "centred sums vanish" in rules
    result = formula(derivation, "delta_h")
    assert len(result.atoms(sp.Sum)) == 1
    names = {str(each.base) for each in result.atoms(sp.Indexed)}
    assert names == {"adj_norm_q", "adj_sd_q", "norm_q", "sd_q"}


def test_decay_adds_its_own_term():
    derivation = bpsym.derive("2-3,l2=0.5")
    data = sp.Sum(at("delta1", n, i) * at("X", n, j), (n, 1, m))
    assert formula(derivation, "dW1") == data + at("W1", i, j) / 2


@pytest.mark.parametrize(("depth", "widths"), [(4, (5, 7)), (40, (5, 7)), (40, (500, 700))])
def test_the_number_of_derivations_does_not_depend_on_depth_or_width(depth, widths):
    layers = "-".join(str(widths[at % 2]) for at in range(depth + 1))
    derivation = bpsym.derive(f"{layers},act=tanh")
    assert len({id(each.formal) for each in derivation.adjoints}) == 4
    assert len(derivation.adjoints) == 3 * depth


def test_a_second_network_of_the_same_kind_derives_nothing():
    bpsym.derive("2-3-4-1,act=tanh")
    before = derive_pattern.cache_info().misses
    bpsym.derive("20-30-40-10,act=tanh")
    assert derive_pattern.cache_info().misses == before


def test_one_element():
    derivation = bpsym.derive("2-3-3-1")
    expected = sp.Sum(at("X", n, 1) * at("delta1", n, 2), (n, 1, m))
    assert derivation.delta_form("W1[2,1]") == expected
    assert derivation.delta_form("b3[1]") == sp.Sum(at("delta3", n, 1), (n, 1, m))


@pytest.mark.parametrize("target", ["W9", "W1[4,1]", "W1[0,1]", "W1[1]", "W1[1,1,1]", "__x"])
def test_an_element_that_is_not_there(target):
    with pytest.raises(bpsym.ExpressionError):
        bpsym.derive("2-3-3-1").delta_form(target)


def test_every_step_starts_where_the_last_one_ended():
    for adjoint in bpsym.derive("3-4:relu-3:softmax").adjoints:
        steps = [step for step in adjoint.formal.steps if step.of == 0]
        for before, after in pairwise(steps):
            assert before.right == after.left
        assert steps[-1].right == adjoint.formal.result


def test_max_margin_shares_one_set_of_weights():
    derivation = bpsym.derive(
        {
            "inputs": {"x": 4, "xc": 4},
            "layer": [
                {"name": "h", "units": 3, "activation": "sigmoid", "from": ["x"]},
                {"name": "s", "units": 1, "bias": False},
                {"name": "hc", "units": 3, "activation": "sigmoid", "from": ["xc"], "share": "h"},
                {"name": "sc", "units": 1, "bias": False, "share": "s"},
            ],
            "loss": {"kind": "max_margin", "of": ["s", "sc"]},
        }
    )
    gradient = formula(derivation, "dW_h")
    assert isinstance(gradient, sp.Add)
    assert len(gradient.args) == 2
    slope = formula(derivation, "delta_s") * m
    margin = at("a_s", n, i) - at("a_sc", n, i)
    for gap, expected in ((sp.Rational(1, 2), -1), (sp.Integer(2), 0), (sp.Integer(1), 0)):
        values = {at("a_s", n, i): gap, at("a_sc", n, i): sp.Integer(0)}
        assert slope.subs(values) == expected
    assert margin.free_symbols


def test_a_scalar_needs_no_subscripts():
    assert element("C") == scalar("C")


def test_two_activations_of_one_layer_keep_their_own_outputs():
    """Each slope is read off its own output, not off the other's."""
    derivation = bpsym.derive(
        {
            "inputs": {"x": 3},
            "layer": [
                {"name": "h", "units": 4},
                {"name": "t", "kind": "activation", "activation": "tanh", "from": ["h"]},
                {"name": "s", "kind": "activation", "activation": "sigmoid", "from": ["h"]},
                {"name": "q", "kind": "multiply", "from": ["t", "s"]},
                {"units": 2},
            ],
        }
    )
    t, s, adjoint = at("a_t", n, i), at("a_s", n, i), at("adj_a_q", n, i)
    expected = adjoint * (s * (1 - t**2) + t * s * (1 - s))
    assert sp.expand(formula(derivation, "delta_h") - expected) == 0
    assert derivation.certificate.ok


@pytest.mark.parametrize(
    "equation", ["g[n,i] = (s[n,i] + c[i] + 1)*e[i]", "g[n,i] = c[i]*s[n,i]*exp(-s[n,i])"]
)
def test_no_rewrite_brings_in_a_division(equation):
    """y = g x must not become y/g in a gradient: g may be 0, and starts there."""
    derivation = bpsym.derive(
        {
            "inputs": {"x": 3},
            "layer": [
                {"name": "s", "units": 4, "activation": "tanh"},
                {"name": "g", "kind": "equation", "equation": equation, "from": ["s"]},
                {"units": 2},
            ],
        }
    )
    for adjoint in derivation.adjoints:
        powers = adjoint.equation[1].atoms(sp.Pow)
        assert not [p for p in powers if p.exp.is_negative and p.base.atoms(sp.Indexed)]
