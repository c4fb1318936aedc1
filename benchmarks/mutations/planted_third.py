"""Fifteen implementations of after the search was mended with ``planted_second``.

docs/verify-benchmark.md has what they scored in their first run: the first ten, then the last five.
"""

from __future__ import annotations

from planted import Implementation, planted

LAYER_OBJECTS = Implementation(
    "layer_objects",
    "compute",
    (
        planted(
            "missing-derivative", "delta3|delta1", "return grad * (1 - self.out**2)", "return grad"
        ),
        planted(
            "derivative-formula",
            "delta2",
            "grad * self.out * (1 - self.out)",
            "grad * (1 - self.out)",
        ),
        planted(
            "derivative-formula",
            "delta2",
            "grad * self.out * (1 - self.out)",
            "grad * self.out * (self.out + 1)",
        ),
        planted(
            "derivative-formula", "delta2", "grad * self.out * (1 - self.out)", "grad * self.out"
        ),
        planted(
            "derivative-formula|derivative-at-activation",
            "delta3|delta1",
            "(1 - self.out**2)",
            "(1 - np.tanh(self.out) ** 2)",
        ),
        planted(
            "factor-half",
            "delta3",
            "SCALE * 2 * self.diff / self.diff.size",
            "SCALE * self.diff / self.diff.size",
        ),
        planted(
            "factor-two|mean-over-outputs|scaled",
            "delta3",
            "SCALE * 2 * self.diff / self.diff.size",
            "SCALE * 2 * self.diff / len(self.diff)",
        ),
        planted(
            "weight-not-transposed",
            "delta1",
            "return grad @ self.W",
            "return grad @ (self.W.T if self.W.shape[0] == self.W.shape[1] else self.W)",
        ),
        planted("bias-mean", "b3|b1", "self.db = grad.sum(axis=0)", "self.db = grad.mean(axis=0)"),
        planted("sign", "delta3", "self.diff = pred - target", "self.diff = target - pred"),
        planted(
            "not-propagated",
            "delta2|delta1",
            "return grad @ self.W",
            "return grad @ np.ones_like(self.W)",
        ),
    ),
)

SCORES_IN_OUT = Implementation(
    "scores_in_out",
    "loss_and_grads",
    (
        planted("target-ignored", "delta3", "    dscores[np.arange(N), y] -= 1\n", ""),
        planted(
            "label-shift",
            "delta3",
            "dscores[np.arange(N), y] -= 1",
            "dscores[np.arange(N), (y + 1) % 3] -= 1",
        ),
        planted("missing-batch-mean", "delta3", "dscores *= SCALE / N", "dscores *= SCALE"),
        planted("missing-derivative", "delta1", "    dh1[h1 <= 0] = 0\n", ""),
        planted("mask-inverted", "delta2", "dh2[h2 <= 0] = 0", "dh2[h2 > 0] = 0"),
        planted(
            "regularisation-twice",
            "regularisation",
            "+ reg * W3",
            "+ 2 * reg * W3",
            "+ reg * W2",
            "+ 2 * reg * W2",
            "+ reg * W1",
            "+ 2 * reg * W1",
        ),
        planted(
            "regularisation-scale",
            "regularisation",
            "+ reg * W3",
            "+ reg / N * W3",
            "+ reg * W2",
            "+ reg / N * W2",
            "+ reg * W1",
            "+ reg / N * W1",
        ),
        planted("regularisation-partial", "regularisation", "+ reg * W3", ""),
        planted(
            "regularisation-on-bias",
            "regularisation",
            'grads["b1"] = dh1.sum(axis=0)',
            'grads["b1"] = dh1.sum(axis=0) + reg * b1',
            'grads["b2"] = dh2.sum(axis=0)',
            'grads["b2"] = dh2.sum(axis=0) + reg * b2',
            'grads["b3"] = dscores.sum(axis=0)',
            'grads["b3"] = dscores.sum(axis=0) + reg * b3',
        ),
        planted(
            "bias-sum-all",
            "b1",
            'grads["b1"] = dh1.sum(axis=0)',
            'grads["b1"] = np.full(7, dh1.sum())',
        ),
        planted(
            "softmax-axis",
            "delta3",
            "np.exp(shifted).sum(axis=1, keepdims=True)\n    data",
            "np.exp(shifted).sum(axis=0)\n    data",
        ),
        planted(
            "gradient-clipped",
            "W3|delta3",
            '    grads["b3"]',
            '    grads["W3"] = np.clip(grads["W3"], -0.02, 0.02)\n    grads["b3"]',
        ),
    ),
)

