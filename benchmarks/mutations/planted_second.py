"""Ten more implementations, and mistakes planted with little of the search read.

docs/verify-benchmark.md has what they scored in their first run.
"""

from __future__ import annotations

from planted import Implementation, planted

OUTER_LOOP = Implementation(
    "outer_loop",
    "grad",
    (
        planted("missing-derivative", "delta1", "        d1[z1 <= 0] = 0\n", ""),
        planted("mask-inverted", "delta1", "d1[z1 <= 0]", "d1[z1 > 0]"),
        planted("sample-dropped", "W2", "gW2 += np.outer(d2, h)", "gW2 = np.outer(d2, h)"),
        planted("bias-last-sample", "b1", "        gb1 += d1", "        gb1 = d1"),
        planted("target-ignored", "delta2", "        d2[t[n]] -= 1\n", ""),
        planted("label-shift", "delta2", "d2[t[n]] -= 1", "d2[t[n] - 1] -= 1"),
        planted("missing-batch-mean", "b1", "gb1 / N,", "gb1,"),
        planted("input-preactivation", "W2", "np.outer(d2, h)", "np.outer(d2, z1)"),
        planted("jacobian-twice", "delta2", "d2 *= SCALE", "d2 *= SCALE * p * (1 - p)"),
        planted(
            "sign",
            "delta2",
            "        d2 = p.copy()\n        d2[t[n]] -= 1\n",
            "        d2 = -p\n        d2[t[n]] += 1\n",
        ),
        planted(
            "target-ignored",
            "delta2",
            "d2 = p.copy()\n        d2[t[n]] -= 1",
            "d2 = p.copy()\n        d2[t[n]] = p[t[n]]",
        ),
    ),
)

COLUMNS_GELU_HUBER = Implementation(
    "columns_gelu_huber",
    "backprop",
    (
        planted(
            "derivative-formula",
            "delta2|delta1",
            "(cdf(Z2) + Z2 * pdf(Z2))",
            "cdf(Z2)",
            "(cdf(Z1) + Z1 * pdf(Z1))",
            "cdf(Z1)",
        ),
        planted("derivative-formula", "delta1", "(cdf(Z1) + Z1 * pdf(Z1))", "cdf(Z1)"),
        planted("derivative-formula", "delta1", "(cdf(Z1) + Z1 * pdf(Z1))", "(cdf(Z1) + pdf(Z1))"),
        planted(
            "derivative-at-activation",
            "delta2",
            "(cdf(Z2) + Z2 * pdf(Z2))",
            "(cdf(A2) + A2 * pdf(A2))",
        ),
        planted("wrong-derivative", "delta1", "(cdf(Z1) + Z1 * pdf(Z1))", "(Z1 > 0)"),
        planted("missing-derivative", "delta1", " * (cdf(Z1) + Z1 * pdf(Z1))", ""),
        planted(
            "derivative-twice",
            "delta2",
            "(cdf(Z2) + Z2 * pdf(Z2))",
            "(cdf(Z2) + Z2 * pdf(Z2)) ** 2",
        ),
        planted("derivative-formula|wrong-derivative", "delta3", "np.clip(E, -1, 1)", "E"),
        planted("wrong-derivative", "delta3", "np.clip(E, -1, 1)", "np.sign(E)"),
        planted("missing-batch-mean", "W2", "D2 @ A1.T / m", "D2 @ A1.T"),
        planted(
            "missing-batch-mean",
            "delta3",
            "D3 @ A2.T / m",
            "D3 @ A2.T",
            "D3.sum(axis=1, keepdims=True) / m",
            "D3.sum(axis=1, keepdims=True)",
            "D2 @ A1.T / m",
            "D2 @ A1.T",
            "D2.sum(axis=1, keepdims=True) / m",
            "D2.sum(axis=1, keepdims=True)",
            "D1 @ X.T / m",
            "D1 @ X.T",
            "D1.sum(axis=1, keepdims=True) / m",
            "D1.sum(axis=1, keepdims=True)",
        ),
        planted(
            "bias-mean",
            "b2",
            "D2.sum(axis=1, keepdims=True) / m",
            "D2.mean(axis=1, keepdims=True) / m",
        ),
    ),
)

