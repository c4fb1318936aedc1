"""Points, tolerances and the guard of the reference."""

import numpy as np
import pytest

import bpsym
from bpsym.arrays.nodes import Rowwise, walk
from bpsym.errors import ProofError
from bpsym.verify.numbers import crosscheck as guard
from bpsym.verify.numbers.entries import by_entries
from bpsym.verify.numbers.points import choose_points, kinks_of, random_point
from bpsym.verify.numbers.reference import Evaluated, Reference
from bpsym.verify.numbers.tolerance import SAFETY

SPECS = [
    "2-3-1",
    "4-5:relu-3:softmax",
    "4-5:tanh-6:gelu-2,loss=bce,l2=0.01",
    "6-7:prelu-4:hard_tanh-1,loss=hinge",
    "3-4:leaky_relu-2:softplus,loss=poisson",
    "3-4:elu-2,loss=huber,reduction=sum",
    "3-5:softsign-4:softmax,loss=kl_divergence",
    "8-13-5-1",
]
GRAPH = {
    "inputs": {"x": 4},
    "layer": [
        {"name": "h", "units": 5, "activation": "tanh"},
        {"name": "g", "units": 5, "activation": "sigmoid", "from": ["x"]},
        {"name": "s", "kind": "add", "from": ["h", "g"]},
        {"name": "norm", "kind": "layer_norm"},
        {"name": "t", "units": 5, "activation": "tanh"},
        {"name": "p", "units": 3, "activation": "softmax"},
    ],
    "loss": "cross_entropy",
}


def reference_of(spec):
    return Reference(bpsym.derive(spec))


@pytest.fixture(scope="module", params=[*SPECS, GRAPH], ids=[*SPECS, "graph"])
def reference(request):
    return reference_of(request.param)


def test_the_reference_is_the_emitted_module(reference):
    module = bpsym.load(reference.derivation.network, prove=False)
    point = random_point(reference, 7, np.random.default_rng(1))
    [x], [y] = point.inputs.values(), point.targets.values()
    loss, grads = module.loss_and_grads(dict(point.params), x, y)
    at = reference.at(point)
    assert at.loss == pytest.approx(loss, rel=1e-13)
    for name, value in grads.items():
        np.testing.assert_allclose(at.grads[name], value, rtol=1e-9, atol=1e-14)


def test_points_tell_mistakes_apart(reference):
    points = choose_points(reference)
    widths = set(reference.system.sizes.values())
    assert len(points.batches) == 2
    assert not widths & set(points.batches)
    assert 1 not in points.batches
    for point in points.generic:
        assert np.isfinite(reference.at(point).loss)
        assert all(np.all(value != 0) for value in point.params.values())
        for kink in kinks_of(reference):
            z = reference.at(point).values[kink.z]
            assert all(np.min(np.abs(z - place)) > 1e-5 for place in kink.places)


def test_a_kink_point_lies_on_a_kink():
    for spec, name in (("3-4:relu-1", "relu"), ("3-4:hard_tanh-1", "hard_tanh")):
        reference = reference_of(spec)
        points = choose_points(reference)
        [kink] = [each for each in kinks_of(reference) if each.z == "z1"]
        assert np.any(np.isin(reference.at(points.kink).values["z1"], kink.places)), name
        left, right = (reference.at(each).grads["b1"] for each in (points.kink, points.above))
        assert not np.allclose(left, right)
    assert choose_points(reference_of("2-3-1")).kink is None


def test_float64_is_well_inside_its_tolerance(reference):
    """Against longdouble: a right result uses a small part of what is allowed, in every type."""
    point = choose_points(reference).generic[0]
    exact = reference.at(point, np.longdouble).grads
    for dtype, epsilon in ((np.float64, 2.0**-53), (np.float32, 2.0**-24)):
        tolerance = reference.tolerance(point, epsilon)
        for name, value in reference.at(point, dtype).grads.items():
            off = np.abs(value - exact[name])
            assert np.all(off <= 0.5 * tolerance[name]), name


def test_the_tolerance_is_narrow(reference):
    point = choose_points(reference).generic[0]
    tolerance = reference.tolerance(point)
    for name, value in reference.at(point).grads.items():
        assert np.max(tolerance[name]) < 1e-11 * np.max(np.abs(value))


@pytest.mark.parametrize("scale", [1e-3, 1e-5, 1e-9])
def test_there_is_no_absolute_tolerance(scale):
    """The loss times c has the tolerance times c."""
    text = "sum(k, (a[k] - y[k])**2)/2"
    plain = reference_of({"inputs": {"x": 2}, "layer": [{"units": 3}, {"units": 1}],
                          "loss": {"expression": text}})  # fmt: skip
    small = reference_of({"inputs": {"x": 2}, "layer": [{"units": 3}, {"units": 1}],
                          "loss": {"expression": text, "weight": scale}})  # fmt: skip
    point = choose_points(plain).generic[0]
    for name, wide in plain.tolerance(point).items():
        narrow = small.tolerance(point)[name]
        assert np.all(narrow <= 2 * scale * wide)
        assert np.all(narrow >= scale * wide / 2)


