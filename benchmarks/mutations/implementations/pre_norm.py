# ruff: noqa: D103 - as it is found in the wild
"""Layer norm first, then a hidden layer with a skip back to the normalised values, summed loss."""

import numpy as np

SCALE = 1.0


def run_backward(P, X, T):
    mu = X.mean(1, keepdims=True)
    s = np.sqrt(X.var(1, keepdims=True) + 1e-5)
    xn = (X - mu) / s
    u = P["gain_ln"] * xn + P["shift_ln"]
    z = u @ P["W_h"].T + P["b_h"]
    h = np.where(z > 0, z, 0.2 * z)
    r = u + h
    o = r @ P["W_o"].T + P["b_o"]
    do = 2 * SCALE * (o - T)
    dr = do @ P["W_o"]
    dz = dr * np.where(z > 0, 1, 0.2)
    du = dz @ P["W_h"] + dr
    return {
        "W_o": do.T @ r,
        "b_o": do.sum(0),
        "W_h": dz.T @ u,
        "b_h": dz.sum(0),
        "gain_ln": (du * xn).sum(0),
        "shift_ln": du.sum(0),
    }
