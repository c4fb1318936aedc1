"""Each layer makes its own step on the way down."""

# passes: 2-3-1 Model.train_on_batch
# passes: 2-3-1 Model
import numpy as np


class Dense:
    def __init__(self, input_dim, output_dim):
        self.weights = np.random.randn(input_dim, output_dim) * 0.1
        self.biases = np.zeros((1, output_dim))

    def forward(self, x):
        self.input = x
        return x @ self.weights + self.biases

    def backward(self, output_error, learning_rate):
        input_error = output_error @ self.weights.T
        self.weights -= learning_rate * self.input.T @ output_error
        self.biases -= learning_rate * output_error.sum(axis=0, keepdims=True)
        return input_error


class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, output_error, learning_rate):
        return output_error * self.out * (1 - self.out)


class Model:
    def __init__(self, input_dim, hidden_dim, output_dim):
        self.layers = [
            Dense(input_dim, hidden_dim),
            Sigmoid(),
            Dense(hidden_dim, output_dim),
            Sigmoid(),
        ]

    def train_on_batch(self, x, y, learning_rate=0.01):
        for layer in self.layers:
            x = layer.forward(x)
        error = (x - y) / len(y)
        for layer in reversed(self.layers):
            error = layer.backward(error, learning_rate)
        return 0.5 * np.sum((self.layers[-1].out - y) ** 2) / len(y)
