# ruff: noqa: D103 - as it is found in the wild
"""A step of gradient descent whose layers are closures that know how to go back."""

import numpy as np

SCALE = 1.0


def dense(x, W, b):
    def back(g):
        return g @ W, g.T @ x, g.sum(axis=0)

    return x @ W.T + b, back


def elu(z):
    a = np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)

    def back(g):
        return g * np.where(z > 0, 1, a + 1)

    return a, back


def logistic(z):
    a = 1 / (1 + np.exp(-z))

    def back(g):
        return g * a * (1 - a)

    return a, back


def tangent(z):
    a = np.tanh(z)

    def back(g):
        return g * (1 - a * a)

    return a, back


def half_square(out, Y):
    diff = out - Y
    m = diff.shape[0]

    def back():
        return SCALE * diff / m

    return SCALE * np.sum(diff**2) / (2 * m), back


def sgd_step(params, X, Y, lr):
    z1, dense1 = dense(X, params["W1"], params["b1"])
    a1, act1 = elu(z1)
    z2, dense2 = dense(a1, params["W2"], params["b2"])
    a2, act2 = logistic(z2)
    z3, dense3 = dense(a2, params["W3"], params["b3"])
    a3, act3 = tangent(z3)
    loss, start = half_square(a3, Y)
    g3 = act3(start())
    h2, dW3, db3 = dense3(g3)
    g2 = act2(h2)
    h1, dW2, db2 = dense2(g2)
    g1 = act1(h1)
    _, dW1, db1 = dense1(g1)
    grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}
    return {name: params[name] - lr * grads[name] for name in params}, loss
