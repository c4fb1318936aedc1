"""Objects that hold the weights."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Remembers:
    """Everything in attributes: input and label set elsewhere, gradients left in a list."""

    def __init__(self):
        self.W1, self.B1 = np.random.random((4, 2)), np.random.random((4, 1))
        self.W2, self.B2 = np.random.random((4, 4)), np.random.random((4, 1))
        self.W3, self.B3 = np.random.random((1, 4)), np.random.random((1, 1))
        self.rate = 0.1
        self.gradient = None
        self.x2 = self.x3 = self.y = None
        self.x = self.label = None

    def train(self, x, label):
        self.x, self.label = x, label
        for _ in range(100):
            self.forward(x)
            self.backward()
            self.descend(self.rate)

    def forward(self, x):
        self.x2 = sigmoid(self.W1 @ x + self.B1)
        self.x3 = sigmoid(self.W2 @ self.x2 + self.B2)
        self.y = sigmoid(self.W3 @ self.x3 + self.B3)

    def computeLoss(self):
        return (self.y - self.label) ** 2

    def backward(self):
        d3 = 2 * (self.y - self.label) * self.y * (1 - self.y)
        d2 = self.W3.T @ d3 * self.x3 * (1 - self.x3)
        d1 = self.W2.T @ d2 * self.x2 * (1 - self.x2)
        self.gradient = [d1 @ self.x.T, d1, d2 @ self.x2.T, d2, d3 @ self.x3.T, d3]

    def descend(self, rate):
        for name, step in zip(("W1", "B1", "W2", "B2", "W3", "B3"), self.gradient, strict=True):
            setattr(self, name, getattr(self, name) - rate * step)


class PerSample:
    """Lists of weights, one sample at a time, biases first."""

    def __init__(self, sizes):
        self.weights = [np.random.randn(k, j) for j, k in zip(sizes, sizes[1:])]
        self.biases = [np.random.randn(k, 1) for k in sizes[1:]]

    def backprop(self, x, y):
        a = [x]
        for W, b in zip(self.weights, self.biases, strict=True):
            a.append(sigmoid(W @ a[-1] + b))
        delta = (a[-1] - y) * a[-1] * (1 - a[-1])
        nabla_b, nabla_w = [], []
        for number in reversed(range(len(self.weights))):
            nabla_b.insert(0, delta)
            nabla_w.insert(0, delta @ a[number].T)
            delta = self.weights[number].T @ delta * a[number] * (1 - a[number])
        return nabla_b, nabla_w

    def update_mini_batch(self, mini_batch, eta):
        for x, y in mini_batch:
            nabla_b, nabla_w = self.backprop(x, y)
            share = eta / len(mini_batch)
            if x is mini_batch[0][0]:
                total_b, total_w = nabla_b, nabla_w
            else:
                total_b = [s + g for s, g in zip(total_b, nabla_b, strict=True)]
                total_w = [s + g for s, g in zip(total_w, nabla_w, strict=True)]
        self.biases = [b - share * g for b, g in zip(self.biases, total_b, strict=True)]
        self.weights = [W - share * g for W, g in zip(self.weights, total_w, strict=True)]


class Steps:
    """A step with a learning rate of the object, weights (in, out), biases (1, n)."""

    def __init__(self, inputs, hidden, outputs, learning_rate=0.1):
        self.lr = learning_rate
        self.W1, self.b1 = np.random.randn(inputs, hidden), np.zeros((1, hidden))
        self.W2, self.b2 = np.random.randn(hidden, outputs), np.zeros((1, outputs))

    def train_step(self, X, y):
        a1 = sigmoid(X @ self.W1 + self.b1)
        a2 = sigmoid(a1 @ self.W2 + self.b2)
        d2 = (a2 - y) * a2 * (1 - a2) / len(X)
        d1 = d2 @ self.W2.T * a1 * (1 - a1)
        self.W2 -= self.lr * a1.T @ d2
        self.b2 -= self.lr * d2.sum(axis=0, keepdims=True)
        self.W1 -= self.lr * X.T @ d1
        self.b1 -= self.lr * d1.sum(axis=0, keepdims=True)


class TakesData:
    """Data in the constructor, no biases, a step of length one, uphill on the negative loss."""

    def __init__(self, x, y):
        self.input, self.y = x, y
        self.weights1 = np.random.rand(x.shape[1], 4)
        self.weights2 = np.random.rand(4, 1)
        self.output = np.zeros(y.shape)

    def feedforward(self):
        self.layer1 = sigmoid(self.input @ self.weights1)
        self.output = sigmoid(self.layer1 @ self.weights2)

    def backprop(self):
        error = 2 * (self.y - self.output) * self.output * (1 - self.output)
        step2 = self.layer1.T @ error
        step1 = self.input.T @ (error @ self.weights2.T * self.layer1 * (1 - self.layer1))
        self.weights1 += step1
        self.weights2 += step2


class Dense:
    def __init__(self, inputs, outputs):
        self.W, self.b = np.random.randn(inputs, outputs), np.zeros(outputs)

    def forward(self, x):
        self.x, self.a = x, sigmoid(x @ self.W + self.b)
        return self.a

    def backward(self, error):
        delta = error * self.a * (1 - self.a)
        self.dW, self.db = self.x.T @ delta, delta.sum(axis=0)
        return delta @ self.W.T


class OfLayers:
    """A list of layer objects, each with its own dW and db."""

    def __init__(self, sizes):
        self.layers = [Dense(*pair) for pair in zip(sizes, sizes[1:])]

    def backward(self, X, Y):
        a = X
        for layer in self.layers:
            a = layer.forward(a)
        error = (a - Y) / len(X)
        for layer in reversed(self.layers):
            error = layer.backward(error)


class InDict:
    """A dict of parameters and a method that gives loss and gradients, with weight decay."""

    def __init__(self, inputs, hidden, classes):
        self.params = {
            "W1": np.random.randn(inputs, hidden),
            "b1": np.zeros(hidden),
            "W2": np.random.randn(hidden, classes),
            "b2": np.zeros(classes),
        }

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = self.params.values()
        m = len(X)
        h = np.maximum(X @ W1 + b1, 0)
        scores = h @ W2 + b2
        if y is None:
            return scores
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[range(m), y]).mean() + reg / 2 * (np.sum(W1**2) + np.sum(W2**2))
        p[range(m), y] -= 1
        d2 = p / m
        d1 = d2 @ W2.T * (h > 0)
        grads = {"W2": h.T @ d2 + reg * W2, "b2": d2.sum(0)}
        grads |= {"W1": X.T @ d1 + reg * W1, "b1": d1.sum(0)}
        return loss, grads


MADE = Steps(2, 3, 1, learning_rate=0.5)
