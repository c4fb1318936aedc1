# ruff: noqa: D103 - as it is found in the wild
"""Everything by einsum, a learned slope, a summed loss."""

import numpy as np

SCALE = 1.0


def grads(params, X, Y):
    W1, b1, s1 = params["W1"], params["b1"], params["alpha1"]
    W2, b2 = params["W2"], params["b2"]
    u = np.einsum("nj,ij->ni", X, W1) + b1
    v = np.where(u > 0, u, s1 * u)
    w = np.einsum("ni,ki->nk", v, W2) + b2
    e = SCALE * (w - Y)
    out = {}
    out["W2"] = np.einsum("nk,ni->ki", e, v)
    out["b2"] = np.einsum("nk->k", e)
    g = np.einsum("nk,ki->ni", e, W2)
    out["alpha1"] = np.einsum("ni,ni->i", g, np.minimum(u, 0))
    g = g * np.where(u > 0, 1, s1)
    out["W1"] = np.einsum("ni,nj->ij", g, X)
    out["b1"] = np.einsum("ni->i", g)
    return out
