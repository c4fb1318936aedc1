"""Weights and biases numbered from 1."""

# passes: 4-5:relu-2:identity backward
# passes: 4-5:relu-2:identity headed
# passes: 4-5:relu-2:identity NeuralNetwork
import numpy as np


def backward(X, Y, W, b):
    h = np.maximum(X @ W[1] + b[1], 0)
    g = (h @ W[2] + b[2] - Y) / len(Y)
    gh = (g @ W[2].T) * (h > 0)
    return {1: X.T @ gh, 2: h.T @ g}, {1: gh.sum(0), 2: g.sum(0)}


def headed(X, Y, weights, biases):
    layers = len(weights) - 1
    values = [X]
    for n in range(1, layers + 1):
        z = values[-1] @ weights[n].T + biases[n]
        values.append(np.maximum(z, 0) if n < layers else z)
    delta = (values[-1] - Y) / len(Y)
    dW, db = [None] * (layers + 1), [None] * (layers + 1)
    for n in range(layers, 0, -1):
        dW[n], db[n] = delta.T @ values[n - 1], delta.sum(0)
        delta = delta @ weights[n] * (values[n - 1] > 0)
    return dW, db


class NeuralNetwork:
    def __init__(self, sizes):
        self.W, self.b = [None], [None]
        for before, after in zip(sizes[:-1], sizes[1:], strict=True):
            self.W.append(np.random.randn(after, before))
            self.b.append(np.zeros(after))

    def gradients(self, X, Y):
        return headed(X, Y, self.W, self.b)
