"""Thresholds are subtracted, one sample per call."""

# passes: 2-3-2,reduction=sum BP.train
# 西瓜书: v (in, hidden), w (hidden, out), thresholds subtracted
import numpy as np


class BP:
    def __init__(self, d, q, l, eta=0.1):
        self.v = np.random.rand(d, q)
        self.gamma = np.random.rand(q)
        self.w = np.random.rand(q, l)
        self.theta = np.random.rand(l)
        self.eta = eta

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def train(self, x, y):
        b = self.sigmoid(x @ self.v - self.gamma)
        yh = self.sigmoid(b @ self.w - self.theta)
        g = yh * (1 - yh) * (y - yh)
        e = b * (1 - b) * (g @ self.w.T)
        self.w += self.eta * np.outer(b, g)
        self.theta += -self.eta * g
        self.v += self.eta * np.outer(x, e)
        self.gamma += -self.eta * e
