"""The text that people see: widths, ASCII, and what has to be in it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from bpsym.network import parse
from bpsym.network.build import BuiltNetwork, build
from bpsym.typeset.printed import printed
from bpsym.typeset.terminal.document import NARROWEST
from bpsym.typeset.terminal.tables import table_lines
from tests.typeset.networks import NAMES, derived


def rendered(
    built: BuiltNetwork,
    *,
    width: int = 80,
    color: bool = False,
    ascii_only: bool = False,
    prove: bool = False,
    **options: bool,
) -> str:
    shown = printed(built, prove=prove, **options)
    return shown.text(width=width, color=color, ascii_only=ascii_only)


def text(name: str, **options: Any) -> str:
    return rendered(derived(name)[0], **options)


@pytest.mark.parametrize("width", [NARROWEST, 80])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_longer_than_the_width(name: str, width: int) -> None:
    for options in ({"steps": True}, {"ascii_only": True}):
        lines = text(name, width=width, **options).splitlines()
        assert max(map(len, lines)) <= width
        assert all(line == line.rstrip() for line in lines)


LONG = f"""
[inputs]
{"x" * 32} = 3
[[layer]]
name = "{"h" * 32}"
kind = "equation"
equation = "g[n,i] = tanh(sum(j, {"U" * 32}[i,j]*{"x" * 32}[n,j]) + {"c" * 32}[i])"
sizes = {{ i = 4 }}
[[loss]]
of = "{"h" * 32}"
kind = "mse"
"""


@pytest.mark.parametrize("width", [NARROWEST, 80])
def test_the_longest_names_keep_to_the_width(width: int) -> None:
    built = build(parse(tomllib.loads(LONG)))
    shown = rendered(built, width=width, steps=True)
    assert max(map(len, shown.splitlines())) <= width
    assert "U" * 32 in "".join(shown.split())


@pytest.mark.parametrize("name", NAMES)
def test_plain_text_is_plain_and_says_the_same(name: str) -> None:
    shown, plain = text(name), text(name, ascii_only=True)
    assert plain.isascii()
    for heading in re.findall(r"^([A-Z].*)\n─+$", shown, flags=re.MULTILINE):
        assert re.search(rf"^{re.escape(heading)}\n-+$", plain, flags=re.MULTILINE)


def test_color_does_not_change_the_text() -> None:
    colored = text("residual", color=True, steps=True)
    assert "\x1b[1m" in colored
    assert re.sub(r"\x1b\[\d*m", "", colored) == text("residual", steps=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_gradient_and_every_delta_is_there(name: str) -> None:
    built, derivation = derived(name)
    words = text(name, ascii_only=True)
    for adjoint in derivation.adjoints:
        assert re.search(rf"\bdC/d{adjoint.tensor}(\[|\b)", words), adjoint.tensor
    for tensor in built.system.tensors.values():
        assert re.search(rf"(\b|d){tensor.name}\b", words), tensor.name


SAYS = [
    ("2-3-1", "13"),
    ("2-3-1", "z1 reaches C only through a1, and a1 only through z2."),
    ("2-3-1", "z2 reaches C only through a2, and a2 enters C directly."),
    ("2-3-1", "Reduction: the mean over the samples, as none was given."),
    ("2-3-1", "the 1/m of the mean is inside"),
    ("4-3:relu-2:softmax", "Assumed: each row of Y sums to one."),
    ("4-3:relu-2:softmax", "relu′(0) = 0"),
    ("4-3:softplus-2:identity,loss=hinge", "derivative 0 where the margin is exactly met"),
    ("4-3:softsign-2:softmax,loss=kl_divergence", "0 log 0 is 0."),
    (
        "2-3-4-1,l2=0.01",
        "W1 reaches C through z1 and R_W1: two readers, so two terms, which add up.",
    ),
    ("2-3-4-1,l2=0.01", "0.01/2 times the sum of the squares of the weights"),
    ("residual", "a_h1 through z_h2 and a_s: two readers, so two terms, which add up."),
    ("residual", "The deviations from a mean sum to zero."),
    (
        "ranking",
        "W_h and b_h reach C through z_h and z_hc: two readers, so two terms, which add up.",
    ),
    ("ranking", "those of h"),
    ("gated", "C = L1 + 0.3 L2"),
    ("weighted", "Y is one-hot: 1 in the column of the label, 0 in the others."),
    ("joined", "the derivative of the cost summed over the batch"),
    ("joined", "z*sigmoid(1.7*z)"),
    ("joined", "leaky_relu_1"),
]


@pytest.mark.parametrize(("name", "sentence"), SAYS)
def test_it_says(name: str, sentence: str) -> None:
    assert sentence in " ".join(text(name).split())


def test_a_lone_loss_with_a_weight() -> None:
    assert "C = ─── L" in text("weighted")
    assert "C = --- L" in text("weighted", ascii_only=True)


def test_no_parameters() -> None:
    built = build(parse(tomllib.loads('[inputs]\nx = 3\n[[layer]]\nkind = "softmax"\n')))
    shown = rendered(built)
    assert "Forward pass" in shown
    assert "Gradients" not in shown


def test_gradients_of_inputs() -> None:
    shown = text("2-3-1", input_grads=True)
    assert "∂C/∂X[n,j] =" in shown


def test_a_table_without_room_becomes_lists() -> None:
    heading = tuple("abcdefgh")
    rows = [["word" * 5] * 8]
    lines = table_lines(heading, rows, (), 30, "-")
    assert max(map(len, lines)) <= 30
    assert lines[0].startswith("a: word")


def test_an_empty_column_is_left_out() -> None:
    assert table_lines(("a", "b", "c"), [["1", "", "3"]], {2}, 30, "-")[0] == "a  c"


ROW = ["1", "a1\xa0(m,\xa0128)", "half-squared-error of it"]
TABLE = (("layer", "output", "what it is"), [ROW])


@pytest.mark.parametrize("width", range(12, 60))
def test_no_word_of_a_table_is_broken(width: int) -> None:
    """Lines end between words or after a hyphen; a name and its shape are parted at most there."""
    lines = table_lines(*TABLE, (), width, "-")
    assert max(map(len, lines)) <= width
    words = {"a1", "(m,\xa0128)", "a1\xa0(m,\xa0128)", "half-", "squared-", "error", "of", "it"}
    words |= {
        "squared-error",
        "half-squared-",
        "half-squared-error",
        "1",
        "what",
        "is",
    }
    words |= {"layer", "output", "layer:", "output:", "is:", ""}
    for line in lines:
        for word in line.split(" "):
            assert word in words or set(word) == {"-"}, lines


def test_chinese_cells_are_wrapped_between_characters() -> None:
    lines = table_lines(("参数", "个数"), [["一个权重矩阵", "128"]], {1}, 14, "-")
    assert [line.rstrip() for line in lines[2:]] == ["一个权重   128", "矩阵"]
