"""Widths by name alone; a step of an unusual name; values handed to the backward pass."""

# passes: 4-5:tanh-3:softmax MLP
# passes: 4-5:tanh-3:softmax MLP.fit_batch
# passes: 4-5:tanh-3:softmax MLP2.backward
# passes: 4-6:tanh-5:tanh-3:softmax MLP3
import numpy as np


class MLP:
    def __init__(
        self, *, hidden_size=16, input_size=784, num_classes=10, lr=0.01, l2=0.0, epochs=10
    ):
        self.lr, self.l2, self.epochs = lr, l2, epochs
        self.W1 = np.random.randn(input_size, hidden_size) * 0.1
        self.b1 = np.zeros(hidden_size)
        self.W2 = np.random.randn(hidden_size, num_classes) * 0.1
        self.b2 = np.zeros(num_classes)

    def forward(self, X):
        self.h = np.tanh(X @ self.W1 + self.b1)
        z = self.h @ self.W2 + self.b2
        e = np.exp(z - z.max(1, keepdims=True))
        self.p = e / e.sum(1, keepdims=True)
        return self.p

    def fit_batch(self, X, y):
        p = self.forward(X)
        d = (p - y) / X.shape[0]
        dh = d @ self.W2.T * (1 - self.h**2)
        self.W2 -= self.lr * (self.h.T @ d)
        self.b2 -= self.lr * d.sum(0)
        self.W1 -= self.lr * (X.T @ dh)
        self.b1 -= self.lr * dh.sum(0)


class MLP2(MLP):
    def backward(self, X, y_true, y_pred):
        d = (y_pred - y_true) / X.shape[0]
        dh = d @ self.W2.T * (1 - self.h**2)
        self.grads = {"W1": X.T @ dh, "b1": dh.sum(0), "W2": self.h.T @ d, "b2": d.sum(0)}
        return self.grads


class MLP3:
    def __init__(self, input_size, hidden_layers, output_size, learning_rate=0.1, seed=42):
        rng = np.random.RandomState(seed)
        sizes = [input_size] + list(hidden_layers) + [output_size]
        self.learning_rate = learning_rate
        self.weights = []
        self.biases = []
        for i in range(len(sizes) - 1):
            self.weights.append(rng.randn(sizes[i], sizes[i + 1]))
            self.biases.append(np.zeros((1, sizes[i + 1])))

    def forward(self, X):
        self.a = [X]
        for i, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = self.a[-1] @ w + b
            if i < len(self.weights) - 1:
                self.a.append(np.tanh(z))
            else:
                e = np.exp(z - z.max(axis=1, keepdims=True))
                self.a.append(e / e.sum(axis=1, keepdims=True))
        return self.a[-1]

    def backward(self, X, y):
        m = X.shape[0]
        d = self.a[-1] - y
        for i in reversed(range(len(self.weights))):
            dW = self.a[i].T @ d / m
            db = d.sum(axis=0, keepdims=True) / m
            if i > 0:
                d = d @ self.weights[i].T * (1 - self.a[i] ** 2)
            self.weights[i] -= self.learning_rate * dW
            self.biases[i] -= self.learning_rate * db

    def train(self, X, y, epochs=1):
        for _ in range(epochs):
            self.forward(X)
            self.backward(X, y)
