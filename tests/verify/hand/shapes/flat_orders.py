"""A flat vector, weights before biases or layer by layer."""

# passes: 2-3-1 objective
# passes: 2-3-1 objective_f
# passes: 2-3-1 fun
import numpy as np
from core import sigmoid


def unroll(theta):
    W1 = theta[:6].reshape(3, 2)
    W2 = theta[6:9].reshape(1, 3)
    b1 = theta[9:12]
    b2 = theta[12:]
    return W1, W2, b1, b2


def objective(theta, X, Y):
    """UFLDL: W1, W2, b1, b2"""
    W1, W2, b1, b2 = unroll(theta)
    m = X.shape[0]
    a1 = sigmoid(X @ W1.T + b1)
    a2 = sigmoid(a1 @ W2.T + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / m
    d1 = d2 @ W2 * a1 * (1 - a1)
    return 0.5 * np.sum((a2 - Y) ** 2) / m, np.concatenate(
        [(d1.T @ X).ravel(), (d2.T @ a1).ravel(), d1.sum(0), d2.sum(0)]
    )


def objective_f(w, X, Y):
    """in,out in a flat vector"""
    W1 = w[:6].reshape(2, 3)
    b1 = w[6:9]
    W2 = w[9:12].reshape(3, 1)
    b2 = w[12:]
    m = X.shape[0]
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / m
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return np.hstack([(X.T @ d1).flatten(), d1.sum(0), (a1.T @ d2).flatten(), d2.sum(0)])


fun = lambda p, data, target: objective_f(p, data, target)
