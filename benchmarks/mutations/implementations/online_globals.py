# ruff: noqa: B905, D103 - as it is found in the wild
"""A script: weights in global lists, one sample after another, a step at the end of the batch."""

import numpy as np

SCALE = 1.0
ETA = 0.1
rng = np.random.default_rng(2)
W = [rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(2, 4))]
B = [rng.normal(size=4), rng.normal(size=4), rng.normal(size=2)]


def train_step(X, Y):
    grad_w = [np.zeros_like(w) for w in W]
    grad_b = [np.zeros_like(b) for b in B]
    n = len(X)
    for k in range(n):
        x, t = X[k], Y[k]
        z, a = [], [x]
        for w, b in zip(W, B):
            z.append(w @ a[-1] + b)
            a.append(np.tanh(z[-1]))
        a[-1] = 1 / (1 + np.exp(-z[-1]))
        delta = SCALE * (a[-1] - t)
        for l in (2, 1, 0):
            grad_w[l] += np.outer(delta, a[l])
            grad_b[l] += delta
            if l > 0:
                delta = (W[l].T @ delta) * (1 - a[l] ** 2)
    for l in range(3):
        W[l] -= ETA * grad_w[l] / n
        B[l] -= ETA * grad_b[l] / n
