"""The values of the forward pass are arguments."""

# passes: 2-3-1 backward
# passes: 2-3-1 backward2
# passes: 2-3-1 backward3
from core import sigmoid


def forward(X, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
    return z1, a1, z2, a2


def backward(X, y, z1, a1, z2, a2, W2):
    """takes the intermediate values by name"""
    d2 = (a2 - y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return X.T @ d1, d1.sum(0, keepdims=True), a1.T @ d2, d2.sum(0, keepdims=True)


def backward2(X, y, a1, a2, W1, b1, W2, b2):
    d2 = (a2 - y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return {"dW1": X.T @ d1, "db1": d1.sum(0), "dW2": a1.T @ d2, "db2": d2.sum(0)}


def backward3(params, X, y, y_hat, hidden):
    d2 = (y_hat - y) * y_hat * (1 - y_hat) / len(X)
    d1 = d2 @ params["W2"].T * hidden * (1 - hidden)
    return {"dW1": X.T @ d1, "db1": d1.sum(0), "dW2": hidden.T @ d2, "db2": d2.sum(0)}