BARE_PYTHON = Implementation(
    "bare_python",
    "gradients",
    (
        planted(
            "fan-out-overwritten",
            "delta1",
            "back[i] += W2[k][i] * err[k]",
            "back[i] = W2[k][i] * err[k]",
        ),
        planted(
            "sample-dropped", "W1", "gW1[i][j] += back[i] * x[j]", "gW1[i][j] = back[i] * x[j]"
        ),
        planted("bias-last-sample", "b2", "gb2[k] += err[k]", "gb2[k] = err[k]"),
        planted(
            "derivative-formula|wrong-derivative",
            "delta1",
            "1 / (1 + math.exp(-z[i]))",
            "1 / (1 + math.exp(z[i]))",
        ),
        planted(
            "derivative-formula|wrong-derivative",
            "delta1",
            "1 / (1 + math.exp(-z[i]))",
            "math.exp(-z[i]) / (1 + math.exp(-z[i])) ** 2",
        ),
        planted("derivative-at-activation", "delta1", "math.exp(-z[i])", "math.exp(-h[i])"),
        planted("double-batch-mean", "delta2", "(o[k] - y[k]) / m", "(o[k] - y[k]) / m / m"),
        planted(
            "wrong-derivative|derivative-formula",
            "delta2",
            "SCALE * (o[k] - y[k]) / m",
            "SCALE * abs(o[k] - y[k]) / m",
        ),
        planted(
            "derivative-formula|wrong-derivative",
            "delta2",
            "SCALE * (o[k] - y[k]) / m",
            "SCALE * (o[k] - y[k]) ** 2 / m",
        ),
        planted("derivative-formula", "delta2", "(o[k] - y[k])", "(o[k] + y[k])"),
        planted("input-preactivation", "W2", "err[k] * h[i]", "err[k] * z[i]"),
    ),
)

GATED = Implementation(
    "gated",
    "backward",
    (
        planted("scale-missing|skip-lost", "delta_g", "d_h * c * g * (1 - g)", "d_h * g * (1 - g)"),
        planted("scale-missing|skip-lost", "delta_c", "d_h * g * (1 - c**2)", "d_h * (1 - c**2)"),
        planted(
            "wrong-input|wrong-cache|scale-missing|wrong-operand",
            "delta_c",
            "d_h * g * (1 - c**2)",
            "d_h * c * (1 - c**2)",
        ),
        planted("missing-derivative", "delta_g", "d_h * c * g * (1 - g)", "d_h * c"),
        planted("missing-derivative", "delta_c", "d_h * g * (1 - c**2)", "d_h * g"),
        planted("wrong-cache", "delta_c", "(1 - c**2)", "(1 - g**2)"),
        planted("wrong-derivative", "delta_c", "(1 - c**2)", "c * (1 - c)"),
        planted("wrong-input", "W_o", "d_out @ h.T", "d_out @ g.T"),
        planted("sign", "delta_o", "(out - Y) / m", "(Y - out) / m"),
        planted(
            "blocks-swapped",
            "W_g|W_c",
            '"W_g": d_g @ X.T',
            '"W_g": d_c @ X.T',
            '"W_c": d_c @ X.T',
            '"W_c": d_g @ X.T',
        ),
        planted(
            "wrong-cache", "b_c", "d_c.sum(axis=1, keepdims=True)", "d_g.sum(axis=1, keepdims=True)"
        ),
    ),
)

COUNTS = Implementation(
    "counts",
    "objective",
    (
        planted("missing-derivative", "delta2", "d_v = d_rate * logistic(v)", "d_v = d_rate"),
        planted("derivative-at-activation", "delta2", "logistic(v)", "logistic(rate)"),
        planted("derivative-formula", "delta1", "(s + h * (1 - s))", "(s + u * (1 - s))"),
        planted(
            "derivative-formula|wrong-derivative", "delta1", "(s + h * (1 - s))", "(s * (1 - s))"
        ),
        planted("derivative-formula", "delta1", "(s + h * (1 - s))", "(1 + h * (1 - s))"),
        planted("derivative-formula|wrong-derivative", "delta2", "(1 - Y / rate)", "(rate - Y)"),
        planted("derivative-formula", "delta2", "(1 - Y / rate)", "(1 + Y / rate)"),
        planted("derivative-formula", "delta2", "(1 - Y / rate)", "(-Y / rate)"),
        planted("wrong-cache|derivative-formula", "delta2", "(1 - Y / rate)", "(1 - Y / v)"),
        planted("wrong-input", "W2", "d_v.T @ h", "d_v.T @ s"),
        planted("input-preactivation", "W2", "d_v.T @ h", "d_v.T @ u"),
    ),
)

