"""A partial function, a closure, a static method."""

# passes: 2-3-1 step
# passes: 2-3-1 fast
# passes: 2-3-1 Funcs.grad
import functools

from core import core, sigmoid


def general(act, params, X, Y, scale):
    a1 = act(X @ params["W1"].T + params["b1"])
    a2 = act(a1 @ params["W2"].T + params["b2"])
    d2 = scale * (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ params["W2"] * a1 * (1 - a1)
    return {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}


step = functools.partial(general, sigmoid, scale=1.0)


def make_backprop():
    def backprop(params, X, Y):
        return core(params, X, Y)

    return backprop


fast = make_backprop()


class Funcs:
    @staticmethod
    def grad(params, X, Y):
        return core(params, X, Y)
