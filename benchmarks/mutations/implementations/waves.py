# ruff: noqa: C408, D103 - as it is found in the wild
"""Sines, log cosh, the gradient as one flat vector for a line search, biases first."""

import numpy as np

SCALE = 1.0


def fun(W1, b1, W2, b2, W3, b3, X, Y):
    N = float(X.shape[0])
    p1 = np.dot(X, W1.T) + b1
    q1 = np.sin(p1)
    p2 = np.dot(q1, W2.T) + b2
    q2 = p2 / (1 + np.abs(p2))
    out = np.dot(q2, W3.T) + b3
    res = out - Y
    value = SCALE * np.sum(np.log(np.cosh(res))) / N
    g3 = SCALE * np.tanh(res) / N
    g2 = np.dot(g3, W3) / (1 + np.abs(p2)) ** 2
    g1 = np.dot(g2, W2) * np.cos(p1)
    gradient = dict(
        W1=np.dot(g1.T, X),
        b1=np.sum(g1, axis=0),
        W2=np.dot(g2.T, q1),
        b2=np.sum(g2, axis=0),
        W3=np.dot(g3.T, q2),
        b3=np.sum(g3, axis=0),
    )
    return value, gradient
