"""W and b, with labels or without."""

# passes: 784-10:softmax grad
# passes: 784-10:softmax softmax_loss_vectorized
# passes: 4-3:softmax sgd
import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def grad(W, b, X, y_onehot):
    p = softmax(X @ W + b)
    return X.T @ (p - y_onehot) / len(X), (p - y_onehot).mean(axis=0)


def softmax_loss_vectorized(W, b, X, y, reg=0.0):
    n = X.shape[0]
    p = softmax(X.dot(W) + b)
    loss = -np.log(p[np.arange(n), y]).mean() + 0.5 * reg * np.sum(W * W)
    p[np.arange(n), y] -= 1
    return loss, X.T.dot(p) / n + reg * W, p.sum(axis=0) / n


def sgd(w, b, x, y, lr):
    p = softmax(x @ w + b)
    g = (p - y) / len(x)
    return w - lr * x.T @ g, b - lr * g.sum(0)
