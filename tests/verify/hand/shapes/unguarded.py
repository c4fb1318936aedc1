"""Below the class the file reads data that are not here."""

# passes: 2-3-1 NeuralNet.backprop
# passes: 2-3-1 NeuralNet
import numpy as np


class NeuralNet:
    def __init__(self, n_in, n_hidden, n_out, activation="sigmoid", seed=None):
        rng = np.random.default_rng(seed)
        self.W1 = rng.normal(size=(n_hidden, n_in))
        self.b1 = np.zeros((n_hidden, 1))
        self.W2 = rng.normal(size=(n_out, n_hidden))
        self.b2 = np.zeros((n_out, 1))

    def forward(self, x):
        self.a1 = sigmoid(self.W1 @ x + self.b1)
        self.a2 = sigmoid(self.W2 @ self.a1 + self.b2)
        return self.a2

    def backprop(self, x, y):
        m = x.shape[1]
        self.forward(x)
        d2 = (self.a2 - y) * self.a2 * (1 - self.a2)
        d1 = self.W2.T @ d2 * self.a1 * (1 - self.a1)
        return {
            "dW1": d1 @ x.T / m,
            "db1": d1.mean(1, keepdims=True),
            "dW2": d2 @ self.a1.T / m,
            "db2": d2.mean(1, keepdims=True),
        }


data = np.genfromtxt("train_data.csv", delimiter=",")
X, y = data[:, :2].T, data[:, 2:].T
net = NeuralNet(2, 3, 1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


for epoch in range(10000):
    g = net.backprop(X, y)
    net.W1 -= 0.1 * g["dW1"]