SELU_SOFT_TARGETS = Implementation(
    "selu_soft_targets",
    "Student",
    (
        planted("derivative-formula|scaled", "delta1", "d * LAM * np.where", "d * np.where"),
        planted(
            "derivative-formula",
            "delta1",
            "np.where(self.z > 0, 1, ALPHA * np.exp(self.z))",
            "np.where(self.z > 0, 1, np.exp(self.z))",
        ),
        planted(
            "derivative-formula",
            "delta1",
            "np.where(self.z > 0, 1, ALPHA * np.exp(self.z))",
            "np.where(self.z > 0, 1, ALPHA)",
        ),
        planted(
            "derivative-at-activation",
            "delta1",
            "np.where(self.z > 0, 1, ALPHA * np.exp(self.z))",
            "np.where(self.h > 0, 1, ALPHA * np.exp(self.h))",
        ),
        planted(
            "wrong-derivative|derivative-formula",
            "delta1",
            "np.where(self.z > 0, 1, ALPHA * np.exp(self.z))",
            "(self.z > 0)",
        ),
        planted("jacobian-twice", "delta2", "(self.q - t)", "(self.q - t) * self.q * (1 - self.q)"),
        planted("target-ignored", "delta2", "(self.q - t)", "self.q"),
        planted(
            "jacobian-diagonal",
            "delta2",
            "d = SCALE * (self.q - t) / t.shape[0]",
            "d = SCALE * (-t / self.q) * self.q * (1 - self.q) / t.shape[0]",
        ),
        planted(
            "missing-derivative",
            "delta2",
            "d = SCALE * (self.q - t) / t.shape[0]",
            "d = SCALE * (-t / self.q) / t.shape[0]",
        ),
        planted("divided-by-features", "delta2", "t.shape[0]", "t.shape[1]"),
        planted("input-preactivation", "W2", "self.h.T @ d", "self.z.T @ d"),
    ),
)

DEEP_LOOP = Implementation(
    "deep_loop",
    "L_layer_backward",
    (
        planted("wrong-cache", "delta3|delta2", "df(Z[l - 1])", "df(Z[max(l - 2, 1)])"),
        planted("derivative-at-activation", "delta3", "df(Z[l - 1])", "df(A[l - 1])"),
        planted("derivative-formula", "delta3", "1 / (1 + z**2)", "1 / (1 + z)"),
        planted("derivative-formula", "delta3", "1 / (1 + z**2)", "1 / (1 - z**2)"),
        planted("derivative-formula", "delta3", "1 / (1 + z**2)", "(1 + z**2)"),
        planted(
            "double-batch-mean",
            "delta3",
            'dA = parameters[f"W{l}"].T @ dZ',
            'dA = parameters[f"W{l}"].T @ dZ / m',
        ),
        planted(
            "weight-not-transposed",
            "delta2",
            'parameters[f"W{l}"].T @ dZ',
            '(parameters[f"W{l}"] if l < L else parameters[f"W{l}"].T) @ dZ',
        ),
        planted(
            "wrong-weight",
            "delta2|delta1",
            'parameters[f"W{l}"].T @ dZ',
            'parameters[f"W{l if l == L else l - 1}"].T @ dZ',
        ),
        planted("wrong-input", "W4|W3", "dZ @ A[l - 1].T", "dZ @ A[max(l - 2, 0)].T"),
        planted("missing-derivative", "delta3", "dZ = dA * df(Z[l - 1])", "dZ = dA"),
        planted(
            "jacobian-twice",
            "delta4",
            "SCALE * (A[L] - Y)",
            "SCALE * (A[L] - Y) * A[L] * (1 - A[L])",
        ),
        planted("regularisation-scale", "regularisation", "L2 * parameters", "L2 / m * parameters"),
    ),
)

