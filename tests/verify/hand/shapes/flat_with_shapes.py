"""A flat vector, and the shapes of what is in it."""

# passes: 2-3-1 nn_grad
import numpy as np


def nn_grad(theta, shapes, X, Y):
    mats, k = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        mats.append(theta[k : k + size].reshape(shape))
        k += size
    W1, b1, W2, b2 = mats
    a = 1 / (1 + np.exp(-(X @ W1.T + b1)))
    o = 1 / (1 + np.exp(-(a @ W2.T + b2)))
    d2 = (o - Y) * o * (1 - o) / len(X)
    d1 = d2 @ W2 * a * (1 - a)
    return np.concatenate([g.ravel() for g in (d1.T @ X, d1.sum(0), d2.T @ a, d2.sum(0))])
