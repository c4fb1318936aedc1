# ruff: noqa: D103 - as it is found in the wild
"""Plain loops over samples and units, summed over the samples."""

import math

import numpy as np

SCALE = 1.0


def gradient(params, X, Y):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    dW1, db1 = np.zeros(W1.shape), np.zeros(b1.shape)
    dW2, db2 = np.zeros(W2.shape), np.zeros(b2.shape)
    loss = 0.0
    for n in range(len(X)):
        z1 = [b1[i] + sum(W1[i, j] * X[n, j] for j in range(3)) for i in range(4)]
        a1 = [1 / (1 + math.exp(-z)) for z in z1]
        out = [b2[k] + sum(W2[k, i] * a1[i] for i in range(4)) for k in range(2)]
        loss += SCALE * sum((out[k] - Y[n, k]) ** 2 for k in range(2))
        d2 = [SCALE * 2 * (out[k] - Y[n, k]) for k in range(2)]
        back = [sum(W2[k, i] * d2[k] for k in range(2)) for i in range(4)]
        d1 = [back[i] * a1[i] * (1 - a1[i]) for i in range(4)]
        for k in range(2):
            db2[k] += d2[k]
            for i in range(4):
                dW2[k, i] += d2[k] * a1[i]
        for i in range(4):
            db1[i] += d1[i]
            for j in range(3):
                dW1[i, j] += d1[i] * X[n, j]
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
