# ruff: noqa: D103 - as it is found in the wild
"""Functions over a dict, samples in rows, tanh and softmax, decay on the weights."""

import numpy as np

SCALE = 1.0
L2 = 0.01


def loss_and_grads(params, X, Y):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    m = X.shape[0]
    z1 = X @ W1.T + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2.T + b2
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -SCALE * np.sum(Y * np.log(p)) / m
    loss += L2 / 2 * (np.sum(W1**2) + np.sum(W2**2))
    delta2 = SCALE * (p - Y) / m
    dW2 = delta2.T @ a1 + L2 * W2
    db2 = delta2.sum(axis=0)
    back = delta2 @ W2
    delta1 = back * (1 - a1**2)
    dW1 = delta1.T @ X + L2 * W1
    db1 = delta1.sum(axis=0)
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
