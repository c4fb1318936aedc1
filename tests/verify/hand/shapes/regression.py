"""The bias is a number, the target has one axis."""

# passes: 3-1,act=identity,loss=mse gradient
# passes: logistic.toml gradient_log
# passes: 3-1:sigmoid,loss=bce propagate
import numpy as np


def gradient(w, b, X, y):
    """w (n,), b a number, y (m,)"""
    e = X @ w + b - y
    return 2 * X.T @ e / len(y), 2 * e.mean()


def gradient_log(theta, X, y):
    h = 1 / (1 + np.exp(-X @ theta))
    return X.T @ (h - y) / len(y)


def propagate(w, b, X, Y):
    """Ng's first exercise: w (n, 1), b a number, X (n, m)"""
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    return {"dw": dw, "db": db}, cost
