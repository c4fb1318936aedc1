# ruff: noqa: D103 - as it is found in the wild
"""No numpy inside: lists of lists, an inner function for each thing, softplus and half squares."""

import math

SCALE = 1.0


def softplus(z):
    return math.log1p(math.exp(z))


def gradients(W1, b1, W2, b2, X, Y):
    m = len(X)
    n0, n1, n2 = len(X[0]), len(b1), len(b2)
    gW1 = [[0.0] * n0 for _ in range(n1)]
    gb1 = [0.0] * n1
    gW2 = [[0.0] * n1 for _ in range(n2)]
    gb2 = [0.0] * n2
    for s in range(m):
        x, y = X[s], Y[s]
        z = [b1[i] + sum(W1[i][j] * x[j] for j in range(n0)) for i in range(n1)]
        h = [softplus(v) for v in z]
        o = [b2[k] + sum(W2[k][i] * h[i] for i in range(n1)) for k in range(n2)]
        err = [SCALE * (o[k] - y[k]) / m for k in range(n2)]
        back = [0.0] * n1
        for i in range(n1):
            for k in range(n2):
                back[i] += W2[k][i] * err[k]
        for i in range(n1):
            back[i] *= 1 / (1 + math.exp(-z[i]))
        for k in range(n2):
            gb2[k] += err[k]
            for i in range(n1):
                gW2[k][i] += err[k] * h[i]
        for i in range(n1):
            gb1[i] += back[i]
            for j in range(n0):
                gW1[i][j] += back[i] * x[j]
    return gW1, gb1, gW2, gb2
