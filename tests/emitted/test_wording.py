"""The words in emitted modules: numbers of equations, wrapped comments, documented starts."""

import re

import numpy as np
import pytest

import bpsym
from bpsym.emit.source import WIDTH, wrapped_equation

RESIDUAL = "examples/networks/residual.toml"
SCORER = "examples/networks/scorer.toml"


def numbered(source):
    """The left side of each numbered equation: its number."""
    return {left: number for number, left in re.findall(r"# \((BP.*?)\) (\S+?)\[", source)}


@pytest.mark.parametrize(
    ("network", "expected"),
    {
        "2-3-1": {
            "delta2": "BP1",
            "delta1": "BP2",
            "dC/dW1": "BP4",
            "dC/db1": "BP3",
            "dC/dW2": "BP4",
            "dC/db2": "BP3",
        },
        "2-3-1,l2=0.1": {
            "delta2": "BP1",
            "delta1": "BP2",
            "dC/dW1": "BP4 + decay",
            "dC/db1": "BP3",
            "dC/dW2": "BP4 + decay",
            "dC/db2": "BP3",
        },
    }.items(),
)
def test_the_equations_of_nielsen_bear_their_numbers(network, expected):
    assert numbered(bpsym.generate(network, prove=False)) == expected


def test_what_nielsen_has_not_bears_no_number():
    found = numbered(bpsym.generate(RESIDUAL, prove=False))
    assert found["delta_p"] == "BP1"
    assert found["delta_u2"] == "BP2"
    # A skip connection reads it too; layer_norm's parameters and adjoints are none of his.
    assert not {"delta_h", "delta_f2", "dC/dshift_n1", "dC/dgain_n1", "adj_a_n2"} & set(found)


def test_sizes_in_comments_are_numbers():
    comments = [line for line in bpsym.generate(RESIDUAL, prove=False).splitlines() if "# " in line]
    assert any("/ 16" in line for line in comments)
    assert not any(re.search(r"\bn_\w+", line) for line in comments)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a = " + " + ".join(f"u{k}[n,i]" for k in range(30)), "a = u0"),
        ("a = " + "(" + " ".join(f"u{k}" for k in range(40)) + ") - b", "a = (u0"),
        ("a" * 300, "a"),
    ],
)
def test_an_equation_is_broken_where_a_reader_would(text, first):
    lines = wrapped_equation(text, "# ")
    assert lines[0].startswith(f"# {first}")
    assert (
        "".join(line.removeprefix("# ").strip() for line in lines) == text.replace(" ", "")
        or " ".join(line.removeprefix("# ").strip() for line in lines) == text
    )
    if " + " in text:
        assert all(line.strip("# ").startswith("+") for line in lines[1:])
        assert max(map(len, lines)) <= WIDTH


def test_a_margin_is_compared_as_the_cost_computes_it():
    """Else a margin that rounding puts on the kink counts in one and not in the other."""
    source = bpsym.generate(SCORER, prove=False)
    margin = "a_sc + 1 - a_s"
    assert f"np.maximum({margin}, 0)" in source
    assert source.count(f"({margin} > 0).astype") == 2


def test_inputs_of_different_samples_are_refused():
    module = bpsym.load(SCORER, prove=False)
    params = module.init_params(0)
    X = {"x": np.zeros((4, 20)), "xc": np.zeros((1, 20))}
    with pytest.raises(ValueError, match=r"number of samples: \{'x': 4, 'xc': 1\}"):
        module.loss_and_grads(params, X)


def test_a_mean_over_one_output_has_no_factor_of_one():
    source = bpsym.generate("2-3:hard_tanh-1,loss=mse", prove=False)
    assert not re.search(r"\b1 \* |\* 1\b(?!\.)|\(m\)", source.partition("def check")[0])


def test_how_parameters_start_is_said_of_each():
    source = bpsym.generate(RESIDUAL, prove=False)
    assert "gain_n1, gain_n2: 1." in source
    assert "b_h, b_u1, b_f1, shift_n1, ...: 0." in source


def test_a_file_is_named_as_it_was_given():
    network = bpsym.parse(SCORER)
    given = bpsym.generate(network, prove=False, declared_in="my nets/scorer.toml --l2 0.1")
    assert "bpsym generate my nets/scorer.toml --l2 0.1" in given
    for hostile in ('x"""\nimport os', "x" * 300, "\u202ex"):
        source = bpsym.generate(network, prove=False, declared_in=hostile)
        assert "run: bpsym generate scorer.toml\n" in source


def test_weights_of_losses_are_said():
    network = {
        "inputs": {"x": 2},
        "layer": [{"name": "p", "units": 2}, {"name": "q", "units": 1, "from": ["x"]}],
        "loss": [
            {"of": "p", "kind": "huber", "weight": 0.3, "target": "s"},
            {"of": "q", "kind": "mse", "target": "t"},
        ],
    }
    source = bpsym.generate(network, prove=False)
    said = "the mean over the samples of 0.3 times the huber loss plus the mean squared error"
    assert said in " ".join(source.split())


TYPED = ["2-3-1", SCORER, RESIDUAL, "3-2:relu-2:softmax"]


@pytest.mark.parametrize("network", TYPED)
@pytest.mark.parametrize("given", [np.float64, np.int64, np.uint8])
def test_inputs_take_the_type_of_the_parameters(network, given):
    """float32 stays float32, and bytes do not wrap at 256."""
    module = bpsym.load(network, prove=False)
    params = module.init_params(0, dtype=np.float32)
    built = bpsym.derive(network).built
    rng = np.random.default_rng(0)
    widths = dict(built.network.inputs)
    inputs = {name: rng.integers(100, 200, (4, width)) for name, width in widths.items()}
    [output, *_] = built.predictions
    X = {name: each.astype(given) for name, each in inputs.items()}
    exact = {name: each.astype(np.float32) for name, each in inputs.items()}
    if len(X) == 1:
        [X], [exact] = X.values(), exact.values()
    width = built.system.sizes[built.system.tensors[output].sizes[1]]
    Y = np.eye(4, 8)[:, :width] if built.targets else None
    C, grads = module.loss_and_grads(params, X, Y)
    right, expected = module.loss_and_grads(params, exact, Y)
    assert right == C
    assert {each.dtype for each in grads.values()} == {np.dtype(np.float32)}
    assert all(np.array_equal(grads[name], expected[name]) for name in grads)
