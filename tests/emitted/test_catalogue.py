"""Every activation and every loss, alone and in pairs, in both layouts and both floating types."""

from __future__ import annotations

import numpy as np
import pytest

import bpsym
from bpsym.network.catalogue.activations import ACTIVATIONS, SOFTMAX
from bpsym.network.catalogue.losses import LOSSES
from tests.emitted.agreement import FLOATS, LAYOUTS, Point, agree

every_form = pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
every_layout = pytest.mark.parametrize("layout", LAYOUTS)

OPTIONS = {
    "alpha": 0.3,
    "scale": 1.2,
    "delta": 0.4,
    "margin": 2.5,
}


@every_form
@every_layout
@pytest.mark.parametrize("activation", [*ACTIVATIONS, SOFTMAX])
def test_a_hidden_activation(activation, layout, dtype):
    agree(f"3-5:{activation}-2:tanh", layout, dtype, input_grads=True)


@pytest.mark.parametrize("activation", [name for name, row in ACTIVATIONS.items() if row.options])
@every_layout
def test_the_options_of_an_activation(activation, layout):
    row = ACTIVATIONS[activation]
    assert set(row.options) <= set(OPTIONS)
    declared = {"name": activation, **{each: OPTIONS[each] for each in row.options}}
    layers = [{"units": 5, "activation": declared}, {"units": 2}]
    agree({"inputs": {"x": 3}, "layer": layers}, layout)


def network(activation, loss, **keys):
    """A hidden layer of five, an output of two; a max margin compares two outputs."""
    output = {"units": 2, "activation": activation}
    layers = [{"units": 5, "activation": "tanh", "name": "h"}, {**output, "name": "s"}]
    if len(LOSSES[loss].outputs) == 2:
        layers.append({**output, "name": "sc", "from": "h"})
        keys["of"] = ["s", "sc"]
    return {"inputs": {"x": 3}, "layer": layers, "loss": {"kind": loss, **keys}}


def is_accepted(activation, loss):
    """Whether the declaration is: a hinge wants no softmax, a cross-entropy nothing else."""
    try:
        bpsym.parse(network(activation, loss))
    except bpsym.NetworkError:
        return False
    return True


PAIRS = [
    (activation, loss)
    for loss in LOSSES
    for activation in (*ACTIVATIONS, SOFTMAX)
    if is_accepted(activation, loss)
]


def test_every_loss_and_every_activation_is_in_a_pair():
    assert {loss for _, loss in PAIRS} == set(LOSSES)
    assert {activation for activation, _ in PAIRS} == {*ACTIVATIONS, SOFTMAX}
    assert len(PAIRS) > 150


def inside(net):
    """A point at which every output lies between 0 and 1: no logarithm meets a zero."""
    point = Point.draw(net)
    point.params["W_s"] *= 0.125
    point.params["b_s"][:] = (0.5, 0.625)
    return point


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_a_pair(activation, loss):
    net = network(activation, loss)
    logarithm = loss in ("poisson", "binary_cross_entropy")
    point = inside(net) if logarithm else Point.draw(net)
    for layout in LAYOUTS:
        for dtype in FLOATS:
            agree(net, layout, dtype, point=point)


def fitting(loss):
    """An output activation for a loss, not the identity if it can be helped."""
    choices = ("tanh", "sigmoid", SOFTMAX)
    return next(each for each in choices if (each, loss) in PAIRS)


@pytest.mark.parametrize("loss", [name for name, row in LOSSES.items() if row.options])
@every_layout
def test_the_options_of_a_loss(loss, layout):
    options = {each: OPTIONS[each] for each in LOSSES[loss].options}
    agree(network(fitting(loss), loss, **options), layout)


@every_form
@every_layout
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", LOSSES)
def test_reduction_weight_and_decay(loss, reduction, layout, dtype):
    net = network(fitting(loss), loss, weight=0.3)
    agree({**net, "reduction": reduction, "l2": 0.2}, layout, dtype)


@every_layout
@pytest.mark.parametrize("loss", [name for name, row in LOSSES.items() if row.distribution])
@pytest.mark.parametrize("targets", ["labels", "weights"])
@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.__name__)
def test_other_targets(loss, targets, layout, dtype):
    agree(network(SOFTMAX, loss, targets=targets), layout, dtype)


@pytest.mark.parametrize("integer", [np.uint8, np.int16, np.int32, np.int64])
@every_layout
def test_labels_of_any_integer_type(integer, layout):
    net = network(SOFTMAX, "cross_entropy", targets="labels")
    point = Point.draw(net)
    point.Y["y"] = point.Y["y"].astype(integer)
    agree(net, layout, point=point)


@every_layout
def test_one_sample_and_one_unit(layout):
    for net in ("1-1", "1-2:softmax", "1-1:softplus,loss=poisson", "3-1-2:gelu"):
        agree(net, layout, point=Point.draw(net, m=1))
