"""Lists of numbers and loops, no arrays."""

# passes: 2-3-1 backprop
# passes: 2-3-1 lists
import math


def backprop(W1, b1, W2, b2, x, y):
    """pure Python, one sample, nested lists"""
    h = [1 / (1 + math.exp(-(sum(w * v for w, v in zip(row, x)) + c))) for row, c in zip(W1, b1)]
    o = [1 / (1 + math.exp(-(sum(w * v for w, v in zip(row, h)) + c))) for row, c in zip(W2, b2)]
    d2 = [(o[k] - y[k]) * o[k] * (1 - o[k]) for k in range(len(o))]
    d1 = [sum(d2[k] * W2[k][j] for k in range(len(o))) * h[j] * (1 - h[j]) for j in range(len(h))]
    return ([[d * v for v in x] for d in d1], d1, [[d * v for v in h] for d in d2], d2)


def lists(params, X, Y):
    total = None
    for x, y in zip(X, Y):
        g = backprop(params["W1"], params["b1"], params["W2"], params["b2"], list(x), list(y))
        if total is None:
            total = [[[0.0] * 2 for _ in range(3)], [0.0] * 3, [[0.0] * 3], [0.0]]
        for j in range(3):
            for i in range(2):
                total[0][j][i] += g[0][j][i] / len(X)
            total[1][j] += g[1][j] / len(X)
            total[2][0][j] += g[2][0][j] / len(X)
        total[3][0] += g[3][0] / len(X)
    return dict(zip(["W1", "b1", "W2", "b2"], total))
