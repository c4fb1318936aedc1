"""The model: Python's way in, order, widths, shapes, what losses take."""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpsym.errors import NetworkError
from bpsym.network import parse, to_json, to_toml
from bpsym.network.catalogue.kinds import KINDS
from bpsym.network.declare.files import from_json, from_toml
from bpsym.network.declare.layers import (
    activation,
    add,
    concat,
    dense,
    equation,
    layer_norm,
    loss_term,
    multiply,
    softmax,
)
from bpsym.network.model import Network


def test_python_reads_like_a_file():
    built = Network(
        inputs={"x": 5},
        layers=[
            dense(3, name="h1", activation="tanh"),
            dense(3, name="h2", reads="x", share="h1", activation="tanh"),
            add("h1", "h2", name="s"),
            layer_norm(epsilon=0.001),
            equation("g[n,i] = c[i]*s[n,i]", name="gate"),
            multiply("4", "gate", activation={"name": "elu", "alpha": 0.5}),
            concat("6", "x"),
            activation("softplus"),
            dense(4, bias=False),
            softmax(),
        ],
        loss=loss_term("ce", weight=2, targets="labels"),
        reduction="sum",
    )
    read = parse(
        from_toml(
            """
            reduction = "sum"
            loss = { kind = "cross_entropy", weight = 2, targets = "labels" }
            [inputs]
            x = 5
            [[layer]]
            name = "h1"
            units = 3
            activation = "tanh"
            [[layer]]
            name = "h2"
            from = "x"
            units = 3
            share = "h1"
            activation = "tanh"
            [[layer]]
            name = "s"
            kind = "add"
            from = ["h1", "h2"]
            [[layer]]
            kind = "layer_norm"
            epsilon = 0.001
            [[layer]]
            name = "gate"
            kind = "equation"
            equation = "g[n,i] = c[i]*s[n,i]"
            [[layer]]
            kind = "multiply"
            from = ["4", "gate"]
            activation = { name = "elu", alpha = 0.5 }
            [[layer]]
            kind = "concat"
            from = ["6", "x"]
            [[layer]]
            kind = "activation"
            activation = "softplus"
            [[layer]]
            units = 4
            bias = false
            [[layer]]
            kind = "softmax"
            """
        )
    )
    assert built == read
    assert hash(built) == hash(read)
    assert built.widths == {
        "x": 5, "h1": 3, "h2": 3, "s": 3, "4": 3, "gate": 3, "6": 3, "7": 8, "8": 8, "9": 4, "10": 4
    }  # fmt: skip
    assert built.parameters == {
        "W_h1": (3, 5),
        "b_h1": (3,),
        "gain2": (3,),
        "shift2": (3,),
        "c_g": (3,),
        "W4": (4, 8),
    }
    assert list(built.parameters) == ["W_h1", "b_h1", "gain2", "shift2", "c_g", "W4"]


