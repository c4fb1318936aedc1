"""TOML and JSON files: what they hold, what goes wrong with them."""

import json
import time
from fractions import Fraction

import pytest

from bpsym.errors import NetworkError
from bpsym.network import parse, to_json, to_toml
from bpsym.network.declare.files import from_json, from_toml, in_digits
from bpsym.network.limits import LARGEST_FILE
from bpsym.network.model import ActivationUse

TWO_HEADS = """
name = "two_heads"                      # as in the definitions, with x as wide as h1
reduction = "mean"
l2 = 0.01
[inputs]
x = 32
[[layer]]
name = "h1"
units = 32
activation = "tanh"
[[layer]]
name = "h2"
units = 32
share = "h1"
[[layer]]
name = "s"
kind = "add"
from = ["h1", "h2"]
[[layer]]
name = "gate"
kind = "equation"
equation = "g[n,i] = sigmoid(sum(j, U[i,j]*s[n,j]) + c[i]) * s[n,i]"
sizes = { }
[[layer]]
name = "p"
units = 10
activation = "softmax"
[[layer]]
name = "r"
units = 1
from = ["gate"]
[[loss]]
of = "p"
kind = "cross_entropy"
target = "label"
[[loss]]
of = "r"
kind = "huber"
delta = 1.5
weight = 0.3
target = "score"
"""


@pytest.fixture
def two_heads(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(TWO_HEADS)
    return parse(path)


def test_the_file_of_the_definitions(two_heads):
    net = two_heads
    assert net.name == "two_heads"
    assert net.l2 == Fraction(1, 100)
    assert net.labels == ("h1", "h2", "s", "gate", "p", "r")
    assert net.layer("h2").inputs == ("h1",)
    assert net.layer("h2").activation == ActivationUse("identity")
    assert net.owner("h2") == "h1"
    assert net.layer("gate").inputs == ("s",)
    assert net.layer("p").inputs == ("gate",)
    assert net.index_sizes("gate") == {"i": 32, "j": 32}
    assert [net.label(layer) for layer in net.layers] == list(net.labels)
    cross_entropy, huber = net.losses
    assert (cross_entropy.of, cross_entropy.target) == (("p",), "label")
    assert huber.options == (("delta", Fraction(3, 2)),)
    assert huber.weight == Fraction(3, 10)
    assert net.gives_distribution("p")
    assert not net.gives_distribution("r")
    assert net.parameters == {
        "W_h1": (32, 32),
        "b_h1": (32,),
        "U_g": (32, 32),
        "c_g": (32,),
        "W_p": (10, 32),
        "b_p": (10,),
        "W_r": (1, 32),
        "b_r": (1,),
    }
    assert net.spec() is None


@pytest.mark.parametrize(("write", "ending"), [(to_toml, "toml"), (to_json, "json")])
def test_round_trip(two_heads, write, ending, tmp_path):
    path = tmp_path / f"net.{ending}"
    path.write_text(write(two_heads))
    assert parse(path) == two_heads
    assert parse(str(path)) == two_heads
    assert write(parse(path)) == write(two_heads)


UNNAMED = """inputs = { x = 2 }
layer = [{ name = "h", units = 2 }, { units = 1, from = ["h"] }]
"""


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("net.toml", "net"),
        ("my net-2.toml", "my_net_2"),
        ("2-3.toml", "l2_3"),
        ("网.toml", "network"),
    ],
)
def test_a_network_without_a_name_has_that_of_its_file(file, name, tmp_path):
    (tmp_path / file).write_text(UNNAMED)
    assert parse(tmp_path / file).name == name
    (tmp_path / file).write_text('name = "own"\n' + UNNAMED)
    assert parse(str(tmp_path / file)).name == "own"


