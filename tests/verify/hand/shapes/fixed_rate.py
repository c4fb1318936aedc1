"""A step whose rate stands in the code alone."""

# passes: 2-3-1 Net.train_step --rate 0.1
import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


class Net:
    def __init__(self):
        self.W1 = np.random.randn(2, 3)
        self.b1 = np.zeros(3)
        self.W2 = np.random.randn(3, 1)
        self.b2 = np.zeros(1)

    def train_step(self, X, y):
        h = s(X @ self.W1 + self.b1)
        o = s(h @ self.W2 + self.b2)
        d2 = (o - y) * o * (1 - o) / len(X)
        d1 = d2 @ self.W2.T * h * (1 - h)
        self.W2 -= 0.1 * h.T @ d2
        self.b2 -= 0.1 * d2.sum(0)
        self.W1 -= 0.1 * X.T @ d1
        self.b1 -= 0.1 * d1.sum(0)


def train_step(params, X, y):
    n = Net()
    n.__dict__.update(params)
    n.W1, n.W2 = n.W1.T.copy(), n.W2.T.copy()
    n.train_step(X, y)
    return {"W1": n.W1.T, "b1": n.b1, "W2": n.W2.T, "b2": n.b2}
