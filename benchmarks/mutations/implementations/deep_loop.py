# ruff: noqa: D103 - as it is found in the wild
"""Four layers of one width in a loop, caches of z and a, columns, 1/m where the gradients are."""

import numpy as np

SCALE = 1.0
L2 = 0.02


def f(z):
    return np.arctan(z)


def df(z):
    return 1 / (1 + z**2)


def L_layer_backward(parameters, X, Y):
    L = 4
    m = X.shape[1]
    A, Z = {0: X}, {}
    for l in range(1, L + 1):
        Z[l] = parameters[f"W{l}"] @ A[l - 1] + parameters[f"b{l}"]
        A[l] = f(Z[l]) if l < L else 1 / (1 + np.exp(-Z[l]))
    grads = {}
    dZ = SCALE * (A[L] - Y)
    for l in range(L, 0, -1):
        grads[f"dW{l}"] = dZ @ A[l - 1].T / m + L2 * parameters[f"W{l}"]
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
        if l > 1:
            dA = parameters[f"W{l}"].T @ dZ
            dZ = dA * df(Z[l - 1])
    return grads