def test_what_shorthand_says_needs_no_name(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(to_toml(parse("2-3-1")))
    assert parse(path) == parse("2-3-1")


def test_json_is_json(two_heads):
    declared = json.loads(to_json(two_heads))
    assert declared["layer"][0] == {"name": "h1", "units": 32, "activation": "tanh"}
    assert declared["loss"][1]["weight"] == 0.3


def test_options_win_over_the_file(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(
        'reduction = "mean"\nloss = { kind = "huber", delta = 2, target = "t" }\n'
        '[inputs]\nx = 3\n[[layer]]\nunits = 2\n[[layer]]\nunits = 1\nactivation = "tanh"\n'
    )
    net = parse(path, act="relu", loss="mse", reduction="sum", l2="0.5")
    assert [layer.activation.name for layer in net.layers] == ["relu", "tanh"]
    assert (net.losses[0].kind, net.losses[0].target) == ("mean_squared_error", "t")
    assert (net.reduction, net.l2) == ("sum", Fraction(1, 2))


def test_one_option_cannot_replace_two_losses(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(TWO_HEADS)
    with pytest.raises(NetworkError, match="not clear which loss"):
        parse(path, loss="mse")


@pytest.mark.parametrize("text", ["a = 0.1", "a = 1e-5", "a = 123_456.5", "a = 7"])
def test_toml_numbers_are_exact(text):
    value = from_toml(text)["a"]
    assert Fraction(value) == Fraction(text[4:].replace("_", ""))


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (Fraction(1, 8), "0.125"),
        (Fraction(-3, 2), "-1.5"),
        (Fraction(7), "7"),
        (Fraction(1, 10**30), "0." + "0" * 29 + "1"),
        (Fraction(1, 3), None),
        (Fraction(1, 2**60), None),
    ],
)
def test_in_digits(value, digits):
    assert in_digits(value) == digits


def test_a_third_survives():
    net = parse("2-3", l2=Fraction(1, 3))
    assert net.spec() is None
    assert parse(from_toml(to_toml(net))) == net
    assert parse(from_json(to_json(net))) == net


# (name, content): a sign that the message must hold.
BAD_FILES = {
    ("net.toml", b"l2 = \xff"): "not UTF-8",
    ("net.json", b'{"l2": "\xe9"}'): "byte 0xe9 at position 8",
    ("net.toml", b"l2 = = 2"): "line 1",
    ("net.toml", b"[inputs]\nx = 3\nx = 4"): "overwrite a value",
    ("net.toml", b"a = [" * 100_000): "not TOML",
    ("net.toml", b"a." * 400_000 + b"a = 1"): "too many dots",
    ("net.toml", b"units = " + b"9" * 5000): "digits",
    ("net.toml", b"l2 = 1e999999999999"): "l2 is not right",
    ("net.toml", b"l2 = nan"): "l2 is not right",
    ("net.toml", b"l2 = 1979-05-27"): "l2 is not right",
    ("net.toml", b""): "there is no input",
    ("net.toml", b"# " + b"x" * LARGEST_FILE): "too large",
    ("net.json", b""): "not JSON",
    ("net.json", b"[]"): "got a list",
    ("net.json", b'{"name": "a", "name": "b"}'): "'name' stands twice",
    ("net.json", b"[" * 100_000): "not JSON",
    ("net.json", b'{"a":' * 100_000): "not JSON",
    ("net.json", b'{"l2": NaN}'): "l2 is not right",
    ("net.json", b'{"l2": -Infinity}'): "l2 is not right",
    ("net.json", b'{"l2": ' + b"9" * 100_000 + b"}"): "l2 is not right",
    ("net.json", b'{"inputs": {"x": 3},}'): "line 1 column 21",
}


@pytest.mark.parametrize(("name", "content"), BAD_FILES, ids=lambda value: ascii(value[:20]))
def test_bad_file(name, content, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    start = time.perf_counter()
    with pytest.raises(NetworkError) as caught:
        parse(path)
    assert time.perf_counter() - start < 1
    assert BAD_FILES[name, content] in str(caught.value)
    assert str(caught.value).replace("\n", "").isprintable()


def test_missing_file(tmp_path):
    with pytest.raises(NetworkError, match="no such file") as caught:
        parse(tmp_path / "net.toml")
    (problem,) = caught.value.problems
    assert "net.toml" in problem.where


def test_directory(tmp_path):
    with pytest.raises(NetworkError, match="directory"):
        parse(tmp_path.with_suffix(".toml") if tmp_path.suffix else _directory(tmp_path))


def _directory(tmp_path):
    path = tmp_path / "net.toml"
    path.mkdir()
    return path


def test_a_path_with_a_null():
    with pytest.raises(NetworkError, match="cannot be read"):
        parse("a\0b.toml")


def test_a_byte_order_mark_is_skipped(tmp_path):
    path = tmp_path / "net.json"
    path.write_bytes(b"\xef\xbb\xbf" + to_json(parse("2-3")).encode())
    assert parse(path) == parse("2-3")
