"""Any depth: the recursion, its proof, and wrong recursions."""

from dataclasses import replace

import pytest
import sympy as sp

from bpsym.calculus.depth.recursion import LAYERS, LayerSlope, any_depth
from bpsym.calculus.terms.indexed import Iverson, element, name_of
from bpsym.proof.induction import prove_any_depth, prove_recursion
from bpsym.proof.layered import is_layered
from tests.proof.faults import system_of

L = LAYERS
FOUND = any_depth()


def test_the_recursion_is_proven():
    proven = prove_any_depth()
    assert all(each.ok for each in proven), [str(each) for each in proven if not each.ok]
    assert {each.kind for each in proven} == {"induction"}
    assert [each.rule for each in proven if each.rule.startswith("unrolled")] == [
        f"unrolled, L = {depth}" for depth in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize("seed", range(1, 6))
def test_with_any_seed(seed):
    assert all(each.ok for each in prove_any_depth(seed))


def test_the_formulas_are_those_of_the_textbook():
    l, i = FOUND.step.subscripts()
    (k,) = FOUND.step.rhs.atoms(sp.Sum).pop().variables
    product = element("W", l + 1, k, i) * element("delta", l + 1, k)
    width = FOUND.step.rhs.atoms(sp.Sum).pop().limits[0][2]
    expected = LayerSlope(l, element("z", l, i)) * sp.Sum(product, (k, 1, width))
    assert FOUND.step.rhs == expected
    (j,) = FOUND.base.ranges
    assert FOUND.base.lhs == element("delta", L, j)
    assert FOUND.base.rhs == LayerSlope(L, element("z", L, j)) * element("g", j)
    assert FOUND.adjoint("a").rhs.atoms(Iverson) == {
        Iverson(sp.Le(l + 1, L)),
        Iverson(sp.Eq(L, l)),
    }


def changed(tensor, change):
    """The record with the adjoint equation of one tensor changed."""
    adjoints = tuple(
        replace(each, equation=replace(each.equation, rhs=change(each.equation.rhs)))
        if each.tensor == tensor
        else each
        for each in FOUND.adjoints
    )
    return replace(FOUND, adjoints=adjoints)


def transposed(rhs):
    """W[l+1,j,i] for W[l+1,i,j]."""
    return rhs.replace(
        lambda node: isinstance(node, sp.Indexed) and name_of(node) == "W",
        lambda node: element("W", node.indices[0], node.indices[2], node.indices[1]),
    )


def of_layer(tensor, shift):
    """The layer number of a tensor shifted."""

    def change(rhs):
        return rhs.replace(
            lambda node: isinstance(node, sp.Indexed) and name_of(node) == tensor,
            lambda node: element(tensor, node.indices[0] + shift, node.indices[1]),
        )

    return change


def without(kind):
    return lambda rhs: rhs.replace(
        lambda node: isinstance(node, Iverson) and isinstance(node.args[0], kind),
        lambda node: sp.S.One,
    )


FAULTS = {
    "weight not transposed": changed("a", transposed),
    "delta of the same layer": changed("a", of_layer("delta", -1)),
    "delta two layers up": changed("a", of_layer("delta", 1)),
    "guard dropped": changed("a", without(sp.Le)),
    "cost in every layer": changed("a", without(sp.Eq)),
    "slope left out": changed("z", lambda rhs: rhs.replace(LayerSlope, lambda layer, z: sp.S.One)),
    "slope of the layer below": changed(
        "z", lambda rhs: rhs.replace(LayerSlope, lambda layer, z: LayerSlope(layer - 1, z))
    ),
    "input of another layer": changed("W", of_layer("a", 1)),
    "bias gradient halved": changed("b", lambda rhs: rhs / 2),
    "base without the slope": replace(
        FOUND, base=replace(FOUND.base, rhs=element("g", next(iter(FOUND.base.ranges))))
    ),
    "step transposed": replace(FOUND, step=replace(FOUND.step, rhs=transposed(FOUND.step.rhs))),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_recursion_is_caught(name):
    assert not all(each.ok for each in prove_recursion(FAULTS[name]))


@pytest.mark.parametrize("name", ["weight not transposed", "slope left out", "guard dropped"])
def test_a_wrong_rule_is_caught_without_the_rule(name):
    """Even if the rule's own statement were wrong in the same way, brute force tells."""
    wrong = FAULTS[name]
    found = prove_recursion(wrong)
    failed = {each.rule for each in found if not each.ok}
    assert {f"unrolled, L = {depth}" for depth in (2, 3, 4)} & failed


LAYERED = (
    "3-1",
    "3-4-2",
    "3-4-5-2:softmax",
    "3-4-2,l2=0.1",
    {"inputs": {"x": 3}, "layer": [{"units": 4, "bias": False}, {"units": 2}]},
)
NOT_LAYERED = (
    "3-4:prelu-2",
    "3-4:softmax-2",
    {
        "inputs": {"x": 3},
        "layer": [
            {"name": "h1", "units": 3},
            {"name": "s", "kind": "add", "from": ["h1", "x"]},
            {"units": 2},
        ],
    },
    {
        "inputs": {"x": 3},
        "layer": [{"name": "h1", "units": 3}, {"name": "h2", "units": 3, "share": "h1"}],
    },
    {"inputs": {"x": 3}, "layer": [{"units": 3}, {"kind": "layer_norm"}, {"units": 2}]},
)


@pytest.mark.parametrize("declared", LAYERED, ids=str)
def test_chains_of_dense_layers_are_layered(declared):
    assert is_layered(system_of(declared))


@pytest.mark.parametrize("declared", NOT_LAYERED, ids=str)
def test_other_networks_are_not(declared):
    assert not is_layered(system_of(declared))
