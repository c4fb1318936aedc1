"""Scripts: the weights are global variables, and a step changes them."""

import numpy as np

rng = np.random.default_rng(0)
W = [rng.normal(size=(3, 2)), rng.normal(size=(1, 3))]
b = [rng.normal(size=3), rng.normal(size=1)]
LEARNING_RATE = 0.1
model = {"W1": W[0].T, "b1": b[0][None], "W2": W[1].T, "b2": b[1][None]}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def deltas(X, Y, weights, biases):
    a1 = sigmoid(X @ weights[0].T + biases[0])
    a2 = sigmoid(a1 @ weights[1].T + biases[1])
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    return a1, d2 @ weights[1] * a1 * (1 - a1), d2


def train_step(X, Y):
    """Global lists, and a global rate."""
    a1, d1, d2 = deltas(X, Y, W, b)
    W[0] -= LEARNING_RATE * d1.T @ X
    b[0] -= LEARNING_RATE * d1.sum(axis=0)
    W[1] -= LEARNING_RATE * d2.T @ a1
    b[1] -= LEARNING_RATE * d2.sum(axis=0)


def run_epoch(X, Y):
    """A global dict, no rate anywhere but in the code, and a name that says nothing."""
    W1, b1, W2, b2 = model.values()
    a1, d1, d2 = deltas(X, Y, (W1.T, W2.T), (b1, b2))
    model["W1"] = W1 - 0.25 * X.T @ d1
    model["b1"] = b1 - 0.25 * d1.sum(axis=0, keepdims=True)
    model["W2"] = W2 - 0.25 * a1.T @ d2
    model["b2"] = b2 - 0.25 * d2.sum(axis=0, keepdims=True)


def gradients(X, Y):
    """Global lists, and the gradients come back."""
    a1, d1, d2 = deltas(X, Y, W, b)
    return [d1.T @ X, d2.T @ a1], [d1.sum(axis=0), d2.sum(axis=0)]


def of_nothing(X, Y):
    """No parameters anywhere."""
    return {"W1": X.T @ Y}


def propagate(params, X, Y, lr=0.01):
    """A step whose name does not say so, with a rate that may be left out."""
    a1, d1, d2 = deltas(X, Y, (params["W1"], params["W2"]), (params["b1"], params["b2"]))
    params["W1"] = params["W1"] - lr * d1.T @ X
    params["b1"] = params["b1"] - lr * d1.sum(axis=0)
    params["W2"] = params["W2"] - lr * d2.T @ a1
    params["b2"] = params["b2"] - lr * d2.sum(axis=0)
    return params


class Layer:
    """Updates its weight before it hands the error down."""

    def __init__(self, inputs, outputs):
        self.W, self.b = rng.normal(size=(inputs, outputs)), np.zeros(outputs)

    def forward(self, x):
        self.x, self.a = x, sigmoid(x @ self.W + self.b)
        return self.a

    def backward(self, error, lr):
        delta = error * self.a * (1 - self.a)
        self.W -= lr * self.x.T @ delta
        self.b -= lr * delta.sum(axis=0)
        return delta @ self.W.T


class UpdatedTooEarly:
    def __init__(self, sizes):
        self.layers = [Layer(*pair) for pair in zip(sizes, sizes[1:])]

    def backward(self, X, Y, lr=0.1):
        a = X
        for layer in self.layers:
            a = layer.forward(a)
        error = (a - Y) / len(X)
        for layer in reversed(self.layers):
            error = layer.backward(error, lr)
