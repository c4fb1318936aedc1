"""Every shape in which hand-written code comes is read without an adapter, and passes."""

from pathlib import Path

import pytest

from bpsym.verify.adapters.names import Spoken, matched, role_of, spoken
from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.judge import verify

HAND = Path(__file__).parent / "hand"

# spec, file:name, something that must be said about how it was read
RIGHT = [
    ("2-3-1", "rows_dict.py:chain", "samples are rows"),
    ("2-3-1", "rows_dict.py:mean_late", "by name"),
    ("2-3-1", "rows_dict.py:in_out_rows", "biases are (1, n)"),
    ("2-3-1", "rows_dict.py:in_float32", "samples are rows"),
    ("4-5:relu-3:softmax", "rows_dict.py:softmax_labels", "integer labels"),
    ("2-3:relu-1:identity", "rows_dict.py:other_side_of_the_kink", "in the order W1, b1"),
    ("2-3-1", "rows_dict.py:flat", "flat vector"),
    ("2-3-4-1", "rows_dict.py:pairs_of_lists", "two lists, weights first"),
    ("2-3-1", "rows_dict.py:list_of_tuples", "a tuple for each layer"),
    ("2-3-1", "rows_dict.py:separate", "in the order W1, b1"),
    ("2-3-1", "rows_dict.py:flat_target", "the target of the one output is (m,)"),
    ("4-5:tanh-1:sigmoid,loss=bce", "columns.py:backward_pass", "forward_pass is called first"),
    ("4-5:tanh-1:sigmoid,loss=bce", "columns.py:whole", "samples are columns"),
    ("4-5:tanh-1:sigmoid,loss=bce", "columns.py:of_globals", "global variables W1, b1"),
    ("4-5:tanh-1:sigmoid,loss=bce", "columns.py:update", "change of the weights"),
    ("4-5:tanh-1:sigmoid,loss=bce", "columns.py:update_in_place", "change of the weights"),
    ("2-4-4-1,loss=squared_error", "objects.py:Remembers", "one sample per call"),
    ("2-3-4-1", "objects.py:PerSample", "one sample per call"),
    ("2-3-4-1", "objects.py:PerSample.backprop", "biases first"),
    ("2-3-4-1", "objects.py:PerSample.update_mini_batch", "samples are columns"),
    ("2-3-1", "objects.py:Steps", "weights are (in, out)"),
    ("2-3-1", "objects.py:Steps.train_step", "does to the weights"),
    ("2-3-1", "objects.py:MADE", "does to the weights"),
    ("nobias.toml", "objects.py:TakesData", "no learning rate was found"),
    ("2-3-4-1", "objects.py:OfLayers", "attributes of the object"),
    ("4-5:relu-3:softmax", "objects.py:InDict", "integer labels"),
    ("4-5:relu-3:softmax,l2=0.1", "objects.py:InDict.loss", "self.params"),
    ("2-3-1", "scripts.py:train_step", "the learning rate is the global variable LEARNING_RATE"),
    ("2-3-1", "scripts.py:gradients", "the global variables W, b"),
    ("2-3-1", "scripts.py:propagate", "change of the weights"),
]


def spec_of(spec):
    return str(HAND.parent / spec) if spec.endswith(".toml") else spec


@pytest.mark.parametrize(("spec", "target", "said"), RIGHT, ids=[each[1] for each in RIGHT])
def test_right_code_passes_however_it_comes(spec, target, said):
    report = verify(spec_of(spec), f"{HAND}/{target}", prove=False)
    assert report.ok, str(report)
    assert not report.diagnosis
    assert said in "; ".join(report.assumed)


def test_the_other_side_of_a_kink_is_information():
    report = verify(
        "2-3:relu-1:identity", f"{HAND}/rows_dict.py:other_side_of_the_kink", prove=False
    )
    assert report.ok
    assert any("kink-convention" in note for note in report.notes)


@pytest.mark.parametrize(
    ("spec", "target"),
    [
        ("2-3-1,loss=mse,reduction=sum", "rows_dict.py:chain"),
        ("2-3:tanh-1", "rows_dict.py:pairs_of_lists"),
        ("2-4-4-1", "objects.py:Remembers"),
        ("2-3-4:tanh-1", "objects.py:PerSample"),
        ("2-3:relu-1", "objects.py:Steps"),
        ("4-5:tanh-3:softmax", "objects.py:InDict"),
        ("4-5:sigmoid-1:sigmoid,loss=bce", "columns.py:update"),
    ],
)
def test_right_code_of_another_network_fails(spec, target):
    """However freely code is read, a wrong gradient is not read into a right one."""
    report = verify(spec, f"{HAND}/{target}", prove=False)
    assert report.verdict == "FAIL"


def test_a_function_and_an_object_of_this_process(monkeypatch):
    monkeypatch.syspath_prepend(str(HAND))
    import objects
    import rows_dict

    for target, spec in ((rows_dict.chain, "2-3-1"), (objects.PerSample, "2-3-1"),
                         (objects.PerSample([2, 3, 1]), "2-3-1")):  # fmt: skip
        assert verify(spec, target, prove=False).ok
        assert verify(spec, target, prove=False, in_process=True).ok


def test_a_rate_that_stands_only_in_the_code_is_read_or_told():
    target = f"{HAND}/scripts.py:run_epoch"
    assert verify("2-3-1", target, prove=False).ok
    assert verify("2-3-1", target, prove=False, rate=0.25).ok
    assert not verify("2-3-1", target, prove=False, rate=0.5).ok


