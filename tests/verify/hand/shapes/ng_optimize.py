"""Columns; the step returns more than the parameters."""

# passes: 4-5:relu-1:sigmoid,loss=bce propagate
# passes: 4-5:relu-1:sigmoid,loss=bce optimize
import numpy as np


def propagate(params, X, Y):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    m = X.shape[1]
    A1 = np.maximum(0, W1 @ X + b1)
    A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
    cost = np.squeeze(-np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m)
    dZ2 = A2 - Y
    dZ1 = (W2.T @ dZ2) * (A1 > 0)
    return {
        "dW1": dZ1 @ X.T / m,
        "db1": np.sum(dZ1, 1, keepdims=True) / m,
        "dW2": dZ2 @ A1.T / m,
        "db2": np.sum(dZ2, 1, keepdims=True) / m,
    }, cost


def optimize(params, X, Y, num_iterations=1, learning_rate=0.5, print_cost=False):
    for i in range(num_iterations):
        grads, cost = propagate(params, X, Y)
        params = {k: params[k] - learning_rate * grads["d" + k] for k in params}
    return params, grads, [cost]
