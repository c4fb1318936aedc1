"""Layers that names call by a word."""

# passes: 2-3-1 step
# passes: 2-3-1 by_key
# passes: 2-3-1 joined
# passes: 2-3-1 Net
# passes: 2-3-1 Perceptron
import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


def step(hidden_weights, hidden_bias, output_weights, output_bias, X, y):
    h = s(X @ hidden_weights + hidden_bias)
    o = s(h @ output_weights + output_bias)
    do = (o - y) * o * (1 - o) / len(X)
    dh = do @ output_weights.T * h * (1 - h)
    return X.T @ dh, dh.sum(0), h.T @ do, do.sum(0)


def by_key(params, X, y):
    names = ("w_hidden", "b_hidden", "w_output", "b_output")
    grads = step(*(params[name] for name in names), X, y)
    return dict(reversed(list(zip(names, grads, strict=True))))


def joined(Wxh, bh, Why, by, X, y):
    dWxh, dbh, dWhy, dby = step(Wxh, bh, Why, by, X, y)
    return dWhy, dby, dWxh, dbh


class Net:
    def __init__(self, n_in, n_hid, n_out):
        self.b_o = np.zeros(n_out)
        self.b_h = np.zeros(n_hid)
        self.who = np.random.randn(n_hid, n_out)
        self.wih = np.random.randn(n_in, n_hid)

    def backward(self, X, y):
        dwih, db_h, dwho, db_o = step(self.wih, self.b_h, self.who, self.b_o, X, y)
        return {"dwho": dwho, "dwih": dwih, "db_o": db_o, "db_h": db_h}


class Perceptron:
    """Its forward pass has a name of its own, and its backward pass takes the targets only."""

    def __init__(self, inputs, hidden, outputs):
        self.wi, self.bi = np.random.randn(inputs, hidden), np.zeros(hidden)
        self.wo, self.bo = np.random.randn(hidden, outputs), np.zeros(outputs)

    def feed(self, X):
        self.ai = X
        self.ah = s(X @ self.wi + self.bi)
        self.ao = s(self.ah @ self.wo + self.bo)
        return self.ao

    def backpropagate(self, targets):
        do = (self.ao - targets) * self.ao * (1 - self.ao) / len(targets)
        dh = do @ self.wo.T * self.ah * (1 - self.ah)
        return self.ai.T @ dh, dh.sum(0), self.ah.T @ do, do.sum(0)
