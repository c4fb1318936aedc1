# ruff: noqa: B905, D101, RUF007 - as it is found in the wild
"""A module in the manner of a framework: a dict of parameters, a cache, a list of gradients."""

import numpy as np

SCALE = 1.0
L2 = 0.02


class Net:
    def __init__(self, sizes=(5, 6, 6, 3)):
        rng = np.random.default_rng(1)
        self.params = {}
        for i, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
            self.params[f"W{i}"] = rng.normal(0, n_in**-0.5, (n_in, n_out))
            self.params[f"b{i}"] = np.zeros(n_out)
        self.cache = {}
        self.grads = []

    def forward(self, X):
        c, p = self.cache, self.params
        c["x"] = X
        c["z1"] = X @ p["W1"] + p["b1"]
        c["a1"] = np.maximum(c["z1"], 0)
        c["z2"] = c["a1"] @ p["W2"] + p["b2"]
        c["a2"] = np.tanh(c["z2"])
        c["z3"] = c["a2"] @ p["W3"] + p["b3"]
        e = np.exp(c["z3"] - c["z3"].max(axis=1, keepdims=True))
        c["p"] = e / e.sum(axis=1, keepdims=True)
        return c["p"]

    def loss(self, X, y):
        p = self.forward(X)
        decay = sum(np.sum(self.params[k] ** 2) for k in self.params if k.startswith("W"))
        return -SCALE * np.mean(np.sum(y * np.log(p), axis=1)) + L2 / 2 * decay

    def backward(self, X, y):
        self.forward(X)
        c, p = self.cache, self.params
        m = y.shape[0]
        dz3 = SCALE * (c["p"] - y) / m
        dW3 = c["a2"].T @ dz3 + L2 * p["W3"]
        db3 = dz3.sum(axis=0)
        da2 = dz3 @ p["W3"].T
        dz2 = da2 * (1 - c["a2"] ** 2)
        dW2 = c["a1"].T @ dz2 + L2 * p["W2"]
        db2 = dz2.sum(axis=0)
        da1 = dz2 @ p["W2"].T
        dz1 = da1 * (c["z1"] > 0)
        dW1 = c["x"].T @ dz1 + L2 * p["W1"]
        db1 = dz1.sum(axis=0)
        self.grads = [dW1, db1, dW2, db2, dW3, db3]
        return self.grads
