"""Parameters and gradients in namespaces."""

# passes: 2-3-1 model
# passes: 2-3-1 model.grads
from types import SimpleNamespace

import numpy as np


class M:
    def __init__(self):
        self.p = SimpleNamespace(
            W1=np.ones((3, 2)), b1=np.zeros(3), W2=np.ones((1, 3)), b2=np.zeros(1)
        )

    def grads(self, X, Y):
        s = lambda z: 1 / (1 + np.exp(-z))
        p = self.p
        a1 = s(X @ p.W1.T + p.b1)
        a2 = s(a1 @ p.W2.T + p.b2)
        d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
        d1 = d2 @ p.W2 * a1 * (1 - a1)
        return SimpleNamespace(W1=d1.T @ X, b1=d1.sum(0), W2=d2.T @ a1, b2=d2.sum(0))


model = M()
