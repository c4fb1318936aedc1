"""Values and gradients at given numbers, against emitted modules and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import bpsym
from bpsym.calculus.system import Role
from bpsym.errors import ProofError
from bpsym.worked.data import read_numbers
from bpsym.worked.problems import NumbersError
from bpsym.worked.record import worked
from bpsym.worked.values import Evaluator
from tests.worked.networks import CONCAT, SPECS, built_of, worked_of


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("spec", SPECS)
def test_it_agrees_with_the_emitted_module(spec: str, samples: int) -> None:
    """The module's kernels are written in another way and share no formula with the record."""
    found, built = worked_of(spec, samples=samples), built_of(spec)
    module = bpsym.load(built.network, prove=False)
    inputs = {name: found.values[tensor] for name, tensor in built.inputs.items()}
    targets = {name: found.values[tensor] for name, tensor in built.targets.items()}
    data = next(iter(inputs.values())) if len(inputs) == 1 else inputs
    wanted = next(iter(targets.values())) if len(targets) == 1 else targets or None
    if built.network.losses[0].targets == "labels":
        wanted = np.argmax(wanted, axis=1)
    params = {each.name: found.values[each.name] for each in built.system.of_role(Role.PARAMETER)}
    cost, grads = module.loss_and_grads(params, data, *([] if wanted is None else [wanted]))
    assert found.cost == pytest.approx(cost, rel=1e-12)
    for name, grad in grads.items():
        np.testing.assert_allclose(found.gradients[name], grad, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(found.updated[name], params[name] - 0.5 * grad, rtol=1e-10)
    after, _ = module.loss_and_grads(
        dict(found.updated), data, *([] if wanted is None else [wanted])
    )
    assert found.cost_after == pytest.approx(after, rel=1e-10)


def test_a_concatenation() -> None:
    found = worked_of(CONCAT, samples=2)
    joined = np.concatenate([found.values["X_x"], found.values["X_w"]], axis=1)
    np.testing.assert_array_equal(found.values["a_h"], joined)


def test_frozen_parameters_stay() -> None:
    built = built_of("2-2-2")
    found = worked(built, read_numbers("0", built, freeze=["b1"]))
    np.testing.assert_array_equal(found.updated["b1"], found.values["b1"])
    assert (found.updated["b2"] != found.values["b2"]).all()


def test_weights_by_element() -> None:
    found = worked_of("2-3-4-1")
    assert found.elements()["W1[3,2]"] == found.values["W1"][2, 1]
    assert len(found.elements()) == 6 + 3 + 12 + 4 + 4 + 1


@pytest.mark.parametrize("name", ["delta2", "dW1", "db2", "adj_a1"])
@pytest.mark.parametrize("spec", ["2-2-2", "30-40-2"])
def test_a_wrong_derivative_is_an_error(
    name: str, spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Evaluator.adjoints

    def wrong(self: Evaluator, values: Any) -> Any:
        found = right(self, values)
        found[name] = found[name] * 1.0001
        return found

    monkeypatch.setattr(Evaluator, "adjoints", wrong)
    built = built_of(spec)
    with pytest.raises(ProofError, match="difference quotient"):
        worked(built, read_numbers("0", built))


def test_on_a_kink() -> None:
    """At z = 0 the two slopes of relu differ, and the convention is one of them."""
    given = {"X": [[0.0, 1.0]], "Y": [[0.5]], "W1": [[1.0, 0.0]], "b1": [0.0]}
    given |= {"W2": [[2.0]], "b2": [0.1]}
    built = built_of("2-1:relu-1:identity")
    found = worked(built, read_numbers(given, built))
    assert found.values["z1"] == 0
    assert found.values["delta1"] == 0
    assert found.values["delta2"] != 0


STEEP = """
[inputs]
x = 1
[[layer]]
units = 1
activation = "identity"
[loss]
expression = "sum(k, exp(a[k]**2))"
"""


@pytest.mark.parametrize(
    ("weight", "said"), [(900.0, "C is not finite"), (2.0, "the cost after it is not finite")]
)
def test_values_that_are_not_finite(weight: float, said: str) -> None:
    built = built_of(STEEP)
    given = {"X": [[1.0]], "W1": [[weight]], "b1": [0.0]}
    with pytest.raises(NumbersError, match=said):
        worked(built, read_numbers(given, built))
