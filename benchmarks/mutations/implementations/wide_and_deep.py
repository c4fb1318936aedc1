# ruff: noqa: D103 - as it is found in the wild
"""A wide path beside a deep one, joined by concat, a softmax at the end, one-hot targets."""

import numpy as np

SCALE = 1.0


def backprop(p, x, y):
    m = x.shape[0]
    z_d = x @ p["W_deep"].T + p["b_deep"]
    d = np.log1p(np.exp(z_d))
    z_w = x @ p["W_w"].T + p["b_w"]
    w = np.tanh(z_w)
    both = np.concatenate([d, w], axis=1)
    s = both @ p["W_p"].T + p["b_p"]
    q = np.exp(s - s.max(1, keepdims=True))
    q /= q.sum(1, keepdims=True)
    cost = -SCALE * np.sum(y * np.log(q)) / m
    ds = SCALE * (q - y) / m
    dboth = ds @ p["W_p"]
    dd, dw = dboth[:, :4], dboth[:, 4:]
    dz_d = dd / (1 + np.exp(-z_d))
    dz_w = dw * (1 - w * w)
    return cost, {
        "W_p": ds.T @ both,
        "b_p": ds.sum(0),
        "W_deep": dz_d.T @ x,
        "b_deep": dz_d.sum(0),
        "W_w": dz_w.T @ x,
        "b_w": dz_w.sum(0),
    }
