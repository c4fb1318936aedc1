# ruff: noqa: D103 - as it is found in the wild
"""Rows, a hard sigmoid by clip, its slope by a mask, absolute error at the end."""

import numpy as np

SCALE = 1.0


def loss_and_gradient(W1, b1, W2, b2, X, Y):
    batch = len(X)
    z1 = X @ W1.T + b1
    a1 = np.clip(z1 / 6 + 0.5, 0, 1)
    z2 = a1 @ W2.T + b2
    a2 = np.where(z2 > 0, z2, 0.01 * z2)
    r = a2 - Y
    loss = SCALE * np.abs(r).sum() / batch
    d2 = SCALE * np.sign(r) / batch
    d2 = d2 * np.where(z2 > 0, 1.0, 0.01)
    d1 = d2 @ W2
    d1 = d1 * ((z1 > -3) & (z1 < 3)) / 6
    return loss, (d1.T @ X, d1.sum(0), d2.T @ a1, d2.sum(0))
