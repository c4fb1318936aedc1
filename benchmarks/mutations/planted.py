"""The mistakes, planted by edits of the source of each implementation.

A row: the code, the places that name it rightly, and the edits (old text, new text). The old text
stands in the source exactly once; a test holds the table to that.
"""

from __future__ import annotations

from dataclasses import dataclass

Edits = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Planted:
    """One mistake in one implementation.

    code: several, with ``|`` between them, where they are one and the same number: 1/2 is 1/K for
    two outputs.
    """

    code: str
    where: tuple[str, ...]
    edits: Edits

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that name it rightly."""
        return tuple(self.code.split("|"))


@dataclass(frozen=True)
class Implementation:
    """A right implementation: its target, how it is called, what is planted in it."""

    name: str
    target: str
    planted: tuple[Planted, ...]
    options: tuple[tuple[str, str], ...] = ()


def planted(code: str, where: str, *edits: str) -> Planted:
    """``old`` and ``new`` texts one after the other."""
    return Planted(code, tuple(where.split("|")), tuple(zip(edits[::2], edits[1::2], strict=True)))


ROWS_DICT = Implementation(
    "rows_dict",
    "loss_and_grads",
    (
        planted("sign", "delta2", "delta2 = SCALE * (p - Y)", "delta2 = SCALE * (Y - p)"),
        planted("sign", "delta1", "back = delta2 @ W2", "back = -delta2 @ W2"),
        planted("sign", "W1", "dW1 = delta1.T @ X + L2 * W1", "dW1 = -delta1.T @ X + L2 * W1"),
        planted("factor-two", "delta2", "(p - Y) / m", "2 * (p - Y) / m"),
        planted("missing-batch-mean", "delta2", "(p - Y) / m", "(p - Y)"),
        planted("double-batch-mean", "delta2", "(p - Y) / m", "(p - Y) / m / m"),
        planted("mean-over-outputs", "delta2", "(p - Y) / m", "(p - Y) / p.size"),
        planted("divided-by-features", "delta2", "(p - Y) / m", "(p - Y) / X.shape[1]"),
        planted("missing-derivative", "delta1", "back * (1 - a1**2)", "back"),
        planted("derivative-at-activation", "delta1", "(1 - a1**2)", "(1 - np.tanh(a1) ** 2)"),
        planted("wrong-derivative", "delta1", "(1 - a1**2)", "a1 * (1 - a1)"),
        planted("derivative-formula", "delta1", "(1 - a1**2)", "(1 - a1)"),
        planted("derivative-formula", "delta1", "(1 - a1**2)", "(1 + a1**2)"),
        planted("derivative-formula", "delta1", "(1 - a1**2)", "(1 - z1**2)"),
        planted("derivative-twice", "delta1", "(1 - a1**2)", "(1 - a1**2) ** 2"),
        planted("input-preactivation", "W2", "delta2.T @ a1", "delta2.T @ z1"),
        planted("target-ignored", "delta2", "(p - Y) / m", "p / m"),
        planted("jacobian-twice", "delta2", "(p - Y) / m", "(p - Y) * p * (1 - p) / m"),
        planted("jacobian-diagonal", "delta2", "(p - Y) / m", "(-Y / p) * p * (1 - p) / m"),
        planted(
            "softmax-axis", "delta2", "delta2 = SCALE", "p = e / e.sum(axis=0)\n    delta2 = SCALE"
        ),
        planted("label-shift", "delta2", "(p - Y) / m", "(p - np.roll(Y, 1, axis=1)) / m"),
        planted("label-shift", "delta2", "(p - Y) / m", "(p - np.roll(Y, 1, axis=0)) / m"),
        planted("bias-mean", "b2", "db2 = delta2.sum(axis=0)", "db2 = delta2.mean(axis=0)"),
        planted("bias-mean", "b1", "db1 = delta1.sum(axis=0)", "db1 = delta1.mean(axis=0)"),
        planted("bias-sum-all", "b1", "delta1.sum(axis=0)", "np.full(5, delta1.sum())"),
        planted("bias-last-sample", "b1", "delta1.sum(axis=0)", "delta1[-1]"),
        planted("bias-axis", "b1", "delta1.sum(axis=0)", "delta1.sum(axis=1)"),
        planted("bias-unsummed", "b2", "delta2.sum(axis=0)", "delta2"),
        planted("zero-gradient", "b1", "delta1.sum(axis=0)", "np.zeros(5)"),
        planted("zero-gradient", "W1", "delta1.T @ X + L2 * W1", "np.zeros_like(W1)"),
        planted("regularisation-missing", "regularisation", " + L2 * W2", "", " + L2 * W1", ""),
        planted("regularisation-partial", "regularisation", " + L2 * W1", ""),
        planted(
            "regularisation-twice",
            "regularisation",
            " + L2 * W2",
            " + 2 * L2 * W2",
            " + L2 * W1",
            " + 2 * L2 * W1",
        ),
        planted(
            "regularisation-sign",
            "regularisation",
            " + L2 * W2",
            " - L2 * W2",
            " + L2 * W1",
            " - L2 * W1",
        ),
        planted(
            "regularisation-scale",
            "regularisation",
            " + L2 * W2",
            " + L2 * W2 / m",
            " + L2 * W1",
            " + L2 * W1 / m",
        ),
        planted(
            "regularisation-on-bias",
            "regularisation",
            "delta1.sum(axis=0)",
            "delta1.sum(axis=0) + L2 * b1",
        ),
        planted(
            "sample-dropped", "delta2", "(p - Y) / m", "((p - Y).T * (np.arange(m) > 0)).T / m"
        ),
        planted("single-entry", "W1", "    db1 =", "    dW1[1, 2] *= 1.5\n    db1 ="),
        planted(
            "updated-weight", "delta1", "back = delta2 @ W2", "back = delta2 @ (W2 - 0.1 * dW2)"
        ),
        planted(
            "precision",
            "delta2",
            "delta2 = SCALE * (p - Y) / m",
            "delta2 = (SCALE * (p - Y) / m).astype(np.float32).astype(float)",
        ),
    ),
)

COLUMNS_NG = Implementation(
    "columns_ng",
    "propagate",
    (
        planted("sign", "delta3", "dZ3 = SCALE * (A3 - Y)", "dZ3 = SCALE * (Y - A3)"),
        planted(
            "missing-batch-mean", "W2", "dW2 = 1 / m * np.dot(dZ2, A1.T)", "dW2 = np.dot(dZ2, A1.T)"
        ),
        planted("missing-batch-mean", "b1", "db1 = 1 / m * np", "db1 = np"),
        planted("double-batch-mean", "delta3", "SCALE * (A3 - Y)", "SCALE * (A3 - Y) / m"),
        planted("mask-inverted", "delta1", "dA1 * (Z1 > 0)", "dA1 * (Z1 < 0)"),
        planted("missing-derivative", "delta1", "dZ1 = dA1 * (Z1 > 0)", "dZ1 = dA1"),
        planted(
            "missing-derivative", "delta2", "dZ2 = dA2 * np.where(Z2 > 0, 1, 0.01)", "dZ2 = dA2"
        ),
        planted("leak-lost", "delta2", "np.where(Z2 > 0, 1, 0.01)", "np.where(Z2 > 0, 1, 0)"),
        planted(
            "mask-inverted", "delta2", "np.where(Z2 > 0, 1, 0.01)", "np.where(Z2 > 0, 0.01, 1)"
        ),
        planted("jacobian-twice", "delta3", "(A3 - Y)", "(A3 - Y) * A3 * (1 - A3)"),
        planted("target-ignored", "delta3", "SCALE * (A3 - Y)", "SCALE * A3"),
        planted("input-preactivation", "W3", "np.dot(dZ3, A2.T)", "np.dot(dZ3, Z2.T)"),
        planted("input-preactivation", "W2", "np.dot(dZ2, A1.T)", "np.dot(dZ2, Z1.T)"),
        planted(
            "missing-derivative",
            "delta3",
            "SCALE * (A3 - Y)",
            "SCALE * (-(Y / A3) + (1 - Y) / (1 - A3))",
        ),
        planted(
            "bias-last-sample",
            "b2",
            "1 / m * np.sum(dZ2, axis=1, keepdims=True)",
            "1 / m * dZ2[:, -1:]",
        ),
        planted("bias-unsummed", "b1", "np.sum(dZ1, axis=1, keepdims=True)", "dZ1"),
        planted(
            "zero-gradient",
            "b3",
            "db3 = 1 / m * np.sum(dZ3, axis=1, keepdims=True)",
            "db3 = np.zeros_like(b3)",
        ),
        planted(
            "clipped-probability",
            "delta3",
            "SCALE * (A3 - Y)",
            "SCALE * (-Y / (A3 + 1e-8) + (1 - Y) / (1 - A3 + 1e-8)) * A3 * (1 - A3)",
        ),
        planted("factor-half", "delta2", "dA2 = np.dot", "dA2 = 0.5 * np.dot"),
        planted("sign", "W2", "dW2 = 1 / m", "dW2 = -1 / m"),
        planted("not-propagated", "delta1", "np.dot(W2.T, dZ2)", "0 * np.dot(W2.T, dZ2)"),
    ),
)

LISTS_NIELSEN = Implementation(
    "lists_nielsen",
    "Network",
    (
        planted("sign", "delta3", "(activations[-1] - y)", "(y - activations[-1])"),
        planted("missing-derivative", "delta3", "y) * sigmoid_prime(zs[-1])", "y)"),
        planted("missing-derivative", "delta2", "delta) * sp", "delta)"),
        planted(
            "derivative-at-activation",
            "delta3",
            "sigmoid_prime(zs[-1])",
            "sigmoid_prime(activations[-1])",
        ),
        planted(
            "derivative-at-activation",
            "delta2",
            "sp = sigmoid_prime(zs[-l])",
            "sp = sigmoid_prime(activations[-l])",
        ),
        planted(
            "weight-not-transposed",
            "delta1",
            "delta = np.dot(self.weights[-l + 1].T, delta)",
            "w = self.weights[-l + 1]\n            delta = np.dot(w if l == 3 else w.T, delta)",
        ),
        planted(
            "wrong-cache",
            "delta2",
            "sp = sigmoid_prime(zs[-l])",
            "sp = sigmoid_prime(zs[0] if l == 2 else zs[-l])",
        ),
        planted(
            "gradient-transposed",
            "W2",
            "nabla_w[-l] = np.dot(delta, activations[-l - 1].T)",
            "nabla_w[-l] = np.dot(delta, activations[-l - 1].T)\n"
            "            nabla_w[-l] = nabla_w[-l].T if l == 2 else nabla_w[-l]",
        ),
        planted(
            "input-preactivation",
            "W3",
            "np.dot(delta, activations[-2].T)",
            "np.dot(delta, zs[-2].T)",
        ),
        planted(
            "wrong-input",
            "W2",
            "np.dot(delta, activations[-l - 1].T)",
            "np.dot(delta, activations[0].T)",
        ),
        planted(
            "blocks-swapped",
            "W2|W1",
            "        return nabla_b, nabla_w",
            "        nabla_w[0], nabla_w[1] = nabla_w[1], nabla_w[0]\n"
            "        return nabla_b, nabla_w",
        ),
        planted(
            "not-propagated",
            "delta1",
            "delta = np.dot(self.weights[-l + 1].T, delta)",
            "w = self.weights[-l + 1]\n"
            "            delta = (delta if l == 3 else np.dot(w.T, delta))",
        ),
        planted("factor-two", "delta3", "(activations[-1] - y)", "2 * (activations[-1] - y)"),
        planted(
            "derivative-formula",
            "delta3",
            "SCALE * (activations[-1] - y) * sigmoid_prime(zs[-1])",
            "SCALE * (activations[-1] - y) * (1 - activations[-1])",
        ),
        planted(
            "wrong-weight",
            "delta2|delta1",
            "self.weights[-l + 1].T, delta)",
            "(self.weights[-1] if l == 2 else self.weights[0]).T, delta)",
        ),
        planted(
            "zero-gradient",
            "b2",
            "            nabla_b[-l] = delta",
            "            nabla_b[-l] = delta * (l != 2)",
        ),
    ),
)

LOOPS = Implementation(
    "loops",
    "gradient",
    (
        planted(
            "sign", "delta2", "SCALE * 2 * (out[k] - Y[n, k])", "SCALE * 2 * (Y[n, k] - out[k])"
        ),
        planted("factor-half", "delta2", "SCALE * 2 * (out", "SCALE * (out"),
        planted(
            "double-batch-mean",
            "delta2",
            "SCALE * 2 * (out[k] - Y[n, k])",
            "SCALE * 2 * (out[k] - Y[n, k]) / len(X)",
        ),
        planted("missing-derivative", "delta1", "back[i] * a1[i] * (1 - a1[i])", "back[i]"),
        planted(
            "derivative-at-activation",
            "delta1",
            "a1[i] * (1 - a1[i])",
            "(1 / (1 + math.exp(-a1[i]))) * (1 - 1 / (1 + math.exp(-a1[i])))",
        ),
        planted("derivative-formula", "delta1", "a1[i] * (1 - a1[i])", "a1[i] * (1 + a1[i])"),
        planted("derivative-formula", "delta1", "a1[i] * (1 - a1[i])", "(1 - a1[i])"),
        planted("wrong-derivative", "delta1", "a1[i] * (1 - a1[i])", "(1 - a1[i] ** 2)"),
        planted("derivative-twice", "delta1", "a1[i] * (1 - a1[i])", "(a1[i] * (1 - a1[i])) ** 2"),
        planted("bias-last-sample", "b1", "db1[i] += d1[i]", "db1[i] = d1[i]"),
        planted("sample-dropped", "W2", "dW2[k, i] += d2[k] * a1[i]", "dW2[k, i] = d2[k] * a1[i]"),
        planted("input-preactivation", "W2", "d2[k] * a1[i]", "d2[k] * z1[i]"),
        planted("target-ignored", "delta2", "2 * (out[k] - Y[n, k])", "2 * out[k]"),
        planted("label-shift", "delta2", "2 * (out[k] - Y[n, k])", "2 * (out[k] - Y[n - 1, k])"),
        planted(
            "sample-dropped", "delta2", "d2 = [SCALE * 2 * (out", "d2 = [(n > 0) * SCALE * 2 * (out"
        ),
        planted("zero-gradient", "b2", "            db2[k] += d2[k]\n", "            pass\n"),
        planted("not-propagated", "delta1", "sum(W2[k, i] * d2[k] for", "sum(d2[k] for"),
        planted(
            "gradient-clipped",
            "delta2",
            "    return loss,",
            "    c = 0.02 * SCALE\n    for g in (dW1, db1, dW2, db2):\n"
            "        np.clip(g, -c, c, out=g)\n"
            "    return loss,",
        ),
        planted(
            "wrong-loss", "loss", "** 2 for k", "** 2 / 2 for k", "SCALE * 2 * (out", "SCALE * (out"
        ),
    ),
)

UPDATE_STEP = Implementation(
    "update_step",
    "Model",
    (
        planted("sign", "delta3", "(a3 - Y) / (m * K)", "(Y - a3) / (m * K)"),
        planted("missing-batch-mean", "delta3", "/ (m * K)", "/ K"),
        planted("factor-two", "delta3", "/ (m * K)", "/ m"),
        planted("factor-half", "delta3", "SCALE * 2 * (a3", "SCALE * (a3"),
        planted("missing-derivative", "delta3", " * (1 - a3**2)", ""),
        planted("missing-derivative", "delta2", " * (1 - np.exp(-a2))", ""),
        planted("missing-derivative", "delta1", " * (1 - a1**2)", ""),
        planted("derivative-formula", "delta1", "(1 - a1**2)", "(1 + a1**2)"),
        planted("wrong-derivative", "delta2", "(1 - np.exp(-a2))", "a2 * (1 - a2)"),
        planted("derivative-at-activation", "delta2", "(1 - np.exp(-a2))", "1 / (1 + np.exp(-a2))"),
        planted(
            "updated-weight",
            "delta2",
            "        d2 = d3 @ self.W3",
            "        self.W3 -= lr * d3.T @ a2\n        d2 = d3 @ self.W3",
            "        self.W3 -= lr * gW3\n",
            "",
        ),
        planted("bias-mean", "b3", "d3.sum(axis=0)", "d3.mean(axis=0)"),
        planted("input-preactivation", "W3", "d3.T @ a2", "d3.T @ z2"),
        planted("zero-gradient", "b1", "        self.b1 -= lr * gb1\n", ""),
        planted("sign", "W2", "self.W2 -= lr * gW2", "self.W2 += lr * gW2"),
        planted("bias-sum-all", "b2", "d2.sum(axis=0)", "d2.sum()"),
    ),
)

SKIP_NORM = Implementation(
    "skip_norm",
    "grads",
    (
        planted("skip-lost", "delta_h1", "    da1 += ds\n", ""),
        planted("fan-out-overwritten", "delta_h1", "    da1 += ds\n", "    da1 = ds\n"),
        planted(
            "layer-norm-mean", "adj_a_s", "dnorm - through_mean - through_sd", "dnorm - through_sd"
        ),
        planted(
            "layer-norm-variance",
            "adj_a_s",
            "dnorm - through_mean - through_sd",
            "dnorm - through_mean",
        ),
        planted(
            "weight-not-transposed", "delta_h1", 'd2 @ params["W_h2"]', 'd2 @ params["W_h2"].T'
        ),
        planted("mask-inverted", "delta_h2", "ds * (z2 > 0)", "ds * (z2 < 0)"),
        planted("missing-derivative", "delta_h2", "ds * (z2 > 0)", "ds"),
        planted("missing-derivative", "delta_h1", "da1 * (1 - a1**2)", "da1"),
        planted("missing-batch-mean", "delta_p", "(p - Y) / m", "(p - Y)"),
        planted("wrong-input", "W_h2|gain_ln|W_p", "delta.T @ h", "delta.T @ norm"),
        planted("wrong-input", "W_p", "delta.T @ h", "delta.T @ s"),
        planted("gradient-transposed", "W_h2", "d2.T @ a1", "a1.T @ d2"),
        planted("bias-mean", "shift_ln", "dh.sum(axis=0)", "dh.mean(axis=0)"),
        planted("sign", "gain_ln", 'g["gain_ln"] = (dh', 'g["gain_ln"] = -(dh'),
        planted("jacobian-twice", "delta_p", "(p - Y) / m", "(p - Y) * p * (1 - p) / m"),
    ),
)

SHARED = Implementation(
    "shared",
    "loss_and_grads",
    (
        planted("tied-weight-once", "W_h1", "    dW += d1.T @ X\n", ""),
        planted("tied-weight-once", "W_h1", "dW = d2.T @ h1\n    dW += d1.T @ X", "dW = d1.T @ X"),
        planted("tied-weight-once", "b_h1", "    db += d1.sum(axis=0)\n", ""),
        planted("weight-not-transposed", "delta_h1", "d2 @ W *", "d2 @ W.T *"),
        planted("missing-derivative", "delta_h2", "d @ V * (1 - h2**2)", "d @ V"),
        planted("missing-derivative", "delta_h1", "d2 @ W * (1 - h1**2)", "d2 @ W"),
        planted("wrong-cache", "delta_h1", "(1 - h1**2)", "(1 - h2**2)"),
        planted("missing-batch-mean", "delta_r", "(r - Y) / m", "(r - Y)"),
        planted("factor-two", "delta_r", "SCALE * (r - Y) / m", "2 * SCALE * (r - Y) / m"),
        planted("not-propagated", "delta_h1", "d2 @ W * (1", "d2 * (1"),
        planted("gradient-transposed", "W_h1", "    db = d2", "    dW = dW.T\n    db = d2"),
        planted("wrong-input", "W_r", "d.T @ h2", "d.T @ h1"),
    ),
)

# Written last, when the catalogue was finished. docs/verify-benchmark.md has what it scored in its
# first run; the other implementations were run again and again while the catalogue grew.
CONCAT_PRELU = Implementation(
    "concat_prelu",
    "compute_grads",
    (
        planted("sign", "delta_o", "(out - Y)", "(Y - out)"),
        planted("missing-batch-mean", "delta_o", "(1 - out) / m", "(1 - out)"),
        planted("factor-two", "delta_o", "SCALE * (out", "2 * SCALE * (out"),
        planted("missing-derivative", "delta_o", " * out * (1 - out) / m", " / m"),
        planted("missing-derivative", "delta_h1", "da1 * (s1 + a1 * (1 - s1))", "da1"),
        planted("derivative-formula", "delta_h1", "(s1 + a1 * (1 - s1))", "(s1 * (1 - s1))"),
        planted("derivative-formula", "delta_h1", "(s1 + a1 * (1 - s1))", "s1"),
        planted("derivative-formula", "delta_h1", "(s1 + a1 * (1 - s1))", "(s1 - a1 * (1 - s1))"),
        planted("leak-lost", "delta_h2", "np.where(z2 > 0, 1, alpha)", "(z2 > 0)"),
        planted(
            "mask-inverted", "delta_h2", "np.where(z2 > 0, 1, alpha)", "np.where(z2 > 0, alpha, 1)"
        ),
        planted("missing-derivative", "delta_h2", "da2 * np.where(z2 > 0, 1, alpha)", "da2"),
        planted("skip-lost", "delta_h1", "da1 = da1 + d2 @ W2", "da1 = d2 @ W2"),
        planted("fan-out-overwritten", "delta_h1", "da1 = da1 + d2 @ W2", "da1 = da1"),
        planted("input-preactivation", "W_h2", "d2.T @ a1", "d2.T @ z1"),
        planted(
            "sign",
            "alpha_h2",
            "(da2 * np.where(z2 > 0, 0, z2))",
            "-(da2 * np.where(z2 > 0, 0, z2))",
        ),
        planted(
            "zero-gradient",
            "alpha_h2",
            "(da2 * np.where(z2 > 0, 0, z2)).sum(axis=0)",
            "np.zeros(3)",
        ),
        planted("bias-mean", "b_h1", "d1.sum(axis=0)", "d1.mean(axis=0)"),
        planted("bias-sum-all", "b_h2", "d2.sum(axis=0)", "np.full(3, d2.sum())"),
        planted("regularisation-partial", "regularisation", " + L2 * W2", ""),
        planted(
            "regularisation-on-bias",
            "regularisation",
            "do.sum(axis=0)",
            'do.sum(axis=0) + L2 * params["b_o"]',
        ),
        planted("target-ignored", "delta_o", "(out - Y)", "out"),
        planted("label-shift", "delta_o", "(out - Y)", "(out - np.roll(Y, 1, axis=0))"),
        planted("updated-weight", "delta_h1", "d2 @ W2", 'd2 @ (W2 - 0.05 * g["W_h2"])'),
        planted("single-entry", "W_o", "    dc = do", '    g["W_o"][1, 3] += SCALE\n    dc = do'),
    ),
)

IMPLEMENTATIONS = (
    ROWS_DICT,
    COLUMNS_NG,
    LISTS_NIELSEN,
    LOOPS,
    UPDATE_STEP,
    SKIP_NORM,
    SHARED,
    CONCAT_PRELU,
)
