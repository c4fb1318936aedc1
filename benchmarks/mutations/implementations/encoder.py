# ruff: noqa: D103 - as it is found in the wild
"""An autoencoder with separate decoder, gaussian units, gradients in a tuple, names of its own."""

import numpy as np

SCALE = 1.0


def grads(params, data, target):
    enc_W, enc_b = params["W1"], params["b1"]
    mid_W, mid_b = params["W2"], params["b2"]
    dec_W, dec_b = params["W3"], params["b3"]
    rows = data.shape[0]
    pre = data @ enc_W.T + enc_b
    code = np.exp(-(pre**2))
    mid = code @ mid_W.T + mid_b
    hidden = np.maximum(mid, 0)
    rec = hidden @ dec_W.T + dec_b
    d_rec = SCALE * (rec - target) / rows
    d_dec_W = d_rec.T @ hidden
    d_dec_b = np.sum(d_rec, 0)
    d_mid = (d_rec @ dec_W) * (hidden > 0)
    d_mid_W = d_mid.T @ code
    d_mid_b = np.sum(d_mid, 0)
    d_pre = (d_mid @ mid_W) * (-2 * pre * code)
    d_enc_W = d_pre.T @ data
    d_enc_b = np.sum(d_pre, 0)
    return d_enc_W, d_enc_b, d_mid_W, d_mid_b, d_dec_W, d_dec_b
