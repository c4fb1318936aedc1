"""Parameters and gradients are named tuples."""

# passes: 2-3-1 backprop
# passes: 2-3-1 backprop_plain
# passes: 2-3-1 Grads_of
from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray


class Cache(NamedTuple):
    a1: np.ndarray
    a2: np.ndarray


def sig(z):
    return 1 / (1 + np.exp(-z))


def forward(p, X):
    a1 = sig(X @ p.W1.T + p.b1)
    return Cache(a1, sig(a1 @ p.W2.T + p.b2))


def backprop(params: Params, X: np.ndarray, Y: np.ndarray) -> Params:
    c = forward(params, X)
    d2 = (c.a2 - Y) * c.a2 * (1 - c.a2) / len(X)
    d1 = d2 @ params.W2 * c.a1 * (1 - c.a1)
    return Params(W1=d1.T @ X, b1=d1.sum(0), W2=d2.T @ c.a1, b2=d2.sum(0))


def backprop_plain(p, X, Y):
    return backprop(p, X, Y)


def Grads_of(p: Params, X, Y):
    g = backprop(p, X, Y)
    return 0.5 * np.mean(np.sum((forward(p, X).a2 - Y) ** 2, 1)), g
