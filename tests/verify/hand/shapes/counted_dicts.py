"""One dict for each letter, by the number of the layer."""

# passes: 2-3-1 NN.backward_propagation
# passes: 2-3-1 NN
import numpy as np


class NN:
    def __init__(self, architecture, activation=lambda z: 1 / (1 + np.exp(-z))):
        self.depth = len(architecture) - 1
        self.act = activation
        self.W = {}
        self.b = {}
        for k in range(1, self.depth + 1):
            self.W[k] = np.random.randn(architecture[k], architecture[k - 1])
            self.b[k] = np.zeros((architecture[k], 1))

    def forward_propagation(self, X):
        self.A = {0: X}
        for k in range(1, self.depth + 1):
            self.A[k] = self.act(self.W[k] @ self.A[k - 1] + self.b[k])
        return self.A[self.depth]

    def backward_propagation(self, X, Y):
        m = X.shape[1]
        self.forward_propagation(X)
        dW, db = {}, {}
        d = (self.A[self.depth] - Y) * self.A[self.depth] * (1 - self.A[self.depth])
        for k in range(self.depth, 0, -1):
            dW[k] = d @ self.A[k - 1].T / m
            db[k] = d.sum(axis=1, keepdims=True) / m
            if k > 1:
                d = self.W[k].T @ d * self.A[k - 1] * (1 - self.A[k - 1])
        return dW, db