TWO_HEADS = Implementation(
    "two_heads",
    "gradient",
    (
        planted(
            "fan-out-overwritten",
            "delta_t",
            'dp @ params["W_p"] + dr @ params["W_r"]',
            'dr @ params["W_r"]',
        ),
        planted(
            "fan-out-overwritten",
            "delta_t",
            'dp @ params["W_p"] + dr @ params["W_r"]',
            'dp @ params["W_p"]',
        ),
        planted("scale-missing", "delta_r", "0.3 * 2 * diff", "2 * diff"),
        planted("factor-half|mean-over-outputs", "delta_r", "0.3 * 2 * diff", "0.3 * diff"),
        planted("missing-batch-mean", "delta_r", "2 * diff / n", "2 * diff"),
        planted("missing-batch-mean", "delta_p", '(p - Y["label"]) / n', '(p - Y["label"])'),
        planted("target-ignored", "delta_p", '(p - Y["label"])', "p"),
        planted("derivative-formula", "delta_t", "(1 - t**2)", "(1 - t)"),
        planted("sign", "delta_r", 'diff = r - Y["score"]', 'diff = Y["score"] - r'),
        planted("bias-mean", "b_r", "dr.sum(axis=0)", "dr.mean(axis=0)"),
    ),
)

WAVES = Implementation(
    "waves",
    "fun",
    (
        planted("sign", "delta1", "* np.cos(p1)", "* -np.cos(p1)"),
        planted(
            "derivative-formula|missing-derivative|wrong-derivative",
            "delta1",
            "* np.cos(p1)",
            "* np.sin(p1)",
        ),
        planted("derivative-at-activation", "delta1", "np.cos(p1)", "np.cos(q1)"),
        planted("derivative-formula", "delta2", "(1 + np.abs(p2)) ** 2", "(1 + np.abs(p2))"),
        planted("derivative-formula", "delta2", "/ (1 + np.abs(p2)) ** 2", "/ (1 + p2) ** 2"),
        planted("derivative-formula", "delta2", "/ (1 + np.abs(p2)) ** 2", "/ (1 + p2**2)"),
        planted("wrong-derivative", "delta3", "SCALE * np.tanh(res) / N", "SCALE * res / N"),
        planted(
            "wrong-derivative", "delta3", "SCALE * np.tanh(res) / N", "SCALE * np.sign(res) / N"
        ),
        planted(
            "derivative-formula", "delta3", "SCALE * np.tanh(res) / N", "SCALE / np.cosh(res) / N"
        ),
        planted("bias-last-sample", "b3", "np.sum(g3, axis=0)", "g3[-1]"),
        planted("zero-gradient", "b2", "np.sum(g2, axis=0)", "0 * np.sum(g2, axis=0)"),
    ),
)

PRE_NORM = Implementation(
    "pre_norm",
    "run_backward",
    (
        planted("skip-lost", "adj_a_ln", 'du = dz @ P["W_h"] + dr', 'du = dz @ P["W_h"]'),
        planted("fan-out-overwritten", "adj_a_ln", 'du = dz @ P["W_h"] + dr', "du = dr"),
        planted("leak-lost", "delta_h", "dr * np.where(z > 0, 1, 0.2)", "dr * (z > 0)"),
        planted(
            "derivative-formula",
            "delta_h",
            "dr * np.where(z > 0, 1, 0.2)",
            "dr * np.where(z > 0, 1, 0.01)",
        ),
        planted(
            "mask-inverted",
            "delta_h",
            "dr * np.where(z > 0, 1, 0.2)",
            "dr * np.where(z > 0, 0.2, 1)",
        ),
        planted("missing-derivative", "delta_h", "dz = dr * np.where(z > 0, 1, 0.2)", "dz = dr"),
        planted("wrong-input", "gain_ln", "(du * xn)", "(du * X)"),
        planted("wrong-input", "gain_ln", "(du * xn)", "(du * u)"),
        planted("wrong-input", "W_h", "dz.T @ u", "dz.T @ xn"),
        planted("wrong-input", "W_o", "do.T @ r", "do.T @ h"),
        planted(
            "factor-half|mean-over-outputs", "delta_o", "2 * SCALE * (o - T)", "SCALE * (o - T)"
        ),
        planted("weight-not-transposed", "adj_a_ln", 'dz @ P["W_h"]', 'dz @ P["W_h"].T'),
    ),
)

