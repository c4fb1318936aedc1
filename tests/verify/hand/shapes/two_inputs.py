"""Two inputs and two targets, by name or in dicts."""

# passes: two_inputs.toml backprop
# passes: two_inputs.toml backprop2
import numpy as np


def backprop(params, left, right, label, score):
    m = len(left)
    hl = np.tanh(left @ params["W_hl"].T + params["b_hl"])
    hr = np.tanh(right @ params["W_hr"].T + params["b_hr"])
    s = hl + hr
    z = s @ params["W_p"].T + params["b_p"]
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    r = s @ params["W_r"].T + params["b_r"]
    dp = (p - label) / m
    dr = (r - score) / m
    ds = dp @ params["W_p"] + dr @ params["W_r"]
    dl, dR = ds * (1 - hl**2), ds * (1 - hr**2)
    return {
        "W_hl": dl.T @ left,
        "b_hl": dl.sum(0),
        "W_hr": dR.T @ right,
        "b_hr": dR.sum(0),
        "W_p": dp.T @ s,
        "b_p": dp.sum(0),
        "W_r": dr.T @ s,
        "b_r": dr.sum(0),
    }


def backprop2(params, inputs, targets):
    return backprop(params, inputs["left"], inputs["right"], targets["label"], targets["score"])
