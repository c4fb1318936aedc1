# ruff: noqa: D103 - as it is found in the wild
"""A gate: sigmoid times tanh of the same input, then a linear layer, absolute sums in columns."""

import numpy as np

SCALE = 1.0


def backward(p, X, Y):
    m = X.shape[1]
    g = 1 / (1 + np.exp(-(p["W_g"] @ X + p["b_g"])))
    c = np.tanh(p["W_c"] @ X + p["b_c"])
    h = g * c
    out = p["W_o"] @ h + p["b_o"]
    d_out = SCALE * (out - Y) / m
    d_h = p["W_o"].T @ d_out
    d_g = d_h * c * g * (1 - g)
    d_c = d_h * g * (1 - c**2)
    return {
        "W_o": d_out @ h.T,
        "b_o": d_out.sum(axis=1, keepdims=True),
        "W_g": d_g @ X.T,
        "b_g": d_g.sum(axis=1, keepdims=True),
        "W_c": d_c @ X.T,
        "b_c": d_c.sum(axis=1, keepdims=True),
    }
