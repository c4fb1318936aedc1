"""Nothing but the file is named."""

# passes: 2-3-1 -
# a homework file: bpsym should find what there is to judge
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def init(n0, n1, n2):
    return {
        "W1": np.random.randn(n1, n0),
        "b1": np.zeros(n1),
        "W2": np.random.randn(n2, n1),
        "b2": np.zeros(n2),
    }


def forward(params, X):
    a1 = sigmoid(X @ params["W1"].T + params["b1"])
    return a1, sigmoid(a1 @ params["W2"].T + params["b2"])


def backward(params, X, Y):
    a1, a2 = forward(params, X)
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ params["W2"] * a1 * (1 - a1)
    return {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}
