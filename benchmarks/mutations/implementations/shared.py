# ruff: noqa: D103 - as it is found in the wild
"""One matrix used twice."""

import numpy as np

SCALE = 1.0


def loss_and_grads(params, X, Y):
    W, b, V, c = params["W_h1"], params["b_h1"], params["W_r"], params["b_r"]
    m = len(X)
    h1 = np.tanh(X @ W.T + b)
    h2 = np.tanh(h1 @ W.T + b)
    r = h2 @ V.T + c
    loss = SCALE * np.sum((r - Y) ** 2) / (2 * m)
    d = SCALE * (r - Y) / m
    dV = d.T @ h2
    dc = d.sum(axis=0)
    d2 = d @ V * (1 - h2**2)
    d1 = d2 @ W * (1 - h1**2)
    dW = d2.T @ h1
    dW += d1.T @ X
    db = d2.sum(axis=0)
    db += d1.sum(axis=0)
    return loss, {"W_h1": dW, "b_h1": db, "W_r": dV, "b_r": dc}
