"""Graphs of every kind of layer, in both layouts and both floating types, with input gradients."""

from __future__ import annotations

import pytest

import bpsym
from bpsym.network.kinds import KINDS
from tests.emitted.agreement import FLOATS, LAYOUTS, agree, loaded
from tests.emitted.networks import NETWORKS
from tests.emitted.oracle import Oracle


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network(name, layout, dtype):
    agree(NETWORKS[name], layout, dtype, input_grads=True)


@pytest.mark.parametrize("name", ["shorthand", "several inputs", "labels", "max margin"])
def test_without_input_gradients(name):
    agree(NETWORKS[name])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_says_the_same_of_its_parameters(name):
    assert dict(bpsym.parse(NETWORKS[name]).parameters) == Oracle(NETWORKS[name]).shapes


def test_the_networks_have_every_kind_of_layer():
    kinds = {layer.kind for net in NETWORKS.values() for layer in Oracle(net).layers}
    assert kinds == {*KINDS, "equation"}


def test_y_may_be_left_out_where_there_is_no_target():
    net = NETWORKS["a loss without a target"]
    module = loaded(net)
    params = module.init_params(0)
    X = [[0.5, -1.0, 2.0]]
    import numpy as np

    assert module.loss(params, np.array(X)) == module.loss_and_grads(params, np.array(X))[0]
