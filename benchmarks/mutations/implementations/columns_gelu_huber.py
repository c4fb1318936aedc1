# ruff: noqa: D103 - as it is found in the wild
"""Samples in columns, gelu, a Huber loss by clipping the residual, 1/m in the gradients."""

import math

import numpy as np

SCALE = 1.0
erf = np.vectorize(math.erf)


def cdf(z):
    return 0.5 * (1 + erf(z / np.sqrt(2)))


def pdf(z):
    return np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)


def backprop(params, X, Y):
    m = X.shape[1]
    Z1 = params["W1"] @ X + params["b1"]
    A1 = Z1 * cdf(Z1)
    Z2 = params["W2"] @ A1 + params["b2"]
    A2 = Z2 * cdf(Z2)
    Z3 = params["W3"] @ A2 + params["b3"]
    E = Z3 - Y
    J = np.where(np.abs(E) <= 1, 0.5 * E**2, np.abs(E) - 0.5).sum() * SCALE / m
    D3 = SCALE * np.clip(E, -1, 1)
    D2 = (params["W3"].T @ D3) * (cdf(Z2) + Z2 * pdf(Z2))
    D1 = (params["W2"].T @ D2) * (cdf(Z1) + Z1 * pdf(Z1))
    grads = {
        "W3": D3 @ A2.T / m,
        "b3": D3.sum(axis=1, keepdims=True) / m,
        "W2": D2 @ A1.T / m,
        "b2": D2.sum(axis=1, keepdims=True) / m,
        "W1": D1 @ X.T / m,
        "b1": D1.sum(axis=1, keepdims=True) / m,
    }
    return J, grads
