# ruff: noqa: D103 - as it is found in the wild
"""A skip connection and a layer norm in between, gradients as a dict."""

import numpy as np

SCALE = 1.0


def grads(params, X, Y):
    m, n = len(X), 5
    a1 = np.tanh(X @ params["W_h1"].T + params["b_h1"])
    z2 = a1 @ params["W_h2"].T + params["b_h2"]
    a2 = np.maximum(z2, 0)
    s = a1 + a2
    mean = s.mean(axis=1, keepdims=True)
    sd = np.sqrt(((s - mean) ** 2).mean(axis=1, keepdims=True) + 1e-5)
    norm = (s - mean) / sd
    h = params["gain_ln"] * norm + params["shift_ln"]
    z = h @ params["W_p"].T + params["b_p"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    g = {}
    delta = SCALE * (p - Y) / m
    g["W_p"] = delta.T @ h
    g["b_p"] = delta.sum(axis=0)
    dh = delta @ params["W_p"]
    g["gain_ln"] = (dh * norm).sum(axis=0)
    g["shift_ln"] = dh.sum(axis=0)
    dnorm = dh * params["gain_ln"]
    through_mean = dnorm.sum(axis=1, keepdims=True) / n
    through_sd = norm * (dnorm * norm).sum(axis=1, keepdims=True) / n
    ds = (dnorm - through_mean - through_sd) / sd
    d2 = ds * (z2 > 0)
    g["W_h2"] = d2.T @ a1
    g["b_h2"] = d2.sum(axis=0)
    da1 = d2 @ params["W_h2"]
    da1 += ds
    d1 = da1 * (1 - a1**2)
    g["W_h1"] = d1.T @ X
    g["b_h1"] = d1.sum(axis=0)
    return g
