"""Tuples of parameters, and a batch as a pair of arrays."""

# passes: 2-3-1 backprop
import numpy as np

sig = lambda z: 1 / (1 + np.exp(-z))


def backprop(params, batch):
    (W1, b1), (W2, b2) = params
    X, Y = batch
    a1 = sig(X @ W1 + b1)
    a2 = sig(a1 @ W2 + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return [(X.T @ d1, d1.sum(0)), (a1.T @ d2, d2.sum(0))]
