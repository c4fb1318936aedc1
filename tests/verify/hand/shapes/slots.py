"""Parameters in slots, below an abstract class."""

# passes: 2-3-1 Net
# passes: 2-3-1 Net.compute_gradients
from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


class Base(ABC):
    @abstractmethod
    def compute_gradients(self, X, y): ...


class Net(Base):
    __slots__ = ("W1", "W2", "b1", "b2")

    def __init__(
        self, in_dim: int, hid: int, out_dim: int, *, rng: np.random.Generator | None = None
    ) -> None:
        rng = rng or np.random.default_rng()
        self.W1 = rng.normal(size=(in_dim, hid))
        self.b1 = np.zeros(hid)
        self.W2 = rng.normal(size=(hid, out_dim))
        self.b2 = np.zeros(out_dim)

    def compute_gradients(self, X, y):
        s = lambda z: 1 / (1 + np.exp(-z))
        h = s(X @ self.W1 + self.b1)
        o = s(h @ self.W2 + self.b2)
        d2 = (o - y) * o * (1 - o) / len(X)
        d1 = d2 @ self.W2.T * h * (1 - h)
        yield_ = {
            "grad_W1": X.T @ d1,
            "grad_b1": d1.sum(0),
            "grad_W2": h.T @ d2,
            "grad_b2": d2.sum(0),
        }
        return yield_
