"""Code that does what it should not do."""

import ctypes
import os
import sys
import time

import numpy as np


def right(params, X, Y):
    m = len(X)
    a1 = np.tanh(X @ params["W1"].T + params["b1"])
    a2 = a1 @ params["W2"].T + params["b2"]
    d2 = (a2 - Y) / m
    d1 = d2 @ params["W2"] * (1 - a1**2)
    grads = {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}
    return np.sum((a2 - Y) ** 2) / (2 * m), grads


def hangs(params, X, Y):
    while True:
        pass


def exits(params, X, Y):
    sys.exit(5)


def leaves(params, X, Y):
    os._exit(7)


def crashes(params, X, Y):
    ctypes.string_at(0)


def floods(params, X, Y):
    while True:
        print("x" * 1000)


def hungers_slowly(params, X, Y):
    kept = []
    while True:
        kept.append(bytearray(10**7))


def dawdles(params, X, Y):
    time.sleep(0.4)
    raise ValueError("no")


def hungers(params, X, Y):
    return np.ones((10**6, 10**6))


def raises(params, X, Y):
    return right(params, X, Y)[1]["no such key"]


def prints(params, X, Y):
    print("a line of output")
    return right(params, X, Y)


def is_random(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {name: g * np.random.uniform(0.9, 1.1) for name, g in grads.items()}


_total = {}


def accumulates(params, X, Y):
    loss, grads = right(params, X, Y)
    for name, g in grads.items():
        _total[name] = _total.get(name, 0) + g
    return loss, dict(_total)


def changes_its_input(params, X, Y):
    result = right(params, X, Y)
    X -= X.mean(axis=0)
    return result


def leaves_one_out(params, X, Y):
    loss, grads = right(params, X, Y)
    del grads["b1"]
    return loss, grads


def never_fills_one(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {**grads, "b1": None}


def not_a_number(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {**grads, "W1": grads["W1"] * np.nan}


def float32_inside(params, X, Y):
    small = {name: value.astype(np.float32) for name, value in params.items()}
    loss, grads = right(small, X.astype(np.float32), Y.astype(np.float32))
    return loss, {name: g.astype(np.float64) for name, g in grads.items()}


def too_coarse(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {name: g.astype(np.float16) for name, g in grads.items()}


def another_loss(params, X, Y):
    loss, grads = right(params, X, Y)
    return 3 * loss, grads


def transposed(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {**grads, "W1": grads["W1"].T}


def one_row(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {**grads, "b1": grads["b1"][None]}


def not_summed(params, X, Y):
    loss, grads = right(params, X, Y)
    a1 = np.tanh(X @ params["W1"].T + params["b1"])
    return loss, {**grads, "b2": (a1 @ params["W2"].T + params["b2"] - Y) / len(X)}


def other_way_round(params, X, Y):
    _, grads = right(params, X, Y)
    return grads["W2"], grads["b2"], grads["W1"], grads["b1"]


def five(params, X, Y):
    return 5


def missing_mean(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {name: g * len(X) for name, g in grads.items()}


_kept = {}


def keeps_old_inputs(params, X, Y):
    return right(params, _kept.setdefault(X.shape, X.copy()), Y)


def has_noise(params, X, Y):
    loss, grads = right(params, X, Y)
    return loss, {name: g + 1e-11 * np.random.standard_normal(g.shape) for name, g in grads.items()}


_velocity = {}


def steps_with_momentum(params, X, Y, lr=0.1):
    _, grads = right(params, X, Y)
    for name, g in grads.items():
        _velocity[name] = 0.9 * _velocity.get(name, 0) - lr * g
        params[name] += _velocity[name]
    return params


def of_one_sample_backwards(params, x, y):
    _, grads = right(params, x[None], y[None])
    return [grads["W2"], grads["W1"]], [grads["b2"], grads["b1"]]


def forgets_a_transpose(params, X, Y):  # columns: the second @ is right for no reading
    a1 = np.tanh(params["W1"] @ X + params["b1"])
    d2 = (params["W2"] @ a1 + params["b2"] - Y) / X.shape[1]
    d1 = params["W2"] @ d2 * (1 - a1**2)  # forgotten here
    return {"W1": d1 @ X.T, "b1": d1.sum(1), "W2": d2 @ a1.T, "b2": d2.sum(1)}


def misspells(params, X, Y):  # columns too
    a1 = np.tanh(params["W1"] @ X + params["b1"])
    return {"W1": delta1 @ X.T, "W2": a1}  # noqa: F821


def takes_attributes(p, X, Y):
    return p.lookup("W1") @ X
