"""One layer whose pre-activation can be set to any number: W = 1, X = 0, b = z."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tests.emitted.agreement import loaded, turned
from tests.emitted.formula import Array

# With y = 1 the cost is f(z), and its gradient in b is f'(z).
ITSELF = {"expression": "sum(k, a[k]*y[k])"}


class Values(NamedTuple):
    """The cost, its gradient in z, and the predictions, (units,) each."""

    cost: float
    slope: Array
    output: Array


def at(
    activation: object,
    loss: object,
    z: list[float],
    y: list[float],
    layout: str = "rows",
    dtype: Any = np.float64,
    *,
    strict: bool = True,
) -> Values:
    """Run a layer at pre-activations z against targets y, one sample.

    A warning of numpy is an error, underflow apart: a value that is all but 0 may become 0.
    strict: whether that holds for the gradients too.
    """
    layer = {"units": len(z), "activation": activation}
    module = loaded({"inputs": {"x": 1}, "layer": [layer], "loss": loss}, layout=layout)
    params = {name: np.full(shape, 0.25, dtype) for name, shape in module.PARAM_SHAPES.items()}
    params["W1"][:] = 1
    params["b1"] = turned(np.array(z, dtype), layout)
    X, Y = np.zeros((1, 1), dtype), turned(np.array([y], dtype), layout, of_samples=True)
    with np.errstate(all="raise", under="ignore"):
        output, cost = module.predict(params, X), module.loss(params, X, Y)
        with np.errstate(all="raise" if strict else "ignore", under="ignore"):
            again, grads = module.loss_and_grads(params, X, Y)
    assert again == cost
    assert {array.dtype for array in (output, *grads.values())} == {np.dtype(dtype)}
    return Values(cost, grads["b1"].ravel(), output.ravel())
