"""Below the function the file trains for ever."""

# passes: 2-3-1 backprop
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def backprop(W1, b1, W2, b2, X, Y):
    m = len(X)
    a1 = sigmoid(X @ W1.T + b1)
    a2 = sigmoid(a1 @ W2.T + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / m
    d1 = d2 @ W2 * a1 * (1 - a1)
    return d1.T @ X, d1.sum(0), d2.T @ a1, d2.sum(0)


W1, b1, W2, b2 = np.random.randn(3, 2), np.zeros(3), np.random.randn(1, 3), np.zeros(1)
X, Y = np.random.randn(500, 2), np.random.rand(500, 1)
epoch = 0
while True:
    g = backprop(W1, b1, W2, b2, X, Y)
    W1 -= 0.1 * g[0]
    b1 -= 0.1 * g[1]
    W2 -= 0.1 * g[2]
    b2 -= 0.1 * g[3]
    epoch += 1
    if epoch == 10**9:
        break
