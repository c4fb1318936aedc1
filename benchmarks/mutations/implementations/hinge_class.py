# ruff: noqa: D101 - as it is found in the wild
"""A class, hinge loss on targets of +-1, relu by a mask that is kept from the forward pass."""

import numpy as np

SCALE = 1.0


class Classifier:
    def __init__(self, d=4, h=6, k=2):
        self.W1 = np.zeros((d, h))
        self.b1 = np.zeros((1, h))
        self.W2 = np.zeros((h, k))
        self.b2 = np.zeros((1, k))

    def forward(self, X):
        self.X = X
        self.pre = X.dot(self.W1) + self.b1
        self.mask = self.pre > 0
        self.hidden = self.pre * self.mask
        self.scores = self.hidden.dot(self.W2) + self.b2
        return self.scores

    def loss(self, X, y):
        margins = np.maximum(0, 1 - y * self.forward(X))
        return SCALE * margins.sum() / X.shape[0] + 0.01 / 2 * (
            np.sum(self.W1**2) + np.sum(self.W2**2)
        )

    def gradient(self, X, y):
        n = X.shape[0]
        self.forward(X)
        violated = (1 - y * self.scores) > 0
        dscores = -SCALE * y * violated / n
        dW2 = self.hidden.T.dot(dscores) + 0.01 * self.W2
        db2 = dscores.sum(axis=0, keepdims=True)
        dhidden = dscores.dot(self.W2.T)
        dpre = dhidden * self.mask
        dW1 = self.X.T.dot(dpre) + 0.01 * self.W1
        db1 = dpre.sum(axis=0, keepdims=True)
        return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