REVERSED_LISTS = Implementation(
    "reversed_lists",
    "compute_gradients",
    (
        planted(
            "jacobian-twice",
            "delta3",
            "(out - Y) / n_samples",
            "(out - Y) * out * (1 - out) / n_samples",
        ),
        planted("missing-derivative", "delta2", " * (1 - activations[i] ** 2)", ""),
        planted(
            "wrong-cache",
            "delta2|delta1",
            "(1 - activations[i] ** 2)",
            "(1 - activations[max(i - 1, 1)] ** 2)",
        ),
        planted(
            "regularisation-sign", "regularisation", "+ LAM * weights[i]", "- LAM * weights[i]"
        ),
        planted(
            "regularisation-scale",
            "regularisation",
            "+ LAM * weights[i]",
            "+ LAM / n_samples * weights[i]",
        ),
        planted(
            "regularisation-twice", "regularisation", "+ LAM * weights[i]", "+ 2 * LAM * weights[i]"
        ),
        planted("bias-mean", "b3", "np.sum(error, axis=0)", "np.mean(error, axis=0)"),
        planted(
            "weight-not-transposed",
            "delta1",
            "(error @ weights[i].T)",
            "(error @ (weights[i] if i == 1 else weights[i].T))",
        ),
        planted(
            "wrong-input",
            "W3|W2",
            "activations[i].T @ error",
            "activations[i - 1 if i == 2 else i].T @ error",
        ),
        planted(
            "derivative-at-activation",
            "delta2",
            "(1 - activations[i] ** 2)",
            "(1 - np.tanh(activations[i]) ** 2)",
        ),
        planted(
            "wrong-derivative",
            "delta2",
            "(1 - activations[i] ** 2)",
            "activations[i] * (1 - activations[i])",
        ),
    ),
)

HARD_ROWS = Implementation(
    "hard_rows",
    "loss_and_gradient",
    (
        planted("derivative-formula", "delta1", "((z1 > -3) & (z1 < 3)) / 6", "1 / 6"),
        planted("missing-derivative", "delta1", "    d1 = d1 * ((z1 > -3) & (z1 < 3)) / 6\n", ""),
        planted("wrong-derivative", "delta1", "((z1 > -3) & (z1 < 3)) / 6", "(a1 * (1 - a1))"),
        planted(
            "derivative-formula|scaled",
            "delta1",
            "((z1 > -3) & (z1 < 3)) / 6",
            "((z1 > -3) & (z1 < 3))",
        ),
        planted("derivative-formula", "delta1", "((z1 > -3) & (z1 < 3)) / 6", "(z1 > -3) / 6"),
        planted("leak-lost", "delta2", "np.where(z2 > 0, 1.0, 0.01)", "(z2 > 0)"),
        planted("missing-derivative", "delta2", "    d2 = d2 * np.where(z2 > 0, 1.0, 0.01)\n", ""),
        planted("wrong-derivative", "delta2", "np.sign(r) / batch", "r / batch"),
        planted("wrong-derivative", "delta2", "np.sign(r) / batch", "2 * r / batch"),
        planted("sign", "W1", "(d1.T @ X,", "(-d1.T @ X,"),
        planted("gradient-transposed", "W2", "d2.T @ a1,", "a1.T @ d2,"),
    ),
)

HINGE_CLASS = Implementation(
    "hinge_class",
    "Classifier",
    (
        planted("derivative-formula", "delta2", " * violated", ""),
        planted(
            "mask-inverted", "delta2", "(1 - y * self.scores) > 0", "(1 - y * self.scores) < 0"
        ),
        planted(
            "derivative-formula", "delta2", "(1 - y * self.scores) > 0", "(y * self.scores) < 0"
        ),
        planted("sign", "delta2", "-SCALE * y * violated", "SCALE * y * violated"),
        planted("target-ignored", "delta2", "-SCALE * y * violated", "-SCALE * violated"),
        planted("missing-derivative", "delta1", "dpre = dhidden * self.mask", "dpre = dhidden"),
        planted("missing-batch-mean", "delta2", "violated / n", "violated"),
        planted(
            "regularisation-partial", "regularisation", "dot(dpre) + 0.01 * self.W1", "dot(dpre)"
        ),
        planted(
            "regularisation-twice",
            "regularisation",
            "dot(dpre) + 0.01 *",
            "dot(dpre) + 0.02 *",
            "dot(dscores) + 0.01 *",
            "dot(dscores) + 0.02 *",
        ),
        planted(
            "input-preactivation", "W2", "self.hidden.T.dot(dscores)", "self.pre.T.dot(dscores)"
        ),
        planted(
            "regularisation-on-bias",
            "regularisation",
            "dpre.sum(axis=0, keepdims=True)",
            "dpre.sum(axis=0, keepdims=True) + 0.01 * self.b1",
        ),
    ),
)

