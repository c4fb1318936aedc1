"""The model is called for its loss; the parameters are given to the constructor."""

# passes: 2-3:relu-1:identity,loss=squared_error Model
# passes: 2-3:relu-1:identity,loss=squared_error forward_and_backward
import numpy as np


# fast.ai lesson 8: gradients are kept on a small tensor class; here w.g on layers
class Lin:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, inp):
        self.inp = inp
        self.out = inp @ self.w + self.b
        return self.out

    def backward(self, outg):
        self.wg = self.inp.T @ outg
        self.bg = outg.sum(0)
        return outg @ self.w.T


class Relu:
    def __call__(self, inp):
        self.inp = inp
        return np.maximum(inp, 0.0)

    def backward(self, outg):
        return (self.inp > 0).astype(float) * outg


class Mse:
    def __call__(self, inp, targ):
        self.inp, self.targ = inp, targ
        return ((inp - targ) ** 2).sum() / targ.shape[0]

    def backward(self):
        return 2.0 * (self.inp - self.targ) / self.targ.shape[0]


class Model:
    def __init__(self, w1, b1, w2, b2):
        self.layers = [Lin(w1, b1), Relu(), Lin(w2, b2)]
        self.loss = Mse()

    def __call__(self, x, targ):
        for l in self.layers:
            x = l(x)
        return self.loss(x, targ)

    def backward(self):
        g = self.loss.backward()
        for l in reversed(self.layers):
            g = l.backward(g)


def forward_and_backward(inp, targ, w1, b1, w2, b2):
    l1 = inp @ w1 + b1
    l2 = np.maximum(l1, 0)
    out = l2 @ w2 + b2
    diff = out - targ
    loss = (diff**2).sum() / inp.shape[0]
    outg = 2.0 * diff / inp.shape[0]
    l2g = outg @ w2.T
    w2g = l2.T @ outg
    b2g = outg.sum(0)
    l1g = (l1 > 0) * l2g
    w1g = inp.T @ l1g
    b1g = l1g.sum(0)
    return loss, w1g, b1g, w2g, b2g
