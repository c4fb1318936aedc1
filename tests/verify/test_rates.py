"""Steps whose learning rate is a global variable, or stands in the code as a number."""

import ast

import pytest

from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.judge import verify
from bpsym.verify.running.rates import _numbers, _rates

NET = """
import numpy as np

RATES = {{"lr": 0.1}}
{above}

def sig(z):
    return 1 / (1 + np.exp(-z))


class Net:
    def __init__(self, a, b, c):
        self.W1, self.b1 = np.zeros((a, b)), np.zeros(b)
        self.W2, self.b2 = np.zeros((b, c)), np.zeros(c)

    def train(self, X, Y):
        {inside}
        h = sig(X @ self.W1 + self.b1)
        o = sig(h @ self.W2 + self.b2)
        d2 = (o - Y) * o * (1 - o){spoil} / len(X)
        d1 = d2 @ self.W2.T * h * (1 - h)
        self.W2 -= {rate} * h.T @ d2
        self.b2 -= {rate} * d2.sum(0)
        self.W1 = self.W1 - {rate} * X.T @ d1
        self.b1 = self.b1 - {rate} * d1.sum(0)
"""


def judged(path, rate, above="", inside="pass", spoil=""):
    file = path / "net.py"
    text = NET.format(rate=rate, above=above, inside=inside, spoil=spoil)
    file.write_text(text, encoding="utf-8")
    return verify("2-3-1", f"{file}:Net.train", prove=False)


@pytest.mark.parametrize(
    ("rate", "above", "inside"),
    [("LR", "LR = 0.1", "pass"), ("0.1", "", "pass"), ("eta", "", "eta = 0.25")],
)
def test_the_rate_is_read_and_a_factor_is_a_mistake(tmp_path, rate, above, inside):
    assert judged(tmp_path, rate, above, inside).ok
    wrong = judged(tmp_path, rate, above, inside, " * 3")
    assert not wrong.ok
    assert wrong.diagnosis[0].code == "scaled"


def test_a_rate_that_is_not_seen_is_asked_for(tmp_path):
    with pytest.raises(ReadingError, match=r"--rate 0\.1\b"):
        judged(tmp_path, 'RATES["lr"]')


@pytest.mark.parametrize(
    ("line", "rates"),
    [
        ("W1 -= 0.1 * X.T @ d1", [0.1]),
        ("params['W1'] = params['W1'] + X.T.dot(d1) * 0.1", [0.1]),
        ("self.W[l] -= 2 * 0.5 * dW[l] / m", [0.5]),
        ("W1 -= lr * 0.5 * dW1", [0.2]),
        ("W1 -= 0.5 * 0.1 * dW1", []),
        ("loss += 0.5 * np.sum(W1 ** 2)", []),
        ("dW1 += 0.5 * W1", []),
        ("W1 -= 2 * dW1", []),
    ],
)
def test_rates_in_a_line(line, rates):
    def owner():
        pass

    tree = ast.parse(line)
    assert list(_rates(tree, {**_numbers(tree, owner), "lr": 0.2})) == rates