RESIDUAL_BLOCK = Implementation(
    "residual_block",
    "backward",
    (
        planted("skip-lost|fan-out-overwritten", "delta_stem", "dh = ds + dz2", "dh = dz2"),
        planted(
            "fan-out-overwritten|skip-lost|not-propagated",
            "delta_stem",
            'dh = ds + dz2 @ params["W_block"]',
            "dh = ds",
        ),
        planted("factor-half", "delta_out", "SCALE * 2.0 * (out", "SCALE * (out"),
        planted("factor-two|mean-over-outputs", "delta_out", "(N * K)", "N"),
        planted("derivative-formula", "delta_stem", "s + z * s * (1 - s)", "s + z * (1 - s)"),
        planted(
            "derivative-formula|wrong-derivative",
            "delta_stem",
            "s + z * s * (1 - s)",
            "z * s * (1 - s)",
        ),
        planted("derivative-formula|wrong-derivative", "delta_stem", "s + z * s * (1 - s)", "s"),
        planted("derivative-at-activation", "delta_stem", "swish_grad(z1)", "swish_grad(h)"),
        planted("missing-derivative", "delta_block", "dz2 = ds * (1 - f**2)", "dz2 = ds"),
        planted("wrong-input", "W_out", "dout.T @ s", "dout.T @ f"),
        planted(
            "weight-not-transposed",
            "delta_stem",
            'dz2 @ params["W_block"]',
            'dz2 @ params["W_block"].T',
        ),
        planted("derivative-formula|wrong-cache", "delta_block", "(1 - f**2)", "(1 - s**2)"),
    ),
)

UNROLLED = Implementation(
    "unrolled",
    "bptt",
    (
        planted("tied-weight-once", "W_t1", "dW += dt", "dW = dt"),
        planted("tied-weight-once", "b_t1", "db += dt", "db = dt"),
        planted("not-propagated", "delta_t1", "in (3, 2, 1)", "in (3, 2)"),
        planted("missing-derivative", "delta_t3|delta_t2", "dt = dh * (1 - hs[t] ** 2)", "dt = dh"),
        planted("weight-not-transposed", "delta_t2", "dh = W.T @ dt", "dh = W @ dt"),
        planted("wrong-input", "W_t1", "dt @ hs[t - 1].T", "dt @ hs[t].T"),
        planted("wrong-input", "W_t1", "dt @ hs[t - 1].T", "dt @ X.T"),
        planted("target-ignored", "delta_o", "(prob - Y)", "prob"),
        planted(
            "softmax-axis",
            "delta_o",
            "np.exp(z).sum(axis=0)",
            "np.exp(z).sum(axis=1, keepdims=True)",
        ),
        planted("not-propagated", "delta_t2", "dh = W.T @ dt", "dh = dt"),
        planted("wrong-cache", "delta_t3|delta_t2", "(1 - hs[t] ** 2)", "(1 - hs[t - 1] ** 2)"),
        planted(
            "bias-sum-all", "b_o", "dz.sum(axis=1, keepdims=True)", "np.full_like(c, dz.sum())"
        ),
    ),
)

NORM_THREE_TERMS = Implementation(
    "norm_three_terms",
    "Normed",
    (
        planted("layer-norm-mean", "delta_h", " + dmu / D\n", "\n"),
        planted("layer-norm-variance", "delta_h", " + dvar * 2.0 * (a - mu) / D", ""),
        planted("scale-missing", "adj_sd_norm", "-0.5 * std_inv**3", "-0.5 * std_inv"),
        planted("sign", "adj_sd_norm", "-0.5 * std_inv**3", "0.5 * std_inv**3"),
        planted(
            "factor-half", "delta_h|adj_sd_norm", "dvar * 2.0 * (a - mu) / D", "dvar * (a - mu) / D"
        ),
        planted(
            "scale-missing",
            "delta_h",
            "dvar * 2.0 * (a - mu) / D + dmu / D",
            "dvar * 2.0 * (a - mu) + dmu",
        ),
        planted("wrong-input|input-preactivation", "gain_norm", "(dy * xhat)", "(dy * y)"),
        planted("wrong-input|input-preactivation", "gain_norm", "(dy * xhat)", "(dy * a)"),
        planted("scale-missing", "adj_norm_norm", 'dxhat = dy * p["gain_norm"]', "dxhat = dy"),
        planted("missing-derivative", "delta_h", "dz = da * (1 - a**2)", "dz = da"),
        planted("wrong-input", "W_o", "dout.T @ y", "dout.T @ xhat"),
        planted("bias-mean", "shift_norm", "dy.sum(axis=0)", "dy.mean(axis=0)"),
    ),
)

