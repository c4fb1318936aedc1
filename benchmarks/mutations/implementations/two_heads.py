# ruff: noqa: D103 - as it is found in the wild
"""One trunk and two heads, a class and a number, their gradients added up in the trunk."""

import numpy as np

SCALE = 1.0


def gradient(params, X, Y):
    n = len(X)
    t = np.tanh(X @ params["W_t"].T + params["b_t"])
    logits = t @ params["W_p"].T + params["b_p"]
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    r = t @ params["W_r"].T + params["b_r"]
    dp = SCALE * (p - Y["label"]) / n
    diff = r - Y["score"]
    dr = 0.3 * 2 * diff / n
    dt = dp @ params["W_p"] + dr @ params["W_r"]
    dz = dt * (1 - t**2)
    return {
        "W_t": dz.T @ X,
        "b_t": dz.sum(axis=0),
        "W_p": dp.T @ t,
        "b_p": dp.sum(axis=0),
        "W_r": dr.T @ t,
        "b_r": dr.sum(axis=0),
    }
