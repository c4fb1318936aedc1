# ruff: noqa: B905, D103 - as it is found in the wild
"""Weights (in, out) in a list, gradients gathered from the top and turned round, decay."""

import numpy as np

SCALE = 1.0
LAM = 0.05


def sigma(z):
    return 1.0 / (1.0 + np.exp(-z))


def compute_gradients(weights, biases, X, Y):
    n_samples = X.shape[0]
    activations = [X]
    for w, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.tanh(activations[-1] @ w + b))
    out = sigma(activations[-1] @ weights[-1] + biases[-1])
    activations.append(out)
    error = SCALE * (out - Y) / n_samples
    weight_gradients, bias_gradients = [], []
    for i in range(len(weights) - 1, -1, -1):
        weight_gradients.append(activations[i].T @ error + LAM * weights[i])
        bias_gradients.append(np.sum(error, axis=0))
        if i > 0:
            error = (error @ weights[i].T) * (1 - activations[i] ** 2)
    return weight_gradients[::-1], bias_gradients[::-1]