EINSUM_PRELU = Implementation(
    "einsum_prelu",
    "grads",
    (
        planted("leak-lost", "delta1", "np.where(u > 0, 1, s1)", "(u > 0)"),
        planted("missing-derivative", "delta1", "    g = g * np.where(u > 0, 1, s1)\n", ""),
        planted("mask-inverted", "delta1", "np.where(u > 0, 1, s1)", "np.where(u < 0, 1, s1)"),
        planted("mask-inverted", "alpha1", "np.minimum(u, 0)", "np.maximum(u, 0)"),
        planted("derivative-formula", "alpha1", "np.minimum(u, 0)", "u"),
        planted(
            "double-batch-mean", "delta2", "e = SCALE * (w - Y)", "e = SCALE * (w - Y) / len(X)"
        ),
        planted("input-preactivation", "W2", "e, v)", "e, u)"),
        planted(
            "zero-gradient",
            "alpha1",
            'np.einsum("ni,ni->i", g, np.minimum(u, 0))',
            "np.zeros_like(s1)",
        ),
        planted("bias-sum-all", "b1", 'np.einsum("ni->i", g)', 'np.full(5, np.einsum("ni->", g))'),
        planted("sign", "alpha1", "np.minimum(u, 0)", "np.maximum(-u, 0)"),
    ),
)

SGD_ELU = Implementation(
    "sgd_elu",
    "MLP.train",
    (
        planted(
            "updated-weight",
            "delta2",
            "        d2 = d3 @ self.w3.T",
            "        self.w3 -= self.lr * a2.T @ d3\n        d2 = d3 @ self.w3.T",
            "        self.w3 -= self.lr * a2.T @ d3\n        self.b3",
            "        self.b3",
        ),
        planted(
            "derivative-formula",
            "delta1",
            "return np.where(z > 0, 1, np.exp(z))",
            "return np.where(z > 0, 1, np.exp(z) - 1)",
        ),
        planted(
            "derivative-formula|leak-lost|wrong-derivative",
            "delta1",
            "return np.where(z > 0, 1, np.exp(z))",
            "return np.where(z > 0, 1, 0)",
        ),
        planted("derivative-at-activation", "delta1", "self.d_elu(z1)", "self.d_elu(a1)"),
        planted(
            "derivative-formula",
            "delta1",
            "return np.where(z > 0, 1, np.exp(z))",
            "return np.exp(z)",
        ),
        planted("missing-derivative", "delta2", "self.w3.T * a2 * (1 - a2)", "self.w3.T"),
        planted("sign", "delta2", "self.w3.T * a2 * (1 - a2)", "self.w3.T * a2 * (a2 - 1)"),
        planted(
            "derivative-formula", "delta2", "self.w3.T * a2 * (1 - a2)", "self.w3.T * z2 * (1 - z2)"
        ),
        planted("sign", "delta3", "(z3 - Y) / X", "(Y - z3) / X"),
        planted("missing-batch-mean", "delta3", " / X.shape[0]", ""),
        planted("divided-by-features", "delta3", "X.shape[0]", "X.shape[1]"),
        planted("weight-not-transposed", "delta1", "d2 @ self.w2.T", "d2 @ self.w2"),
        planted("bias-last-sample", "b2", "d2.sum(axis=0)", "d2[-1]"),
        planted(
            "missing-derivative",
            "delta1",
            "d1 = d2 @ self.w2.T",
            "d1 = d3 @ self.w3.T @ self.w2.T",
        ),
    ),
)

SECOND = (
    OUTER_LOOP,
    COLUMNS_GELU_HUBER,
    REVERSED_LISTS,
    HARD_ROWS,
    HINGE_CLASS,
    RESIDUAL_BLOCK,
    UNROLLED,
    NORM_THREE_TERMS,
    EINSUM_PRELU,
    SGD_ELU,
)