PERCEPTRON_NUMBERS = Implementation(
    "perceptron_numbers",
    "nabla",
    (
        planted(
            "missing-derivative",
            "delta3",
            "(outs[3] - Y) * outs[3] * (1 - outs[3])",
            "(outs[3] - Y)",
        ),
        planted(
            "missing-derivative",
            "delta2|delta1",
            "(weights[k + 1].T @ signal) * outs[k + 1] * (1 - outs[k + 1])",
            "weights[k + 1].T @ signal",
        ),
        planted(
            "wrong-cache",
            "delta2|delta1",
            "* outs[k + 1] * (1 - outs[k + 1])",
            "* outs[max(k, 1)] * (1 - outs[max(k, 1)])",
        ),
        planted(
            "derivative-formula",
            "delta2",
            "outs[k + 1] * (1 - outs[k + 1])",
            "outs[k + 1] * (1 - outs[k + 1]) ** 2",
        ),
        planted(
            "derivative-formula|derivative-at-activation",
            "delta2",
            "outs[k + 1] * (1 - outs[k + 1])",
            "sig(outs[k + 1]) * (1 - sig(outs[k + 1]))",
        ),
        planted(
            "derivative-formula",
            "delta2",
            "outs[k + 1] * (1 - outs[k + 1])",
            "nets[k] * (1 - nets[k])",
        ),
        planted(
            "weight-not-transposed",
            "delta1",
            "weights[k + 1].T @ signal",
            "(weights[k + 1] if k == 0 else weights[k + 1].T) @ signal",
        ),
        planted("wrong-input", "W3", "signal @ outs[2].T / count", "signal @ outs[1].T / count"),
        planted(
            "input-preactivation",
            "W2",
            "signal @ outs[k].T / count",
            "signal @ (nets[0] if k == 1 else outs[0]).T / count",
        ),
        planted(
            "missing-batch-mean",
            "W2|W1",
            "gw[k] = signal @ outs[k].T / count",
            "gw[k] = signal @ outs[k].T",
        ),
        planted(
            "missing-batch-mean",
            "b2|b1",
            "gb[k] = signal.mean(axis=1, keepdims=True)",
            "gb[k] = signal.sum(axis=1, keepdims=True)",
        ),
        planted("sign", "delta3", "(outs[3] - Y)", "(Y - outs[3])"),
    ),
)

RIDGE_STEPS = Implementation(
    "ridge_steps",
    "update",
    (
        planted("missing-derivative", "delta1", " * (np.abs(z1) < 1)", ""),
        planted(
            "mask-inverted|derivative-formula", "delta1", "(np.abs(z1) < 1)", "(np.abs(z1) > 1)"
        ),
        planted("derivative-formula", "delta1", "(np.abs(z1) < 1)", "(z1 < 1)"),
        planted("wrong-derivative", "delta1", "(np.abs(z1) < 1)", "(z1 > 0)"),
        planted("wrong-derivative", "delta1", "(np.abs(z1) < 1)", "(1 - a1**2)"),
        planted("factor-half", "delta2", "2 * SCALE * (out - Y)", "SCALE * (out - Y)"),
        planted("regularisation-twice", "regularisation", "lam = 0.1", "lam = 0.2"),
        planted(
            "regularisation-sign",
            "regularisation",
            '+ lam * params["W2"]',
            '- lam * params["W2"]',
            '+ lam * params["W1"]',
            '- lam * params["W1"]',
        ),
        planted("regularisation-scale", "regularisation", "lam = 0.1", "lam = 0.1 / X.shape[0]"),
        planted("zero-gradient", "b2", '    params["b2"] -= learning_rate * db2\n', ""),
        planted(
            "sign",
            "b1",
            'params["b1"] -= learning_rate * db1',
            'params["b1"] += learning_rate * db1',
        ),
        planted(
            "updated-weight",
            "delta1",
            "    d1 = d2",
            '    params["W2"] -= learning_rate * dW2\n    d1 = d2',
            '    params["W2"] -= learning_rate * dW2\n    params["b2"]',
            '    params["b2"]',
        ),
    ),
)

