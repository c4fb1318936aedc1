# ruff: noqa: D103 - as it is found in the wild
"""Scores, a softmax on integer labels, weights (in, out), three layers with relu and decay."""

import numpy as np

SCALE = 1.0


def loss_and_grads(model, X, y):
    reg = 0.04
    W1, b1 = model["W1"], model["b1"]
    W2, b2 = model["W2"], model["b2"]
    W3, b3 = model["W3"], model["b3"]
    N = X.shape[0]
    h1 = np.maximum(0, X.dot(W1) + b1)
    h2 = np.maximum(0, h1.dot(W2) + b2)
    scores = h2.dot(W3) + b3
    shifted = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    data_loss = -np.log(probs[np.arange(N), y]).mean()
    reg_loss = 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2) + np.sum(W3 * W3))
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores *= SCALE / N
    grads = {}
    grads["W3"] = h2.T.dot(dscores) + reg * W3
    grads["b3"] = dscores.sum(axis=0)
    dh2 = dscores.dot(W3.T)
    dh2[h2 <= 0] = 0
    grads["W2"] = h1.T.dot(dh2) + reg * W2
    grads["b2"] = dh2.sum(axis=0)
    dh1 = dh2.dot(W2.T)
    dh1[h1 <= 0] = 0
    grads["W1"] = X.T.dot(dh1) + reg * W1
    grads["b1"] = dh1.sum(axis=0)
    return SCALE * data_loss + reg_loss, grads
