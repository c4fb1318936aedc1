# ruff: noqa: D103 - as it is found in the wild
"""For an optimiser: one flat vector in, cost and one flat vector out, integer labels."""

import numpy as np

SCALE = 1.0
LAMBDA = 0.03


def unroll(theta):
    W1, theta = theta[:24].reshape(6, 4), theta[24:]
    b1, theta = theta[:6], theta[6:]
    W2, theta = theta[:30].reshape(5, 6), theta[30:]
    b2, theta = theta[:5], theta[5:]
    W3, b3 = theta[:15].reshape(3, 5), theta[15:]
    return W1, b1, W2, b2, W3, b3


def cost_function(theta, X, y):
    W1, b1, W2, b2, W3, b3 = unroll(theta)
    m = y.size
    H = X @ W1.T + b1
    E = np.log1p(np.exp(H))
    Q = E @ W2.T + b2
    R = Q / (1 + np.abs(Q))
    S = R @ W3.T + b3
    S = S - S.max(axis=1, keepdims=True)
    logp = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    J = -SCALE / m * logp[np.arange(m), y].sum()
    J += LAMBDA / 2 * ((W1**2).sum() + (W2**2).sum() + (W3**2).sum())
    G = np.exp(logp)
    G[np.arange(m), y] -= 1
    G *= SCALE / m
    gW3, gb3 = G.T @ R, G.sum(axis=0)
    gR = G @ W3
    gQ = gR / (1 + np.abs(Q)) ** 2
    gW2, gb2 = gQ.T @ E, gQ.sum(axis=0)
    gE = gQ @ W2
    gH = gE / (1 + np.exp(-H))
    gW1, gb1 = gH.T @ X, gH.sum(axis=0)
    gW1 = gW1 + LAMBDA * W1
    gW2 = gW2 + LAMBDA * W2
    gW3 = gW3 + LAMBDA * W3
    return J, np.concatenate([g.ravel() for g in (gW1, gb1, gW2, gb2, gW3, gb3)])
