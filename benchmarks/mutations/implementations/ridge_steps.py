# ruff: noqa: D103 - as it is found in the wild
"""A step of gradient descent on a dict, hard tanh, squared error without a half, decay."""

import numpy as np

SCALE = 1.0


def update(params, X, Y, learning_rate=0.05):
    lam = 0.1
    m = X.shape[0]
    z1 = X @ params["W1"].T + params["b1"]
    a1 = np.clip(z1, -1, 1)
    out = a1 @ params["W2"].T + params["b2"]
    d2 = 2 * SCALE * (out - Y) / m
    dW2 = d2.T @ a1 + lam * params["W2"]
    db2 = d2.sum(0)
    d1 = d2 @ params["W2"] * (np.abs(z1) < 1)
    dW1 = d1.T @ X + lam * params["W1"]
    db1 = d1.sum(0)
    params["W1"] -= learning_rate * dW1
    params["b1"] -= learning_rate * db1
    params["W2"] -= learning_rate * dW2
    params["b2"] -= learning_rate * db2
    return params
