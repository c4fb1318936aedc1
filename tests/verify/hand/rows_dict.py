"""Functions of a dict of parameters, samples in rows."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def chain(params, X, Y):
    m = len(X)
    a1 = sigmoid(X @ params["W1"].T + params["b1"])
    a2 = sigmoid(a1 @ params["W2"].T + params["b2"])
    delta2 = (a2 - Y) * a2 * (1 - a2) / m
    delta1 = delta2 @ params["W2"] * a1 * (1 - a1)
    loss = np.sum((a2 - Y) ** 2) / (2 * m)
    return loss, {
        "W1": delta1.T @ X,
        "b1": delta1.sum(axis=0),
        "W2": delta2.T @ a1,
        "b2": delta2.sum(axis=0),
    }


def mean_late(params, X, Y):
    """1/m in every gradient instead of in delta, keys in small letters, no loss."""
    m = len(X)
    a1 = sigmoid(X @ params["w1"].T + params["b1"])
    a2 = sigmoid(a1 @ params["w2"].T + params["b2"])
    delta2 = (a2 - Y) * a2 * (1 - a2)
    delta1 = delta2 @ params["w2"] * a1 * (1 - a1)
    return {
        "grad_w1": delta1.T @ X / m,
        "grad_b1": np.mean(delta1, axis=0),
        "grad_w2": delta2.T @ a1 / m,
        "grad_b2": np.mean(delta2, axis=0),
    }


def in_out_rows(params, X, Y):
    """Weights (in, out) and biases (1, n), as many courses have them."""
    m = X.shape[0]
    a1 = sigmoid(X.dot(params["W1"]) + params["b1"])
    a2 = sigmoid(a1.dot(params["W2"]) + params["b2"])
    delta2 = (a2 - Y) * a2 * (1 - a2) / m
    delta1 = delta2.dot(params["W2"].T) * a1 * (1 - a1)
    return {
        "dW1": X.T.dot(delta1),
        "db1": np.sum(delta1, axis=0, keepdims=True),
        "dW2": a1.T.dot(delta2),
        "db2": np.sum(delta2, axis=0, keepdims=True),
    }


def in_float32(params, X, Y):
    small = {name: value.astype(np.float32) for name, value in params.items()}
    return chain(small, X.astype(np.float32), Y.astype(np.float32))


def softmax_labels(params, X, labels):
    """Integer labels, and the probabilities changed in place."""
    m = len(X)
    a1 = np.maximum(X @ params["W1"].T + params["b1"], 0)
    scores = a1 @ params["W2"].T + params["b2"]
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(m), labels]).mean()
    p[np.arange(m), labels] -= 1
    p /= m
    delta1 = p @ params["W2"]
    delta1[a1 <= 0] = 0
    return loss, {
        "W2": p.T @ a1,
        "b2": p.sum(axis=0),
        "W1": delta1.T @ X,
        "b1": delta1.sum(axis=0),
    }


def other_side_of_the_kink(params, X, Y):
    """relu'(0) = 1."""
    m = len(X)
    z1 = X @ params["W1"].T + params["b1"]
    a1 = np.maximum(z1, 0)
    delta2 = (a1 @ params["W2"].T + params["b2"] - Y) / m
    delta1 = delta2 @ params["W2"] * (z1 >= 0)
    return delta1.T @ X, delta1.sum(axis=0), delta2.T @ a1, delta2.sum(axis=0)


def flat(theta, X, Y):
    W1, b1 = theta[:6].reshape(3, 2), theta[6:9]
    W2, b2 = theta[9:12].reshape(1, 3), theta[12:]
    loss, grads = chain({"W1": W1, "b1": b1, "W2": W2, "b2": b2}, X, Y)
    return loss, np.concatenate([np.ravel(grads[name]) for name in ("W1", "b1", "W2", "b2")])


def pairs_of_lists(weights, biases, X, Y):
    a = [X]
    for W, b in zip(weights, biases, strict=True):
        a.append(sigmoid(a[-1] @ W.T + b))
    delta = (a[-1] - Y) * a[-1] * (1 - a[-1]) / len(X)
    nabla_w, nabla_b = [], []
    for number in reversed(range(len(weights))):
        nabla_w.insert(0, delta.T @ a[number])
        nabla_b.insert(0, delta.sum(axis=0))
        delta = delta @ weights[number] * a[number] * (1 - a[number])
    return nabla_w, nabla_b


def list_of_tuples(layers, X, Y):
    """A tuple for each layer, in and out."""
    loss, grads = chain(
        {f"{letter}{k}": v for k, pair in enumerate(layers, 1) for letter, v in zip("Wb", pair)},
        X,
        Y,
    )
    return loss, [(grads["W1"], grads["b1"]), (grads["W2"], grads["b2"])]


def separate(X, Y, W1, b1, W2, b2):
    loss, grads = chain({"W1": W1, "b1": b1, "W2": W2, "b2": b2}, X, Y)
    return loss, grads["W1"], grads["b1"], grads["W2"], grads["b2"]


def flat_target(params, X, y):
    """One output, its target of shape (m,)."""
    if y.ndim != 1:
        raise ValueError("y must be a vector")
    return chain(params, X, y[:, None])
