# ruff: noqa: D101 - as it is found in the wild
"""Selu by np.where, soft targets, a divergence, biases kept as rows."""

import numpy as np

SCALE = 1.0
LAM, ALPHA = 1.0507009873554805, 1.6732632423543772


class Student:
    def __init__(self):
        self.W = [np.zeros((4, 6)), np.zeros((6, 3))]
        self.b = [np.zeros((1, 6)), np.zeros((1, 3))]

    def forward(self, x):
        self.x = x
        self.z = x @ self.W[0] + self.b[0]
        self.h = LAM * np.where(self.z > 0, self.z, ALPHA * (np.exp(self.z) - 1))
        logits = self.h @ self.W[1] + self.b[1]
        e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
        self.q = e / np.sum(e, axis=1, keepdims=True)
        return self.q

    def backward(self, x, t):
        self.forward(x)
        d = SCALE * (self.q - t) / t.shape[0]
        gW1 = self.h.T @ d
        gb1 = np.sum(d, axis=0, keepdims=True)
        d = d @ self.W[1].T
        d = d * LAM * np.where(self.z > 0, 1, ALPHA * np.exp(self.z))
        gW0 = self.x.T @ d
        gb0 = np.sum(d, axis=0, keepdims=True)
        return [gW0, gW1], [gb0, gb1]