def test_a_deep_network_is_still_judged():
    """Bounds that add magnitudes would say nothing after twenty layers."""
    reference = reference_of("16" + "-16:tanh" * 20)
    point = choose_points(reference).generic[0]
    tolerance = reference.tolerance(point)
    for name, value in reference.at(point).grads.items():
        assert np.max(tolerance[name]) < 1e-10 * np.max(np.abs(value))
        off = np.abs(value - reference.at(point, np.longdouble).grads[name])
        assert np.all(off <= tolerance[name] / SAFETY * 20)


def test_the_guard_agrees(reference):
    point = choose_points(reference).generic[0]
    errors = guard.crosscheck(reference, point)
    assert set(errors) == set(reference.parameters)
    assert max(errors.values()) < 1e-6


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "alpha1"])
def test_the_guard_sees_a_wrong_reference(name):
    reference = reference_of("4-5:prelu-2:sigmoid")
    point = choose_points(reference).generic[0]
    at = reference.at(point)
    wrong = {**at.grads, name: at.grads[name] * (1 + 1e-3)}
    reference._found[id(point), np.float64] = Evaluated(at.values, wrong, at.loss)
    with pytest.raises(ProofError, match=f"gradient in {name}"):
        guard.crosscheck(reference, point)


def decaying(scale):
    """A network whose decay outweighs its data the more, the smaller the scale."""
    return reference_of(
        {"inputs": {"x": 4}, "l2": 0.02, "layer": [{"units": 5, "activation": "relu"},
         {"units": 3, "activation": "softmax"}], "loss": {"kind": "cross_entropy", "weight": scale}}
    )  # fmt: skip


@pytest.mark.parametrize("scale", [1.0, 1e-5, 1e-9])
def test_the_guard_agrees_however_small_the_data(scale):
    reference = decaying(scale)
    assert max(guard.crosscheck(reference, choose_points(reference).generic[0]).values()) < 1e-6


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_the_guard_sees_wrong_data_under_the_decay(name):
    reference = decaying(1e-5)
    point = choose_points(reference).generic[0]
    at = reference.at(point)
    decay = guard.decay_gradient(reference, point, name)
    wrong = {**at.grads, name: (at.grads[name] - decay) * (1 + 1e-3) + decay}
    reference._found[id(point), np.float64] = Evaluated(at.values, wrong, at.loss)
    with pytest.raises(ProofError, match=f"gradient in {name}"):
        guard.crosscheck(reference, point)


def test_the_guard_sees_a_wrong_decay():
    reference = decaying(1.0)
    point = choose_points(reference).generic[0]
    at = reference.at(point)
    wrong = {**at.grads, "W1": at.grads["W1"] + 0.02 * point.params["W1"]}
    reference._found[id(point), np.float64] = Evaluated(at.values, wrong, at.loss)
    with pytest.raises(ProofError, match="gradient in W1"):
        guard.crosscheck(reference, point)


def test_the_error_of_a_logarithm_of_a_sum():
    """The estimate covers what float64 loses against a wider type, and is no wild guess."""
    loss = {"expression": "log(sum(k, exp(a[k]))) - sum(k, y[k]*a[k])"}
    layer = {"units": 6, "activation": "identity"}
    reference = reference_of({"inputs": {"x": 4}, "layer": [layer], "loss": loss})
    kernels = {each.kernel for statement in reference.program.cost
               for each in walk(statement.node) if isinstance(each, Rowwise)}  # fmt: skip
    assert "logsumexp" in kernels
    point = choose_points(reference).generic[0]
    off = abs(reference.at(point).loss - reference.at(point, np.longdouble).loss)
    assert off <= reference.tolerance(point)["C"] < 1e-12


def test_node_differences_are_the_deltas():
    reference = reference_of("5-4:tanh-3:sigmoid-2")
    point = choose_points(reference).generic[0]
    values = reference.at(point).values
    for layer in (1, 2, 3):
        found = guard.node_differences(reference, point, f"z{layer}")
        np.testing.assert_allclose(found, values[f"delta{layer}"], rtol=1e-6, atol=1e-10)


def test_entry_by_entry(reference):
    point = choose_points(reference).generic[0]
    right = reference.at(point).grads
    found = by_entries(reference, point)
    assert {"W1", "b1"} <= set(found) or "W_h" in found
    for name, value in found.items():
        assert value.shape == right[name].shape
        assert np.max(np.abs(value - right[name])) < 1e-5 * np.max(np.abs(right[name])), name
