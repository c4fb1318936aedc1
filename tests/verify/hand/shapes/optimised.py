"""A step with options that may be left out; dicts in an object."""

# passes: 2-3-1 backward_step
# passes: 2-3-1 Optimised.backward
import numpy as np
from core import core, sigmoid


def backward_step(parameters, x_batch, y_batch, learning_rate=0.01, momentum=0.0, velocity=None):
    g = core(parameters, x_batch, y_batch)
    new = {}
    for key in parameters:
        new[key] = parameters[key] - learning_rate * g[key]
    return new


class Optimised:
    def __init__(self, layer_dims, learning_rate=0.01, beta1=0.9):
        self.L = len(layer_dims) - 1
        self.parameters = {}
        for l in range(1, len(layer_dims)):
            self.parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
            self.parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
        self.m = {k: np.zeros_like(v) for k, v in self.parameters.items()}
        self.learning_rate = learning_rate
        self.cache = {}
        self.grads = {}

    def forward(self, X):
        self.cache["A0"] = X
        for l in range(1, self.L + 1):
            self.cache[f"A{l}"] = sigmoid(
                self.parameters[f"W{l}"] @ self.cache[f"A{l - 1}"] + self.parameters[f"b{l}"]
            )
        return self.cache[f"A{self.L}"]

    def backward(self, Y):
        m = Y.shape[1]
        A = self.cache[f"A{self.L}"]
        dZ = (A - Y) * A * (1 - A)
        for l in range(self.L, 0, -1):
            self.grads[f"dW{l}"] = dZ @ self.cache[f"A{l - 1}"].T / m
            self.grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
            if l > 1:
                A = self.cache[f"A{l - 1}"]
                dZ = self.parameters[f"W{l}"].T @ dZ * A * (1 - A)
