# ruff: noqa: D101, RUF059 - as it is found in the wild
"""Layer norm by the formula of three terms, in a class that keeps what the forward pass made."""

import numpy as np

SCALE = 1.0
EPS = 1e-5


class Normed:
    def __init__(self):
        self.p = {
            "W_h": np.zeros((6, 4)),
            "b_h": np.zeros(6),
            "gain_norm": np.ones(6),
            "shift_norm": np.zeros(6),
            "W_o": np.zeros((3, 6)),
            "b_o": np.zeros(3),
        }

    def forward(self, X):
        p = self.p
        z = X @ p["W_h"].T + p["b_h"]
        a = np.tanh(z)
        mu = a.mean(axis=-1, keepdims=True)
        var = a.var(axis=-1, keepdims=True)
        std_inv = 1.0 / np.sqrt(var + EPS)
        xhat = (a - mu) * std_inv
        y = p["gain_norm"] * xhat + p["shift_norm"]
        out = y @ p["W_o"].T + p["b_o"]
        self.cache = (X, z, a, mu, var, std_inv, xhat, y, out)
        return out

    def backward(self, X, T):
        out = self.forward(X)
        p = self.p
        X, z, a, mu, var, std_inv, xhat, y, out = self.cache
        N, D = a.shape
        dout = SCALE * (out - T) / N
        dy = dout @ p["W_o"]
        dxhat = dy * p["gain_norm"]
        dvar = np.sum(dxhat * (a - mu) * -0.5 * std_inv**3, axis=-1, keepdims=True)
        dmu = np.sum(-dxhat * std_inv, axis=-1, keepdims=True)
        dmu = dmu + dvar * np.mean(-2.0 * (a - mu), axis=-1, keepdims=True)
        da = dxhat * std_inv + dvar * 2.0 * (a - mu) / D + dmu / D
        dz = da * (1 - a**2)
        return {
            "W_o": dout.T @ y,
            "b_o": dout.sum(axis=0),
            "gain_norm": (dy * xhat).sum(axis=0),
            "shift_norm": dy.sum(axis=0),
            "W_h": dz.T @ X,
            "b_h": dz.sum(axis=0),
        }