def test_a_network_is_a_value():
    net = parse("2-3-1")
    with pytest.raises(FrozenInstanceError):
        net.l2 = Fraction(1)
    assert net.parameters
    for twin in (copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin == net
    assert replace(net, l2=0.5) == parse("2-3-1,l2=0.5")
    assert replace(net, l2=0.5).assumed == net.assumed
    assert len({net, parse("2-3-1"), parse("2-3-2")}) == 2


def test_every_network_is_checked():
    net = parse("2-3-1")
    with pytest.raises(NetworkError, match="units is not right"):
        replace(net, layers=(replace(net.layers[0], units=0), *net.layers[1:]))


@pytest.mark.parametrize(
    ("inputs", "layers"), [(None, []), (3, 3), ([("x", 2)], None), ([3], [dense(3)]), ({}, "h")]
)
def test_nonsense_is_reported(inputs, layers):
    with pytest.raises(NetworkError):
        Network(inputs, layers)


def test_layers_are_put_in_order():
    net = parse(
        {
            "inputs": {"x": 2},
            "layer": [
                {"name": "o", "units": 1, "from": "s"},
                {"name": "s", "kind": "add", "from": ["2nd", "1st"]} | {"from": ["4", "first"]},
                {"name": "first", "units": 3, "from": "x"},
                {"units": 3, "from": "first"},
            ],
        }
    )
    assert net.labels == ("first", "2", "s", "o")
    assert net.layer("s").inputs == ("2", "first")
    assert net.parameters == {
        "W_first": (3, 2), "b_first": (3,), "W2": (3, 3), "b2": (3,), "W_o": (1, 3), "b_o": (1,)
    }  # fmt: skip
    assert parse(from_toml(to_toml(net))) == net


def test_positions_count_layers_with_parameters():
    net = Network(
        {"x": 2},
        [
            dense(3, activation="prelu"),
            softmax(),
            dense(4, name="h"),
            layer_norm(),
            activation("prelu"),
            dense(4, share="h", reads="2"),
            concat("5", "6"),
            dense(1, bias=False),
        ],
    )
    assert net.parameters == {
        "W1": (3, 2),
        "b1": (3,),
        "alpha1": (3,),
        "W_h": (4, 3),
        "b_h": (4,),
        "gain3": (4,),
        "shift3": (4,),
        "alpha4": (4,),
        "W5": (1, 8),
    }


# equation: (declared sizes, width, indices, shapes of parameters); s is 4 wide, t 5.
EQUATIONS = {
    "g[n,i] = s[n,i]": ({}, 4, {"i": 4}, {}),
    "g[n,i] = sum(j, U[i,j]*s[n,j])": ({"i": 6}, 6, {"i": 6, "j": 4}, {"U_g": (6, 4)}),
    "g[n,i] = sum(j, U[i,j]*s[n,j]) + sum(k, V[i,k]*t[n,k])": (
        {"i": 3},
        3,
        {"i": 3, "j": 4, "k": 5},
        {"U_g": (3, 4), "V_g": (3, 5)},
    ),
    "g[n,i] = sum(j, U[i,j]*t[n,j]) * s[n,i]": (
        {},
        4,
        {"i": 4, "j": 5},
        {"U_g": (4, 5)},
    ),
    "g[n,i] = sum(r, V[i,r]*tanh(sum(j, U[r,j]*s[n,j]))) + c[i]": (
        {"i": 2, "r": 3},
        2,
        {"i": 2, "r": 3, "j": 4},
        {"V_g": (2, 3), "U_g": (3, 4), "c_g": (2,)},
    ),
    "g[n,i] = sum(j, U[i,j]*s[n,j]) + sum(k, U[i,k])": (
        {"i": 2},
        2,
        {"i": 2, "j": 4, "k": 4},
        {"U_g": (2, 4)},
    ),
    "g[n,t1] = sum(r, w[r]*s[n,t1+r-1])": (
        {"t1": 2, "r": 3},
        2,
        {"t1": 2, "r": 3},
        {"w_g": (3,)},
    ),
}


@pytest.mark.parametrize("text", EQUATIONS)
def test_sizes_of_an_equation(text):
    sizes, width, indices, parameters = EQUATIONS[text]
    reads = [name for name in "st" if f"{name}[n" in text]
    net = Network({name: {"s": 4, "t": 5}[name] for name in reads}, [equation(text, sizes=sizes)])
    assert net.layers[0].name == "g"
    assert net.layers[0].inputs == tuple(sorted(reads, key=lambda name: text.index(f"{name}[n")))
    assert net.width("g") == width
    assert net.index_sizes("g") == indices
    assert net.parameters == parameters


# loss of one output: the activations it takes without a word.
SUITS = {
    "half_squared_error": ("identity", "sigmoid", "tanh", "relu", "softmax"),
    "binary_cross_entropy": ("sigmoid", "hard_sigmoid", "gaussian", "softmax"),
    "cross_entropy": ("softmax",),
    "kl_divergence": ("softmax",),
    "poisson": ("softplus", "sigmoid", "gaussian"),
    "hinge": ("identity", "tanh"),
}


@pytest.mark.parametrize("loss", SUITS)
def test_losses_that_suit(loss):
    for name in SUITS[loss]:
        net = parse(f"2-3:{name},loss={loss},reduction=mean")
        assert net.assumed == ()


def test_what_cannot_be_told_is_assumed():
    net = parse("2-3,loss=bce,reduction=mean", act="z*tanh(z)")
    assert net.assumed == (
        "The output of '1' is taken to give values between 0 and 1, for binary_cross_entropy.",
    )
    own = equation("p[n,k] = exp(x[n,k])/sum(r, exp(x[n,r]))")
    assert Network({"x": 3}, [own], loss="ce", reduction="mean").assumed == (
        "The output of 'p' is taken to give a distribution, for cross_entropy.",
    )


def test_values_pass_through_layers_without_parameters():
    two = [dense(3, name="a", activation="sigmoid"), dense(3, name="b", activation="sigmoid")]
    sound = Network({"x": 3}, [*two, multiply("a", "b")], loss="poisson", reduction="sum")
    assert sound.assumed == ()
    with pytest.raises(NetworkError, match="does not suit"):
        Network({"x": 3}, [*two, add("a", "b")], loss="bce")
    tanh = dense(3, name="b", activation="tanh")
    with pytest.raises(NetworkError, match="real values"):
        Network({"x": 3}, [two[0], tanh, add("a", "b")], loss="poisson")


def test_max_margin():
    net = Network(
        {"x": 3, "xc": 3},
        [
            dense(4, name="h", reads="x", activation="tanh"),
            dense(1, name="s"),
            dense(4, name="hc", reads="xc", share="h", activation="tanh"),
            dense(1, name="sc", share="s"),
        ],
        loss=loss_term("max_margin", of=("s", "sc")),
    )
    (loss,) = net.losses
    assert (loss.target, loss.of, loss.options) == (None, ("s", "sc"), (("margin", Fraction(1)),))
    assert list(net.parameters) == ["W_h", "b_h", "W_s", "b_s"]


def test_sharing_goes_to_the_owner():
    net = Network(
        {"x": 3},
        [
            dense(3, name="c", share="b", reads="x"),
            dense(3, name="b", share="a", reads="a"),
            dense(3, name="a", reads="x"),
            add("b", "c"),
        ],
    )
    assert net.labels == ("a", "c", "b", "4")
    assert [net.owner(label) for label in net.labels] == ["a", "a", "a", "4"]
    assert list(net.parameters) == ["W_a", "b_a"]


def test_a_loss_without_a_target():
    net = parse("2-3", loss="sum(k, a[k]**2)/K")
    assert net.losses[0].target is None


names = st.sampled_from(["sigmoid", "relu", "prelu", "softmax", "gelu"])
activations = st.one_of(
    names,
    st.fractions(0, 3, max_denominator=60).map(lambda a: {"name": "leaky_relu", "alpha": a}),
    st.sampled_from(["z*sigmoid(1.7*z)", "max(z, -0.25)"]).map(lambda text: {"expression": text}),
)


@st.composite
def declarations(draw):
    """Sound declarations: layers read any layers before them, a last one reads what is left."""
    width = draw(st.integers(2, 6))  # a softmax over one unit is refused
    inputs = {f"x{k}": width for k in range(draw(st.integers(1, 3)))}
    labels, unread, declared = list(inputs), set(inputs), []
    for position in range(1, draw(st.integers(1, 6)) + 1):
        kind = draw(st.sampled_from([kind for kind in (*KINDS, "equation") if kind != "concat"]))
        layer = {"kind": kind}
        label = str(position)
        if kind == "equation" or draw(st.booleans()):
            label = layer["name"] = f"h{position}"
        if kind in ("add", "multiply"):
            sources = draw(st.lists(st.sampled_from(labels), min_size=2, max_size=4))
        elif kind == "equation":
            named = [each for each in labels if not each.isdigit()]
            sources = [draw(st.sampled_from(named))]
            layer["equation"] = f"{label}[n,i] = c[i]*{sources[0]}[n,i]"
        else:
            sources = [draw(st.sampled_from(labels))]
        layer["from"] = sources
        if kind == "dense":
            layer |= {"units": width, "bias": draw(st.booleans())}
        if kind == "layer_norm":
            layer["epsilon"] = draw(st.sampled_from(["1/3", 0.001, 1]))
        if KINDS.get(kind) is None or KINDS[kind].activation:
            layer["activation"] = draw(activations)
        unread = (unread - set(sources)) | {label}
        labels.append(label)
        declared.append(layer)
    last = [label for label in labels if label in unread]
    if len(last) > 1:
        declared.append({"name": "joined", "kind": "concat", "from": last})
    declared.append({"name": "out", "units": 2, "activation": draw(activations)})
    if len(last) == 1:
        declared[-1]["from"] = last
    loss = draw(
        st.sampled_from(
            [
                "mse",
                {"kind": "huber", "delta": Fraction(1, 7), "target": "score"},
                {"expression": "sum(k, (a[k] - y[k])**4)", "weight": "2/3"},
            ]
        )
    )
    reduction = draw(st.sampled_from(["mean", "sum"]))
    return {"inputs": inputs, "layer": declared, "loss": loss, "reduction": reduction}


@given(declarations())
def test_round_trips_lose_nothing(declared):
    net = parse(declared)
    assert parse(from_toml(to_toml(net))) == net
    assert parse(from_json(to_json(net))) == net
    again = Network(
        net.inputs, net.layers, net.losses, name=net.name, reduction=net.reduction, l2=net.l2
    )
    assert again == net
    assert again.parameters == net.parameters
    assert again.widths == net.widths
