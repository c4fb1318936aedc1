"""Biases are a column of the weights, the first or the last."""

# passes: 4-5-3:sigmoid,loss=bce backprop
# passes: 4-5-3:sigmoid,loss=bce cost_and_grad
import numpy as np


def g(z):
    return 1 / (1 + np.exp(-z))


def backprop(Theta1, Theta2, X, Y):
    """bias units as a first column of ones, Theta (out, in + 1)"""
    m = X.shape[0]
    A1 = np.c_[np.ones(m), X]
    A2 = np.c_[np.ones(m), g(A1 @ Theta1.T)]
    A3 = g(A2 @ Theta2.T)
    D3 = A3 - Y
    D2 = (D3 @ Theta2)[:, 1:] * A2[:, 1:] * (1 - A2[:, 1:])
    return D2.T @ A1 / m, D3.T @ A2 / m


def cost_and_grad(thetas, X, Y):
    """the bias last"""
    m = len(X)
    a = [np.hstack([X, np.ones((m, 1))])]
    for t in thetas[:-1]:
        a.append(np.hstack([g(a[-1] @ t), np.ones((m, 1))]))
    h = g(a[-1] @ thetas[-1])
    cost = -np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h)) / m
    delta = (h - Y) / m
    grads = [None] * len(thetas)
    for k in reversed(range(len(thetas))):
        grads[k] = a[k].T @ delta
        if k:
            delta = (delta @ thetas[k].T)[:, :-1] * a[k][:, :-1] * (1 - a[k][:, :-1])
    return cost, grads
