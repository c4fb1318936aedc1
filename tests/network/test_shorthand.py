"""Shorthand: what it stands for, how it is written back, what is refused."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpsym.errors import NetworkError
from bpsym.network import parse
from bpsym.network.catalogue.activations import ALIASES, ROWS

# spec: (canonical spec, widths, activations, loss)
SPECS = {
    "2-3-3-1": ("2-3-3-1", (2, 3, 3, 1), ("sigmoid",) * 3, "half_squared_error"),
    "2-3": ("2-3", (2, 3), ("sigmoid",), "half_squared_error"),
    "784-128:relu-10:softmax": (
        "784-128:relu-10:softmax",
        (784, 128, 10),
        ("relu", "softmax"),
        "cross_entropy",
    ),
    "784-128:relu-10:softmax,loss=cross_entropy": (
        "784-128:relu-10:softmax",
        (784, 128, 10),
        ("relu", "softmax"),
        "cross_entropy",
    ),
    "2-3-1:linear act=swish": (
        "2-3:silu-1:identity",
        (2, 3, 1),
        ("silu", "identity"),
        "half_squared_error",
    ),
    " 2-3 ,  loss=bce,,reduction=sum l2=1e-2 ": (
        "2-3,loss=binary_cross_entropy,reduction=sum,l2=0.01",
        (2, 3),
        ("sigmoid",),
        "binary_cross_entropy",
    ),
    "loss=mse 02-3:tanh": (
        "2-3:tanh,loss=mean_squared_error",
        (2, 3),
        ("tanh",),
        "mean_squared_error",
    ),
    "2-3:softmax,loss=half_squared_error": (
        "2-3:softmax,loss=half_squared_error",
        (2, 3),
        ("softmax",),
        "half_squared_error",
    ),
    "1-1:elu": ("1-1:elu", (1, 1), ("elu",), "half_squared_error"),
}


@pytest.mark.parametrize("spec", SPECS)
def test_spec(spec):
    canonical, widths, activations, loss = SPECS[spec]
    network = parse(spec)
    assert network.spec() == canonical
    assert parse(canonical) == network
    assert tuple(network.widths.values()) == widths
    assert tuple(layer.activation.name for layer in network.layers) == activations
    assert [term.kind for term in network.losses] == [loss]
    assert network.labels == tuple(map(str, range(1, len(widths))))


@pytest.mark.parametrize("name", [*(row.name for row in ROWS), *ALIASES, "softmax"])
def test_every_activation_has_a_spec(name):
    network = parse(f"3-2:{name}")
    assert network.layers[0].activation.name == ALIASES.get(name, name)
    assert parse(network.spec() or "") == network


def test_options_win_over_the_text():
    network = parse(
        "2-3-1:tanh,act=relu,loss=huber,l2=1", act="elu", loss="mse", reduction="sum", l2=0
    )
    assert network == parse("2-3:elu-1:tanh,loss=mse,reduction=sum")


def test_options_may_be_formulas():
    network = parse("2-3", act="z*sigmoid(1.7*z)", loss="sum(k, (a[k]-y[k])**4)")
    assert network.layers[0].activation.expression == "z*sigmoid(1.7*z)"
    assert network.losses[0].expression == "sum(k, (a[k]-y[k])**4)"
    assert network.spec() is None


def test_what_was_assumed_is_said():
    assert parse("2-3-1").assumed == (
        "Reduction: the mean over the samples, as none was given.",
        "Activation: sigmoid where none was given.",
        "Loss: half_squared_error, as none was given.",
    )
    assert parse("2-3:softmax,reduction=mean").assumed == (
        "Loss: cross_entropy, as none was given, after an output softmax.",
    )
    assert parse("2-3:tanh,loss=mse,reduction=mean").assumed == ()


def test_assumptions_are_not_compared():
    assert parse("2-3-1") == parse("2-3-1,act=sigmoid,loss=half_squared_error,reduction=mean")


def test_numbers_are_exact():
    assert parse("2-3,l2=0.1").l2 == Fraction(1, 10)
    assert parse("2-3", l2=0.1).l2 == Fraction(1, 10)
    assert parse("2-3,l2=1e-30").l2 == Fraction(1, 10**30)


# spec: a sign that the message must hold.
BAD = {
    "": "one list of sizes",
    " , ,": "one list of sizes",
    "2": "there is no layer",
    "act=relu": "one list of sizes",
    "2-3 4": "'2-3' and '4'",
    "2 - 3": "without spaces",
    "2-": "not a size",
    "-2": "not a size",
    "2--3": "not a size",
    "2-a": "'a'",
    "2-3:": "'3:'",
    "2-3:relu:relu": "not a size",
    "2:relu-3": "the input has no activation",
    "2-3.5": "not a size",
    "2-+3": "not a size",
    "2-\uff13": "not a size",
    "2\u20133": "not a size",
    "2-0": "1 to 1000000",
    "0-2": "1 to 1000000",
    "2-1000001": "1 to 1000000",
    "2-1000000000": "1 to 1000000",
    "2-" + "9" * 5000: "not a size",
    "1000000-1000": "too many parameters",
    "2-3:relo": "Did you mean 'relu'",
    "2-3,foo=1": "unknown key",
    "2-3,los=mse": "Did you mean 'loss'",
    "2-3,act=relu,act=tanh": "given twice",
    "2-3,loss=": "unknown loss",
    "2-3,loss=mes": "Did you mean 'mse'",
    "2-3,reduction=max": "mean or sum",
    "2-3,l2=-1": "0 or a number above",
    "2-3,l2=nan": "a number",
    "2-3,l2=inf": "a number",
    "2-3,l2=1e400": "a number",
    "2-3,l2=1e999999999999": "a number",
    "2-3,l2=__import__('os')": "a number",
    "2-3:softmax,loss=hinge": "does not suit",
    "1" + "-1" * 2001: "too many layers",
    "1-" * 10**6 + "1": "too long",
}


@pytest.mark.parametrize("spec", BAD, ids=lambda spec: ascii(spec[:30]))
def test_bad_spec(spec):
    with pytest.raises(NetworkError) as caught:
        parse(spec)
    assert BAD[spec] in str(caught.value)
    assert all(problem.way_out for problem in caught.value.problems)
    assert str(caught.value).replace("\n", "").isprintable()
    assert len(str(caught.value)) < 3000


def test_the_largest_networks_are_taken():
    assert len(parse("1" + "-1" * 2000).layers) == 2000
    assert parse("1000000-99:relu").width("1") == 99


sizes = st.integers(1, 10**3)
functions = st.sampled_from(["", ":relu", ":tanh", ":softmax", ":prelu", ":selu"])
layers = st.lists(st.builds("{}{}".format, sizes, functions), min_size=1, max_size=8)
keys = st.lists(
    st.sampled_from(["act=elu", "loss=mse", "reduction=sum", "l2=0.125", "act=gelu_tanh"]),
    unique_by=lambda key: key.split("=")[0],
)


@given(sizes, layers, keys, st.sampled_from([",", " ", ", "]))
def test_canonical_form(first, rest, extra, separator):
    network = parse(separator.join(["-".join([str(first), *rest]), *extra]))
    canonical = network.spec()
    assert canonical is not None
    assert parse(canonical) == network
    assert parse(canonical).spec() == canonical
