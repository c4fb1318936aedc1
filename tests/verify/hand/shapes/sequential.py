"""Layers in a chain; the gradient of the loss comes from above."""

# passes: 2-3:relu-1:identity net
# passes: 2-3:relu-1:identity net.backward
import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.weight = np.random.randn(n_out, n_in) * np.sqrt(2 / n_in)
        self.bias = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, grad):
        self.weight_grad = grad.T @ self.x
        self.bias_grad = grad.sum(axis=0)
        return grad @ self.weight


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad):
        return grad * self.mask


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    __call__ = forward

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


class MSE:
    def forward(self, pred, y):
        self.diff = pred - y
        return 0.5 * np.mean(np.sum(self.diff**2, axis=1))

    def backward(self):
        return self.diff / len(self.diff)


net = Sequential(Linear(2, 3), ReLU(), Linear(3, 1))
