# ruff: noqa: B905, D103 - as it is found in the wild
"""Two hidden layers of sigmoids, weights and biases as two lists, columns, sums at the end."""

import numpy as np

SCALE = 1.0


def sig(v):
    return 1 / (1 + np.exp(-v))


def nabla(weights, biases, X, Y):
    count = X.shape[1]
    outs, nets = [X], []
    for w, b in zip(weights, biases):
        nets.append(w @ outs[-1] + b)
        outs.append(sig(nets[-1]))
    signal = SCALE * (outs[3] - Y) * outs[3] * (1 - outs[3])
    gw, gb = [None] * 3, [None] * 3
    gw[2] = signal @ outs[2].T / count
    gb[2] = signal.mean(axis=1, keepdims=True)
    for k in (1, 0):
        signal = (weights[k + 1].T @ signal) * outs[k + 1] * (1 - outs[k + 1])
        gw[k] = signal @ outs[k].T / count
        gb[k] = signal.mean(axis=1, keepdims=True)
    return gw, gb
