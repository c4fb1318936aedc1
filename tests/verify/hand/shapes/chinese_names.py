"""Names that are not in English."""

# passes: 2-3-1 反向传播
# passes: 2-3-1 网络.反向传播
import numpy as np


def 反向传播(参数, X, Y):
    s = lambda z: 1 / (1 + np.exp(-z))
    a1 = s(X @ 参数["W1"].T + 参数["b1"])
    a2 = s(a1 @ 参数["W2"].T + 参数["b2"])
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ 参数["W2"] * a1 * (1 - a1)
    return {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}


class 网络:
    def __init__(self, 输入, 隐藏, 输出):
        self.W1 = np.zeros((隐藏, 输入))
        self.b1 = np.zeros(隐藏)
        self.W2 = np.zeros((输出, 隐藏))
        self.b2 = np.zeros(输出)

    def 反向传播(self, 样本, 标签):
        return 反向传播(vars(self), 样本, 标签)
