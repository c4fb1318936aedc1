"""Dicts in dicts, by names, by numbers; dicts of lists."""

# passes: 2-3-1 grads
# passes: 2-3-1 grads2
# passes: 2-3-1 grads3
# passes: 2-3-1 grads4
import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


def grads(params, X, Y):
    p1, p2 = params["layer1"], params["layer2"]
    a1 = s(X @ p1["W"] + p1["b"])
    a2 = s(a1 @ p2["W"] + p2["b"])
    d2 = (a2 - Y) * a2 * (1 - a2) / X.shape[0]
    d1 = d2 @ p2["W"].T * a1 * (1 - a1)
    return {
        "layer1": {"W": X.T @ d1, "b": d1.sum(axis=0)},
        "layer2": {"W": a1.T @ d2, "b": d2.sum(axis=0)},
    }


def grads2(params, X, Y):
    a1 = s(X @ params["hidden"]["kernel"] + params["hidden"]["bias"])
    a2 = s(a1 @ params["output"]["kernel"] + params["output"]["bias"])
    d2 = (a2 - Y) * a2 * (1 - a2) / X.shape[0]
    d1 = d2 @ params["output"]["kernel"].T * a1 * (1 - a1)
    g = {"hidden": {}, "output": {}}
    g["hidden"]["kernel"] = X.T @ d1
    g["hidden"]["bias"] = d1.sum(axis=0)
    g["output"]["kernel"] = a1.T @ d2
    g["output"]["bias"] = d2.sum(axis=0)
    return g


def grads3(params, X, Y):
    W, b = params["W"], params["b"]
    a = [X]
    for Wk, bk in zip(W, b):
        a.append(s(Wk @ a[-1].T if False else a[-1] @ Wk.T + bk))
    d = (a[-1] - Y) * a[-1] * (1 - a[-1]) / len(X)
    dW, db = [], []
    for k in reversed(range(len(W))):
        dW.insert(0, d.T @ a[k])
        db.insert(0, d.sum(0))
        d = d @ W[k] * a[k] * (1 - a[k])
    return {"W": dW, "b": db}


def grads4(params, X, Y):
    """layers counted by numbers"""
    a1 = s(params[1]["W"] @ X + params[1]["b"])
    a2 = s(params[2]["W"] @ a1 + params[2]["b"])
    d2 = (a2 - Y) * a2 * (1 - a2) / X.shape[1]
    d1 = params[2]["W"].T @ d2 * a1 * (1 - a1)
    return {
        1: {"W": d1 @ X.T, "b": d1.sum(1, keepdims=True)},
        2: {"W": d2 @ a1.T, "b": d2.sum(1, keepdims=True)},
    }
