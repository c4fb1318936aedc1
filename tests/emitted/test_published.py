"""A worked example with all its numbers: Mazur, A step by step backpropagation example (2015).

Two inputs, two hidden and two output sigmoid units, half the squared error, learning rate 1/2; the
example updates the weights and leaves the biases, w5 to w8 from the old w1 to w4.
https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.emitted.agreement import LAYOUTS, loaded, turned

X, Y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
RATE = 0.5


def start(layout):
    """The initial parameters; both units of a layer have one bias."""
    params = {
        "W1": np.array([[0.15, 0.20], [0.25, 0.30]]),
        "b1": np.array([0.35, 0.35]),
        "W2": np.array([[0.40, 0.45], [0.50, 0.55]]),
        "b2": np.array([0.60, 0.60]),
    }
    return {name: turned(array, layout) for name, array in params.items()}


@pytest.fixture(params=LAYOUTS)
def example(request):
    """The module, its parameters, and one sample."""
    layout = request.param
    module = loaded("2-2-2", layout=layout)
    X_, Y_ = (turned(each, layout, of_samples=True) for each in (X, Y))
    return module, start(layout), X_, Y_


def published(text):
    """A printed number, and half a unit of its last place."""
    return pytest.approx(float(text), abs=0.6 * 10.0 ** -len(text.partition(".")[2]))


def test_the_forward_pass(example):
    module, params, X, Y = example
    a1, a2 = (each.ravel() for each in module.forward(params, X))
    assert a1[0] == published("0.593269992")
    assert a1[1] == published("0.596884378")
    assert a2[0] == published("0.75136507")
    assert a2[1] == published("0.772928465")
    errors = (a2 - Y.ravel()) ** 2 / 2
    assert errors[0] == published("0.274811083")
    assert errors[1] == published("0.023560026")
    assert module.loss(params, X, Y) == published("0.298371109")


def test_the_gradients(example):
    module, params, X, Y = example
    _, grads = module.loss_and_grads(params, X, Y)
    assert grads["W2"][0, 0] == published("0.082167041")
    assert grads["W1"][0, 0] == published("0.000438568")
    assert grads["b2"].ravel()[0] == published("0.138498562")  # delta of the first output


def test_the_updated_weights(example):
    module, params, X, Y = example
    _, grads = module.loss_and_grads(params, X, Y)
    W1, W2 = (params[name] - RATE * grads[name] for name in ("W1", "W2"))
    for weight, text in zip(
        W2.ravel(), ("0.35891648", "0.408666186", "0.511301270", "0.561370121"), strict=True
    ):
        assert weight == published(text)
    for weight, text in zip(
        W1.ravel(), ("0.149780716", "0.19956143", "0.24975114", "0.29950229"), strict=True
    ):
        assert weight == published(text)


def trained(example, rounds):
    """Parameters after so many steps of gradient descent on the weights, biases left alone."""
    module, params, X, Y = example
    params = dict(params)
    for _ in range(rounds):
        _, grads = module.loss_and_grads(params, X, Y)
        params |= {name: params[name] - RATE * grads[name] for name in ("W1", "W2")}
    return params


def test_the_error_after_9999_rounds(example):
    """What the article gives for ten thousand is printed before the last of them."""
    module, _, X, Y = example
    assert module.loss(trained(example, 9_999), X, Y) == published("0.0000351085")


def propagated_through_updated_weights(rounds):
    """The article's own steps: delta1 is taken through W2 as it is after the update.

    Returns the error and the outputs. This is the mistake `updated-weight`; with it the rest of
    the article's numbers comes out to the last digit.
    """
    params, x, y = start("rows"), X[0], Y[0]
    W1, W2 = params["W1"], params["W2"]

    def forward():
        a1 = 1 / (1 + np.exp(-(W1 @ x + params["b1"])))
        return a1, 1 / (1 + np.exp(-(W2 @ a1 + params["b2"])))

    for _ in range(rounds):
        a1, a2 = forward()
        delta2 = (a2 - y) * a2 * (1 - a2)
        W2 = W2 - RATE * np.outer(delta2, a1)
        W1 = W1 - RATE * np.outer(delta2 @ W2 * a1 * (1 - a1), x)
    a1, a2 = forward()
    return ((a2 - y) ** 2).sum() / 2, a2


def test_the_error_after_one_round(example):
    """The article's 0.291027924 is not that of its own weights, which give 0.291027774."""
    module, _, X, Y = example
    assert module.loss(trained(example, 1), X, Y) == published("0.291027774")
    assert propagated_through_updated_weights(1)[0] == published("0.291027924")


def test_the_outputs_after_ten_thousand_rounds(example):
    """Those of the article are reached with its mistake; the right ones differ in digit six."""
    module, _, X, _ = example
    _, outputs = propagated_through_updated_weights(10_000)
    assert outputs[0] == published("0.015912196")
    assert outputs[1] == published("0.984065734")
    right = module.predict(trained(example, 10_000), X).ravel()
    np.testing.assert_allclose(right, outputs, atol=2e-6)
    assert abs(right[0] - outputs[0]) > 1e-6
