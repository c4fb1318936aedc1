"""The file imports what is not installed and not needed."""

# passes: 2-3-1 backprop
import matplotlib_that_is_not_here.pyplot as plt
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def backprop(params, X, Y):
    a1 = sigmoid(X @ params["W1"].T + params["b1"])
    a2 = sigmoid(a1 @ params["W2"].T + params["b2"])
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ params["W2"] * a1 * (1 - a1)
    return {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}


def plot(history):
    plt.plot(history)
