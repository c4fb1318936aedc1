"""Which definition of a file is judged where none is named."""

import ast

import pytest

from bpsym.verify.running.choosing import gives_gradients, likeliest

PRODUCT = "return X @ W"


def file(*parts: str) -> ast.Module:
    return ast.parse("\n".join(parts))


@pytest.mark.parametrize(
    ("parts", "choice"),
    [
        (["def two_layers(W, X): " + PRODUCT], "two_layers"),
        (["def relu(u): return u", "def train_step(p, X): return relu(X) @ p"], "train_step"),
        (["def sigmoid(z): return z", "def cost_function(t, X): return X @ t"], "cost_function"),
        (
            [
                "class Linear:\n  def backward(self, d): return d @ self.W",
                "class Net:\n  def __init__(self): self.l = Linear()\n"
                "  def backward(self): return self.l.backward(1)",
            ],
            "Net",
        ),
        (
            [
                "def relu_backward(d): return d",
                "def linear_backward(d, W): return d @ W",
                "def model_backward(d, W): return relu_backward(linear_backward(d, W))",
            ],
            "model_backward",
        ),
        (
            [
                "def backprop(p, X): return X @ p",
                "def numerical_gradient(p, X): return backprop(p, X) @ p",
                "def train(p, X): return p - backprop(p, X)",
            ],
            "backprop",
        ),
        (["def grad_a(W, X): " + PRODUCT, "def grad_b(W, X): " + PRODUCT], ""),
        (["x = 1"], ""),
    ],
)
def test_the_likeliest_is_chosen(parts, choice):
    assert likeliest(file(*parts))[0] == choice


def test_where_two_are_as_likely_they_come_first():
    tree = file(
        "def relu(u): return u",
        "def backward(W, X): return relu(X) @ W",
        "def backprop(W, X): " + PRODUCT,
    )
    assert likeliest(tree) == ("", ["backward", "backprop", "relu"])


def test_the_slope_of_an_activation_is_no_backward_pass():
    tree = file("def sigmoid_grad(z): return z * (1 - z)", "def backward(W, X): " + PRODUCT)
    assert [gives_gradients(each) for each in tree.body] == [False, True]
