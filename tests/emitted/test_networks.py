"""Graphs of every kind of layer, in both layouts and both floating types, with input gradients."""

from __future__ import annotations

import numpy as np
import pytest

import bpsym
from bpsym.network.catalogue.kinds import KINDS
from tests.emitted.agreement import FLOATS, LAYOUTS, Agreement, Point, agree, loaded
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
    X = np.array([[0.5, -1.0, 2.0]])
    assert module.loss(params, X) == module.loss_and_grads(params, X)[0]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["shorthand", "several outputs", "labels"])
def test_targets_of_another_shape_are_refused(name, layout):
    """numpy would broadcast (m,) against (m, 1) to (m, m)."""
    module = loaded(NETWORKS[name], layout=layout, input_grads=True)
    params, X, Y = Agreement(module, Point.draw(NETWORKS[name]), layout).arguments()
    for wrong in (lambda y: y[..., :-1], lambda y: y[None], lambda y: y[0]):
        spoilt = {key: wrong(y) for key, y in Y.items()} if isinstance(Y, dict) else wrong(Y)
        for function in (module.loss, module.loss_and_grads):
            with pytest.raises(ValueError, match=r"shape|expected"):
                function(params, X, spoilt)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_targets_of_integers_count_as_numbers(layout):
    """Unsigned ones would wrap in a - y."""
    net = "3-5:tanh-2:sigmoid,loss=bce"
    module = loaded(net, layout=layout)
    params, X, Y = Agreement(module, Point.draw(net), layout).arguments()
    whole = (Y > 0.5).astype(np.uint8)
    expected = module.loss_and_grads(params, X, whole.astype(float))
    np.testing.assert_equal(module.loss_and_grads(params, X, whole), expected)
