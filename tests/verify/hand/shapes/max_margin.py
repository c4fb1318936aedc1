"""Two inputs and no target."""

# passes: margin.toml grads
# passes: margin.toml grads2
# passes: margin.toml grads3
import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


def grads(params, x, xc):
    W, b, U = params["W_h"], params["b_h"], params["W_s"]
    a, ac = s(x @ W.T + b), s(xc @ W.T + b)
    sc, scc = a @ U.T, ac @ U.T
    m = len(x)
    J = np.maximum(0, 1 + scc - sc).mean()
    on = (1 + scc - sc > 0) / m
    d = -on @ U * a * (1 - a)
    dc = on @ U * ac * (1 - ac)
    return J, {"W_h": d.T @ x + dc.T @ xc, "b_h": d.sum(0) + dc.sum(0), "W_s": on.T @ ac - on.T @ a}


def grads2(W, b, U, x, xc):
    J, g = grads({"W_h": W, "b_h": b, "W_s": U}, x, xc)
    return g["W_h"], g["b_h"], g["W_s"]


def grads3(params, X):
    J, g = grads(params, X["x"], X["xc"])
    return g
