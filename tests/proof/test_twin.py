"""Small networks that stand in for large ones."""

import pytest

from bpsym.calculus.system import SAMPLES, Role
from bpsym.proof.brute_force.twin import shortened
from bpsym.proof.evaluate.small import small_sizes
from tests.proof.faults import derivation_of, system_of
from tests.proof.networks import NETWORKS, OTHERS, chain, dense, residual, tied


def twin_of(declared):
    return shortened(derivation_of(declared))


@pytest.mark.parametrize("depth", [5, 20, 200])
def test_equal_layers_become_three(depth):
    twin = twin_of("-".join(["8"] * (depth + 1)) + ",act=tanh")
    weights = twin.derivation.system.of_role(Role.PARAMETER)
    assert len([each for each in weights if each.name.startswith("W")]) == 3
    assert twin.missing == 0


def test_a_short_network_is_its_own():
    for declared in ("3-1", "3-4-2", "2-3-3-1"):
        assert twin_of(declared) is None


def test_every_pattern_stays():
    """Two activations in turn, and one layer of another kind in between."""
    layers = [dense(8, ("tanh", "relu")[k % 2]) for k in range(20)]
    layers.insert(9, {"kind": "layer_norm"})
    twin = twin_of(chain(*layers, dense(2, "softmax")))
    labels = {each.schema.label for each in twin.derivation.system.relations}
    assert {"tanh", "relu", "layer_norm", "softmax"} <= labels
    assert len(twin.derivation.system.relations) < 30
    assert twin.missing == 0


def test_residual_blocks_are_kept_whole():
    twin = twin_of(residual(30))
    relations = twin.derivation.system.relations
    adds = [each for each in relations if each.schema.label == "add"]
    assert 2 <= len(adds) <= 5
    assert twin.missing == 0


def test_decay_goes_with_its_weight():
    twin = twin_of("-".join(["8"] * 31) + ",l2=0.1")
    system = twin.derivation.system
    weights = [each.name for each in system.of_role(Role.PARAMETER) if each.name.startswith("W")]
    assert len(weights) == 3
    assert {f"R_{name}" for name in weights} <= {name for name, _ in system.objective}


def test_a_weight_that_all_layers_share_keeps_them():
    assert twin_of(tied(12)) is None


@pytest.mark.parametrize("name", NETWORKS)
def test_small_sizes_fit_the_equations(name):
    system = system_of(NETWORKS[name])
    sizes = small_sizes(system, (2, 3, 4))
    assert sizes is not None
    same = system.representative
    assert all(sizes[label] == sizes[same[label]] for label in same)
    assert sizes[SAMPLES] == 2
    assert all(0 < each <= 40 for each in sizes.values())


def test_small_sizes_of_neighbours_differ():
    sizes = small_sizes(system_of("100-100-100-100"), (2, 3, 4))
    assert sizes["n0"] != sizes["n1"] != sizes["n2"] != sizes["n3"]


def test_a_concatenation_is_as_wide_as_its_parts():
    sizes = small_sizes(system_of(OTHERS["concat"]), (2, 3, 4))
    widths = sizes["n_h1"] + sizes["n_h2"] + sizes["n0"]
    assert widths in sizes.values()


def test_sums_of_concatenations_are_made_to_fit():
    declared = chain(
        dense(5, name="h"),
        dense(7, name="g"),
        {"kind": "concat", "from": ["h", "x"], "name": "s"},
        {"kind": "dense", "units": 9, "name": "t", "from": ["g"]},
        {"kind": "add", "from": ["s", "t"]},
        dense(2),
    )
    sizes = small_sizes(system_of(declared), (2, 3, 4))
    assert sizes["n_h"] + sizes["n0"] == sizes["n_t"]


def test_a_window_stays_inside():
    system = system_of(OTHERS["a window"])
    sizes = small_sizes(system, (2, 3, 4))
    out, window, read = (system.tensors[name].sizes[-1] for name in system.relations[0].names)
    assert sizes[out] + sizes[window] - 1 <= sizes[read]
