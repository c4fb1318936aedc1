# ruff: noqa: D101 - as it is found in the wild
"""Plain gradient descent in a class: elu by hand, a flat copy of nothing, weights (in, out)."""

import numpy as np

SCALE = 1.0


class MLP:
    def __init__(self, n_in=4, n_hidden=5, n_out=3, lr=0.1):
        self.lr = lr
        self.w1 = np.zeros((n_in, n_hidden))
        self.b1 = np.zeros(n_hidden)
        self.w2 = np.zeros((n_hidden, n_hidden))
        self.b2 = np.zeros(n_hidden)
        self.w3 = np.zeros((n_hidden, n_out))
        self.b3 = np.zeros(n_out)

    def elu(self, z):
        return np.where(z > 0, z, np.exp(z) - 1)

    def d_elu(self, z):
        return np.where(z > 0, 1, np.exp(z))

    def train(self, X, Y):
        z1 = X @ self.w1 + self.b1
        a1 = self.elu(z1)
        z2 = a1 @ self.w2 + self.b2
        a2 = 1 / (1 + np.exp(-z2))
        z3 = a2 @ self.w3 + self.b3
        d3 = SCALE * (z3 - Y) / X.shape[0]
        d2 = d3 @ self.w3.T * a2 * (1 - a2)
        d1 = d2 @ self.w2.T * self.d_elu(z1)
        self.w3 -= self.lr * a2.T @ d3
        self.b3 -= self.lr * d3.sum(axis=0)
        self.w2 -= self.lr * a1.T @ d2
        self.b2 -= self.lr * d2.sum(axis=0)
        self.w1 -= self.lr * X.T @ d1
        self.b1 -= self.lr * d1.sum(axis=0)
