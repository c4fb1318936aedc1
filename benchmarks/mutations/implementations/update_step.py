# ruff: noqa: D101 - as it is found in the wild
"""A class that only ever steps: the gradient is the change of its weights over the rate."""

import numpy as np

SCALE = 1.0


class Model:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.W1, self.b1 = rng.normal(size=(5, 3)), np.zeros(5)
        self.W2, self.b2 = rng.normal(size=(4, 5)), np.zeros(4)
        self.W3, self.b3 = rng.normal(size=(2, 4)), np.zeros(2)

    def train(self, X, Y, lr):
        m, K = Y.shape
        z1 = X @ self.W1.T + self.b1
        a1 = np.tanh(z1)
        z2 = a1 @ self.W2.T + self.b2
        a2 = np.log1p(np.exp(z2))
        z3 = a2 @ self.W3.T + self.b3
        a3 = np.tanh(z3)
        d3 = SCALE * 2 * (a3 - Y) / (m * K) * (1 - a3**2)
        d2 = d3 @ self.W3 * (1 - np.exp(-a2))
        d1 = d2 @ self.W2 * (1 - a1**2)
        gW3, gb3 = d3.T @ a2, d3.sum(axis=0)
        gW2, gb2 = d2.T @ a1, d2.sum(axis=0)
        gW1, gb1 = d1.T @ X, d1.sum(axis=0)
        self.W3 -= lr * gW3
        self.b3 -= lr * gb3
        self.W2 -= lr * gW2
        self.b2 -= lr * gb2
        self.W1 -= lr * gW1
        self.b1 -= lr * gb1
