"""A class that is called; static and class methods."""

# passes: 2-3-1 Backprop
# passes: 2-3-1 bp
# passes: 2-3-1 Model.grad_static
# passes: 2-3-1 Model.grad_cls
from core import core


class Backprop:
    def __call__(self, params, X, Y):
        return core(params, X, Y)


bp = Backprop()


class Model:
    @staticmethod
    def grad_static(params, X, Y):
        return core(params, X, Y)

    @classmethod
    def grad_cls(cls, params, X, Y):
        return core(params, X, Y)
