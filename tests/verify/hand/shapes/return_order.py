"""The return statement says in which order the gradients come."""

# passes: 2-3-1 backprop
# passes: 2-3-1 backprop2
# passes: 3-3-3 square
import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


def backprop(X, y, W1, b1, W2, b2):
    m = X.shape[0]
    A1 = s(X @ W1 + b1)
    A2 = s(A1 @ W2 + b2)
    dZ2 = (A2 - y) * A2 * (1 - A2) / m
    dW2 = A1.T @ dZ2
    db2 = dZ2.sum(axis=0, keepdims=True)
    dZ1 = dZ2 @ W2.T * A1 * (1 - A1)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0, keepdims=True)
    return dW2, db2, dW1, db1


def backprop2(params, X, y):
    dW2, db2, dW1, db1 = backprop(X, y, params["W1"], params["b1"], params["W2"], params["b2"])
    loss = (
        0.5
        * np.sum((s(s(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]) - y) ** 2)
        / len(X)
    )
    return loss, (db1, dW1, db2, dW2)


def square(W1, b1, W2, b2, X, y):
    m = X.shape[0]
    A1 = s(X @ W1 + b1)
    A2 = s(A1 @ W2 + b2)
    dZ2 = (A2 - y) * A2 * (1 - A2) / m
    dW2 = A1.T @ dZ2
    db2 = dZ2.sum(axis=0)
    dZ1 = dZ2 @ W2.T * A1 * (1 - A1)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)
    return dW2, db2, dW1, db1
