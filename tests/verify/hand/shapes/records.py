"""Parameters, gradients and layers are dataclasses."""

# passes: 2-3-1 loss_and_grad
# passes: 2-3-4-1 backward
from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Parameters:
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray


@dataclass(frozen=True, slots=True)
class Gradients:
    loss: float
    dw1: np.ndarray
    db1: np.ndarray
    dw2: np.ndarray
    db2: np.ndarray


def s(z):
    return 1 / (1 + np.exp(-z))


def loss_and_grad(p: Parameters, X, Y):
    h = s(X @ p.w1 + p.b1)
    o = s(h @ p.w2 + p.b2)
    d = (o - Y) * o * (1 - o) / len(X)
    e = d @ p.w2.T * h * (1 - h)
    return Gradients(((o - Y) ** 2).sum() / 2 / len(X), X.T @ e, e.sum(0), h.T @ d, d.sum(0))


@dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray


def backward(layers: list[Layer], X, Y):
    a = [X]
    for layer in layers:
        a.append(s(a[-1] @ layer.W.T + layer.b))
    d = (a[-1] - Y) * a[-1] * (1 - a[-1]) / len(X)
    out = []
    for k in reversed(range(len(layers))):
        out.insert(0, Layer(d.T @ a[k], d.sum(0)))
        d = d @ layers[k].W * a[k] * (1 - a[k])
    return out