@pytest.mark.parametrize(
    ("spec", "where"), [("2-3-1", ["delta1"]), ("2-4-3-1", ["delta2", "delta1"])]
)
def test_a_weight_that_is_updated_too_early_is_named(spec, where):
    """By an object that has a gradient's name for a step, and a rate that may be left out."""
    [found] = verify(spec, f"{HAND}/scripts.py:UpdatedTooEarly", prove=False).diagnosis
    assert found.code == "updated-weight"
    assert found.data.get("everywhere", [found.where]) == where


def test_parameters_that_are_nowhere_are_asked_for():
    with pytest.raises(ReadingError, match=r"global variables with W1 \(3, 2\)"):
        verify("2-3-1", f"{HAND}/scripts.py:of_nothing", prove=False)


def test_widths_that_do_not_fit_are_told():
    with pytest.raises(ReadingError, match=r"W1 \(6, 2\)"):
        verify("2-6-4-1", f"{HAND}/objects.py:Remembers", prove=False)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("rows_dict.py:chian", "Did you mean 'chain'"),
        ("rows_dict.py", "FILE.py:NAME"),
        ("nothing.py:chain", "no such file"),
    ],
)
def test_a_target_that_is_not_there(target, told):
    with pytest.raises(ReadingError, match=told):
        verify("2-3-1", f"{HAND}/{target}", prove=False)


@pytest.mark.parametrize(
    ("name", "letter", "tag", "gradient"),
    [
        ("W1", "W", "1", False),
        ("w_1", "W", "1", False),
        ("weights1", "W", "1", False),
        ("weight_h1", "W", "h1", False),
        ("B3", "b", "3", False),
        ("bias", "b", "", False),
        ("dW1", "W", "1", True),
        ("db_2", "b", "2", True),
        ("grad_W1", "W", "1", True),
        ("gradW1", "W", "1", True),
        ("W1_grad", "W", "1", True),
        ("nabla_w", "W", "", True),
        ("nabla_b2", "b", "2", True),
        ("dLdW3", "W", "3", True),
        ("dL_dB3", "b", "3", True),
        ("dJdW1", "W", "1", True),
        ("delta_w1", "W", "1", True),
        ("d_weights2", "W", "2", True),
        ("alpha1", "alpha", "1", False),
        ("dalpha1", "alpha", "1", True),
    ],
)
def test_names_of_parameters(name, letter, tag, gradient):
    assert spoken(name, ["alpha"]) == Spoken(letter, tag, gradient)


@pytest.mark.parametrize(
    "name", ["z1", "delta2", "a1", "dZ2", "dA1", "batch", "width", "x", "db_a_z"]
)
def test_other_names(name):
    said = spoken(name)
    assert said is None or said.tag == "a_z"


def test_layers_may_be_counted_from_zero():
    found = matched(["W0", "b0", "W1", "b1"], ("W1", "b1", "W2", "b2"), gradient=False)
    assert found == {"W0": "W1", "b0": "b1", "W1": "W2", "b1": "b2"}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("X", "X"), ("x_train", "X"), ("inputs", "X"), ("y", "Y"), ("labels", "Y"), ("t", "Y"),
        ("params", "params"), ("theta", "params"), ("eta", "rate"), ("learning_rate", "rate"),
        ("lambd", "decay"), ("cache", "cache"), ("mini_batch", "pairs"), ("foo", None),
    ],
)  # fmt: skip
def test_roles_of_arguments(name, role):
    assert role_of(name) == role


SQUARE = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def in_out_without_mean(params, X, Y):
    a1 = sigmoid(X @ params["W1"] + params["b1"])
    a2 = sigmoid(a1 @ params["W2"] + params["b2"])
    delta2 = (a2 - Y) * a2 * (1 - a2)
    delta1 = delta2 @ params["W2"].T * a1 * (1 - a1)
    return X.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)

def only_square(params, X, Y):
    assert params["W1"].shape == (3, 3)
    return [g / len(X) for g in in_out_without_mean(params, X, Y)]

def wrong_elsewhere(params, X, Y):
    factor = 1 if params["W1"].shape == params["W2"].shape else 2
    return [factor * g / len(X) for g in in_out_without_mean(params, X, Y)]
"""


@pytest.fixture
def square(tmp_path):
    file = tmp_path / "square.py"
    file.write_text(SQUARE, encoding="utf-8")
    return file


def test_a_mistake_in_a_square_network_is_found_in_the_reading_that_explains_it(square):
    report = verify("3-3-3", f"{square}:in_out_without_mean", prove=False)
    assert report.diagnosis[0].code == "missing-batch-mean"
    assert "weights are (in, out)" in report.assumed


@pytest.mark.parametrize(
    ("name", "told"), [("only_square", "raises"), ("wrong_elsewhere", "declared widths alone")]
)
def test_other_widths_are_evidence_only(square, name, told):
    report = verify("3-3-3", f"{square}:{name}", prove=False)
    assert report.ok
    [remark] = [each for each in report.notes if "3-4-5" in each]
    assert told in remark
    assert any("square" in each for each in report.cannot_tell)


def test_options_decide(square):
    options = {"weights": "out,in", "prove": False}
    assert verify("3-3-3", f"{square}:only_square", **options).verdict == "FAIL"
    with pytest.raises(ReadingError, match="unknown value for samples"):
        verify("3-3-3", f"{square}:only_square", samples="diagonal")


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize(
    "spec",
    ["2-3-3-1", "5-3:softmax", "3-4:prelu-2,loss=huber,reduction=sum", "4-4-4:gelu,l2=0.01"],
)
def test_emitted_modules_pass(spec, layout, tmp_path):
    import bpsym

    file = tmp_path / "emitted.py"
    file.write_text(bpsym.generate(spec, layout=layout, prove=False), encoding="utf-8")
    report = verify(spec, f"{file}:loss_and_grads", prove=False, in_process=True)
    assert report.ok, str(report)
    assert f"samples are {layout}" in "; ".join(report.assumed)
