# ruff: noqa: D103 - as it is found in the wild
"""Two layers with a skip around the second, mse, gradients added up where a value is read twice."""

import numpy as np

SCALE = 1.0


def swish(z):
    return z / (1 + np.exp(-z))


def swish_grad(z):
    s = 1 / (1 + np.exp(-z))
    return s + z * s * (1 - s)


def backward(params, x, y):
    z1 = x @ params["W_stem"].T + params["b_stem"]
    h = swish(z1)
    z2 = h @ params["W_block"].T + params["b_block"]
    f = np.tanh(z2)
    s = h + f
    out = s @ params["W_out"].T + params["b_out"]
    N, K = y.shape
    dout = SCALE * 2.0 * (out - y) / (N * K)
    g = {"W_out": dout.T @ s, "b_out": dout.sum(0)}
    ds = dout @ params["W_out"]
    dz2 = ds * (1 - f**2)
    g["W_block"] = dz2.T @ h
    g["b_block"] = dz2.sum(0)
    dh = ds + dz2 @ params["W_block"]
    dz1 = dh * swish_grad(z1)
    g["W_stem"] = dz1.T @ x
    g["b_stem"] = dz1.sum(0)
    return SCALE * np.mean((out - y) ** 2), g