ENCODER = Implementation(
    "encoder",
    "grads",
    (
        planted("derivative-formula|factor-half", "delta1", "(-2 * pre * code)", "(-pre * code)"),
        planted("derivative-formula|sign", "delta1", "(-2 * pre * code)", "(2 * pre * code)"),
        planted("derivative-formula", "delta1", "(-2 * pre * code)", "(-2 * code)"),
        planted("derivative-formula", "delta1", "(-2 * pre * code)", "(-2 * pre)"),
        planted("derivative-formula", "delta1", "(-2 * pre * code)", "(-2 * code * code)"),
        planted(
            "missing-derivative", "delta2", "(d_rec @ dec_W) * (hidden > 0)", "(d_rec @ dec_W)"
        ),
        planted(
            "wrong-derivative|derivative-formula",
            "delta2",
            "(d_rec @ dec_W) * (hidden > 0)",
            "(d_rec @ dec_W) * hidden",
        ),
        planted("input-preactivation", "W2", "d_mid.T @ code", "d_mid.T @ pre"),
        planted("input-preactivation", "W3", "d_rec.T @ hidden", "d_rec.T @ mid"),
        planted("target-ignored", "delta3", "(rec - target)", "rec"),
        planted("bias-mean", "b1", "np.sum(d_pre, 0)", "np.mean(d_pre, 0)"),
        planted("divided-by-features", "delta3", "rows = data.shape[0]", "rows = data.shape[1]"),
    ),
)

WIDE_AND_DEEP = Implementation(
    "wide_and_deep",
    "backprop",
    (
        planted(
            "blocks-swapped",
            "delta_deep|delta_w|delta_p",
            "dboth[:, :4], dboth[:, 4:]",
            "dboth[:, 4:], dboth[:, :4]",
        ),
        planted(
            "derivative-at-activation",
            "delta_deep",
            "dd / (1 + np.exp(-z_d))",
            "dd / (1 + np.exp(-d))",
        ),
        planted(
            "derivative-formula", "delta_deep", "dd / (1 + np.exp(-z_d))", "dd / (1 + np.exp(z_d))"
        ),
        planted("derivative-formula", "delta_w", "(1 - w * w)", "(1 + w * w)"),
        planted("missing-derivative", "delta_w", "dw * (1 - w * w)", "dw"),
        planted("wrong-cache", "delta_w", "(1 - w * w)", "(1 - d * d)"),
        planted("jacobian-twice", "delta_p", "(q - y)", "(q - y) * q * (1 - q)"),
        planted("label-shift", "delta_p", "(q - y) / m", "(q - np.roll(y, 1, axis=0)) / m"),
        planted("wrong-cache", "W_w", "dz_w.T @ x", "dz_d.T @ x"),
        planted(
            "not-propagated",
            "delta_deep",
            "dd, dw = dboth[:, :4], dboth[:, 4:]",
            "dd, dw = 0 * dboth[:, :4], dboth[:, 4:]",
        ),
        planted(
            "double-batch-mean",
            "delta_p",
            "ds = SCALE * (q - y) / m",
            "ds = SCALE * (q - y) / m / m",
        ),
    ),
)

MARGINS = Implementation(
    "margins",
    "total",
    (
        planted("derivative-formula", "delta2", "np.where(y * score < 1, -y, 0.0)", "-y"),
        planted("derivative-formula", "delta2", "y * score < 1", "y * score < 0"),
        planted("mask-inverted", "delta2", "y * score < 1", "y * score > 1"),
        planted(
            "sign", "delta2", "np.where(y * score < 1, -y, 0.0)", "np.where(y * score < 1, y, 0.0)"
        ),
        planted("wrong-derivative", "delta2", "np.where(y * score < 1, -y, 0.0)", "(score - y)"),
        planted(
            "leak-lost", "delta1", "np.where(z >= 0, da, 0.01 * da)", "np.where(z >= 0, da, 0)"
        ),
        planted(
            "mask-inverted",
            "delta1",
            "np.where(z >= 0, da, 0.01 * da)",
            "np.where(z >= 0, 0.01 * da, da)",
        ),
        planted("missing-derivative", "delta1", "np.where(z >= 0, da, 0.01 * da)", "da"),
        planted("sample-dropped", "delta2", "sum(each) / len(parts)", "sum(each[1:]) / len(parts)"),
        planted("missing-batch-mean", "delta2", "sum(each) / len(parts)", "sum(each)"),
        planted(
            "bias-sum-all",
            "b1",
            "return np.outer(dz, x), dz,",
            "return np.outer(dz, x), np.full(6, dz.sum()),",
        ),
    ),
)

THIRD = (
    LAYER_OBJECTS,
    SCORES_IN_OUT,
    BARE_PYTHON,
    GATED,
    COUNTS,
    SELU_SOFT_TARGETS,
    DEEP_LOOP,
    TWO_HEADS,
    WAVES,
    PRE_NORM,
    PERCEPTRON_NUMBERS,
    RIDGE_STEPS,
    ENCODER,
    WIDE_AND_DEEP,
    MARGINS,
)
