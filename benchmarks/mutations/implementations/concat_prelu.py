# ruff: noqa: D103 - as it is found in the wild
"""Silu, a slope that is learned, two layers side by side, decay."""

import numpy as np

SCALE = 1.0
L2 = 0.02


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def compute_grads(params, X, Y):
    m = X.shape[0]
    W1, W2, Wo, alpha = params["W_h1"], params["W_h2"], params["W_o"], params["alpha_h2"]
    z1 = X @ W1.T + params["b_h1"]
    s1 = sigmoid(z1)
    a1 = z1 * s1
    z2 = a1 @ W2.T + params["b_h2"]
    a2 = np.where(z2 > 0, z2, alpha * z2)
    c = np.concatenate([a1, a2], axis=1)
    out = sigmoid(c @ Wo.T + params["b_o"])
    g = {}
    do = SCALE * (out - Y) * out * (1 - out) / m
    g["W_o"] = do.T @ c + L2 * Wo
    g["b_o"] = do.sum(axis=0)
    dc = do @ Wo
    da1, da2 = dc[:, :5], dc[:, 5:]
    g["alpha_h2"] = (da2 * np.where(z2 > 0, 0, z2)).sum(axis=0)
    d2 = da2 * np.where(z2 > 0, 1, alpha)
    g["W_h2"] = d2.T @ a1 + L2 * W2
    g["b_h2"] = d2.sum(axis=0)
    da1 = da1 + d2 @ W2
    d1 = da1 * (s1 + a1 * (1 - s1))
    g["W_h1"] = d1.T @ X + L2 * W1
    g["b_h1"] = d1.sum(axis=0)
    return g
