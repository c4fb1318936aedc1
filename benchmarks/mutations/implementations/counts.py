# ruff: noqa: D103 - as it is found in the wild
"""Poisson regression: a rate that is kept positive by softplus, silu inside."""

import numpy as np

SCALE = 1.0


def logistic(z):
    return 1 / (1 + np.exp(-z))


def objective(W1, b1, W2, b2, X, Y):
    n = X.shape[0]
    u = X @ W1.T + b1
    s = logistic(u)
    h = u * s
    v = h @ W2.T + b2
    rate = np.log1p(np.exp(v))
    nll = SCALE * np.sum(rate - Y * np.log(rate)) / n
    d_rate = SCALE * (1 - Y / rate) / n
    d_v = d_rate * logistic(v)
    gW2 = d_v.T @ h
    gb2 = d_v.sum(axis=0)
    d_h = d_v @ W2
    d_u = d_h * (s + h * (1 - s))
    gW1 = d_u.T @ X
    gb1 = d_u.sum(axis=0)
    return nll, [gW1, gb1, gW2, gb2]
