"""What is right is proven: every network, many seeds."""

import itertools

import pytest

from bpsym.proof.prove import prove
from tests.proof.faults import derivation_of
from tests.proof.networks import DEEP, NETWORKS, OTHERS

# Each has something of its own that depends on the random points: signs, roots, relations.
SEEDED = (
    "2-3-3-1",
    "activation elu",
    "loss huber",
    "loss cross_entropy",
    "layer_norm",
    "concat",
    "two heads",
    "max_margin",
    "activation sqrt(z**2 + 1) - sqrt(3)",
)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_proven(name):
    certificate = prove(derivation_of(NETWORKS[name]))
    assert certificate.ok, str(certificate)
    kinds = {each.kind for each in certificate.equalities}
    assert {"exact", "brute_force"} <= kinds
    for equality in certificate.equalities:
        if equality.kind == "digits":
            assert equality.error_bound is None
        else:
            assert equality.error_bound is not None
            deep = name == "20 layers of one weight"  # its degrees are counted generously
            assert equality.error_bound < (2**-30 if deep else 2**-50), equality


@pytest.mark.parametrize("name", SEEDED)
def test_with_any_seed(name):
    """200 seeds were run by hand; here are a few."""
    derivation = derivation_of(NETWORKS[name])
    for seed in range(1, 3):
        certificate = prove(derivation, seed=seed)
        assert certificate.ok, (seed, str(certificate))


def test_the_same_seed_gives_the_same_certificate():
    first, second = (prove(derivation_of("2-3-1"), seed=7) for _ in range(2))
    assert first == second


def test_all_25_gradients_of_the_classic_network():
    certificate = prove(derivation_of("2-3-3-1", inputs=False))
    brute = [each for each in certificate.equalities if each.kind == "brute_force"]
    assert len(brute) == 25
    assert "25 gradients of 6 parameters against brute force" in str(certificate)
    assert "brute force: on the network itself, 2 samples" in certificate.remarks
    assert {each.where for each in brute if each.where.startswith("b2")} == {
        "b2[1]",
        "b2[2]",
        "b2[3]",
    }
    assert any(each.kind == "induction" for each in certificate.equalities)


def test_a_deep_network_is_proven_on_a_short_one_and_along_its_whole_depth():
    certificate = prove(derivation_of(DEEP["100 layers"]))
    (remark,) = (each for each in certificate.remarks if each.startswith("brute force"))
    assert remark.startswith("brute force: on a shorter network (7 equations for 201), ")
    assert "do not occur" not in remark
    (direction,) = (each for each in certificate.equalities if "direction" in each.rule)
    assert "201 equations" in direction.note


def test_graphs_say_that_induction_is_not_for_them():
    certificate = prove(derivation_of(OTHERS["add"]))
    assert any(each.startswith("any depth: not applicable") for each in certificate.remarks)
    assert not any(each.kind == "induction" for each in certificate.equalities)


def test_assumptions_are_named():
    certificate = prove(derivation_of(OTHERS["wide"]))
    assert "assumed: the rows of Y sum to one" in certificate.remarks
    without = prove(derivation_of(OTHERS["targets are weights"]))
    assert not any(each.startswith("assumed") for each in without.remarks)


@pytest.mark.parametrize(
    ("budget", "remark"),
    [
        (0.001, "brute force: not done, the network is too large for the budget"),
        (0.01, "brute force: on the network with other widths, 2-2-2-2, 1 sample, "),
        (0.5, "brute force: on the network itself, 2 samples"),
    ],
)
def test_the_budget_limits_brute_force(budget, remark):
    certificate = prove(derivation_of("2-3-3-1", inputs=False), budget_seconds=budget)
    brute = [each for each in certificate.equalities if each.kind == "brute_force"]
    assert certificate.ok
    assert certificate.remarks[-1].startswith(remark)
    assert ("not done" in remark) == (not brute)
    assert ("itself" in remark) == (len(brute) == 25)


def test_equal_layers_are_proven_once():
    short, long = (
        prove(derivation_of("-".join(["8"] * layers), inputs=False)) for layers in (10, 60)
    )
    exact = [len([e for e in each.equalities if e.kind == "exact"]) for each in (short, long)]
    assert exact[0] == exact[1]
    assert any("and 57 more" in each.where for each in long.equalities)


def test_every_equality_has_its_place():
    for name in ("two heads", "layer_norm", "concat"):
        derivation = derivation_of(NETWORKS[name])
        names = {each.name for each in derivation.adjoints}
        names |= set(itertools.chain(*(each.adjoint_names for each in derivation.adjoints)))
        for equality in prove(derivation).equalities:
            if equality.kind == "exact" and " " not in equality.where:
                assert equality.where in names
