# ruff: noqa: D103 - as it is found in the wild
"""The same layer three times, gradients of its weight summed over the times, samples in columns."""

import numpy as np

SCALE = 1.0


def bptt(p, X, Y):
    W, b, V, c = p["W_t1"], p["b_t1"], p["W_o"], p["b_o"]
    hs = [X]
    for _ in range(3):
        hs.append(np.tanh(W @ hs[-1] + b))
    z = V @ hs[-1] + c
    z = z - z.max(axis=0)
    prob = np.exp(z) / np.exp(z).sum(axis=0)
    dz = SCALE * (prob - Y) / X.shape[1]
    dV = dz @ hs[-1].T
    dc = dz.sum(axis=1, keepdims=True)
    dW, db = np.zeros_like(W), np.zeros_like(b)
    dh = V.T @ dz
    for t in (3, 2, 1):
        dt = dh * (1 - hs[t] ** 2)
        dW += dt @ hs[t - 1].T
        db += dt.sum(axis=1, keepdims=True)
        dh = W.T @ dt
    return {"W_t1": dW, "b_t1": db, "W_o": dV, "b_o": dc}
