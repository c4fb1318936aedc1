# ruff: noqa: D103 - as it is found in the wild
"""One sample after the other, np.outer, integer labels, divided by N at the very end."""

import numpy as np

SCALE = 1.0


def grad(W1, b1, W2, b2, X, t):
    gW1, gb1 = np.zeros_like(W1), np.zeros_like(b1)
    gW2, gb2 = np.zeros_like(W2), np.zeros_like(b2)
    N = X.shape[0]
    loss = 0.0
    for n in range(N):
        x = X[n]
        z1 = W1 @ x + b1
        h = np.maximum(0, z1)
        z2 = W2 @ h + b2
        z2 -= np.max(z2)
        p = np.exp(z2) / np.sum(np.exp(z2))
        loss -= SCALE * np.log(p[t[n]]) / N
        d2 = p.copy()
        d2[t[n]] -= 1
        d2 *= SCALE
        gW2 += np.outer(d2, h)
        gb2 += d2
        d1 = W2.T @ d2
        d1[z1 <= 0] = 0
        gW1 += np.outer(d1, x)
        gb1 += d1
    return loss, gW1 / N, gb1 / N, gW2 / N, gb2 / N
