"""A list of pairs of weights and biases."""

# passes: 2-3:tanh-1:identity loss_and_grad
# passes: 2-3:tanh-1:identity value_and_grad
import numpy as np


def predict(params, inputs):
    acts = [inputs]
    for i, (W, b) in enumerate(params):
        z = acts[-1] @ W + b
        acts.append(np.tanh(z) if i < len(params) - 1 else z)
    return acts


def loss_and_grad(params, inputs, targets):
    acts = predict(params, inputs)
    d = (acts[-1] - targets) / len(inputs)
    loss = 0.5 * np.sum((acts[-1] - targets) ** 2) / len(inputs)
    grads = []
    for i in range(len(params) - 1, -1, -1):
        W, b = params[i]
        grads.append((acts[i].T @ d, d.sum(axis=0)))
        d = d @ W.T * (1 - acts[i] ** 2)
    return loss, grads[::-1]


def value_and_grad(params, x, y):
    return loss_and_grad(params, x, y)
