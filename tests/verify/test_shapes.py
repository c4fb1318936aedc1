"""Code as it is written elsewhere is read as it is: it passes, and fails when it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bpsym.cli.verify import verify as command
from bpsym.verify.adapters.route import ReadingError
from bpsym.verify.adapters.widths import width_roles
from bpsym.verify.judge import verify
from bpsym.verify.running.sandbox import UserCodeError
from bpsym.verify.words.remarks import assumed

SHAPES = Path(__file__).parent / "hand" / "shapes"
_LINE = re.compile(r"^# passes: (\S+) (\S+)(?: --rate (\S+))?$", re.MULTILINE)


def rows() -> list[tuple[str, str, float | None]]:
    """(spec, target, rate) as the files say in their first lines."""
    found = []
    for path in sorted(SHAPES.glob("*.py")):
        for spec, name, rate in _LINE.findall(path.read_text(encoding="utf-8")):
            target = str(path) if name == "-" else f"{path}:{name}"
            spec = str(SHAPES / spec) if spec.endswith(".toml") else spec
            found.append((spec, target, float(rate) if rate else None))
    return found


def test_there_are_many_shapes():
    assert len({target.partition(":")[0] for _, target, _ in rows()}) >= 35
    assert len(rows()) >= 65


@pytest.mark.parametrize(
    ("spec", "target", "rate"), rows(), ids=[f"{Path(t).name} {s}" for s, t, _ in rows()]
)
def test_it_passes_as_it_is(spec, target, rate):
    report = verify(spec, target, rate=rate, prove=False, in_process=True)
    assert report.ok, str(report)
    assert not report.diagnosis
    for sentence, chinese in zip(report.assumed, assumed(report.assumed, "zh"), strict=True):
        assert chinese != sentence, sentence


# file, what is written, what is written instead, spec, target: one mistake in a shape that is new
WRONG = [
    ("nested.py", "a2 * (1 - a2) / X.shape[0]", "a2 / X.shape[0]", "2-3-1", "grads"),
    ("records.py", "d = (o - Y) * o * (1 - o)", "d = 2 * (o - Y) * o * (1 - o)", "2-3-1",
     "loss_and_grad"),
    ("named_tuples.py", "b1=d1.sum(0)", "b1=d1.mean(0)", "2-3-1", "backprop"),
    ("ng_deep.py", "1.0 / m * np.dot(dZ, A_prev.T)", "np.dot(dZ, A_prev.T)",
     "4-5:relu-3:relu-1:sigmoid,loss=bce", "L_model_backward"),
    ("thetas.py", "A2[:, 1:] * (1 - A2[:, 1:])", "(1 - A2[:, 1:])", "4-5-3:sigmoid,loss=bce",
     "backprop"),
    ("ng_unrolled.py", "(1 / m) * Delta2", "Delta2", "4-5-3:sigmoid,loss=bce", "nnCostFunction"),
    ("layers_in_a_dict.py", "(self.y - self.t) / batch_size", "(self.y - self.t)",
     "4-5:relu-3:softmax", "TwoLayerNet"),
    ("spiral_script.py", "dscores /= num_examples", "dscores /= 1", "2-100:relu-3:softmax,l2=0.001",
     ""),
    ("return_order.py", "dW1 = X.T @ dZ1", "dW1 = -X.T @ dZ1", "3-3-3", "square"),
    ("sequential.py", "return grad * self.mask", "return grad", "2-3:relu-1:identity", "net"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "right", "wrong", "spec", "name"), WRONG)
def test_a_mistake_in_it_fails(file, right, wrong, spec, name, tmp_path):
    for path in SHAPES.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    text = (SHAPES / file).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / file).write_text(text.replace(right, wrong), encoding="utf-8")
    target = f"{tmp_path / file}:{name}" if name else str(tmp_path / file)
    report = verify(spec, target, prove=False, in_process=True)
    assert report.verdict == "FAIL", str(report)
    assert report.diagnosis[0].code != "shape"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none", "it returned None"),
        ("prints", "a function without return gives None"),
        ("text", "it returned a str"),
        ("only_loss", "it returned a number"),
        ("a_lambda", "it returned a function"),
    ],
)
def test_what_is_no_gradient_is_an_error_of_the_code(name, told):
    done = CliRunner().invoke(command, ["2-3-1", f"{SHAPES}/results.py:{name}", "--no-prove"])
    assert done.exit_code == 1
    assert told in done.stderr


@pytest.mark.parametrize("name", ["complex_result", "complex_zero"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_complex_gradients_are_no_pass(name, lang):
    report = verify("2-3-1", f"{SHAPES}/results.py:{name}", prove=False, in_process=True, lang=lang)
    assert report.verdict == "FAIL"
    assert report.diagnosis[0].code == "shape"
    assert "complex128" in report.diagnosis[0].what + report.diagnosis[0].evidence


@pytest.mark.parametrize(("name", "told"), [("backprop", "async"), ("gen2", "generator")])
def test_what_computes_nothing_is_refused(name, told):
    with pytest.raises(ReadingError, match=told):
        verify("2-3-1", f"{SHAPES}/results.py:{name}", prove=False, in_process=True)


def test_a_rate_that_stands_in_the_code_is_read():
    target = f"{SHAPES}/fixed_rate.py:Net.train_step"
    assert verify("2-3-1", target, prove=False, in_process=True).ok


def test_a_file_with_several_things_to_judge_is_asked_for_one(tmp_path):
    file = tmp_path / "two.py"
    one = "def {}(W, X):\n    return X @ W\n"
    text = "def relu(u):\n    return u\n" + one.format("backprop") + one.format("backward")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ReadingError, match="which function or class") as caught:
        verify("2-3-1", str(file), prove=False, in_process=True)
    assert "name it: " + str(file) + ":backprop" in str(caught.value).lower()


def test_what_a_file_raises_is_told_where_the_code_needs_it(tmp_path):
    file = tmp_path / "needs.py"
    file.write_text(
        'scale = open("not_here.txt")\n\n\ndef backprop(params, X, Y):\n    return scale.read()\n',
        encoding="utf-8",
    )
    with pytest.raises(UserCodeError, match=r"not_here\.txt") as caught:
        verify("2-3-1", f"{file}:backprop", prove=False, in_process=True)
    assert "line 1" in caught.value.problems[0].where


def test_statements_that_are_left_out_are_noted():
    report = verify(
        "2-3-1", f"{SHAPES}/missing_import.py:backprop", prove=False, in_process=True, lang="zh"
    )
    assert any("ModuleNotFoundError" in each for each in report.notes)


@pytest.mark.parametrize(
    ("names", "widths", "expected"),
    [
        (["n_x", "n_h", "n_y"], (4, 5, 3), [4, 5, 3]),
        (["input_size", "hidden_size", "num_classes"], (4, 5, 3), [4, 5, 3]),
        (["hidden_dims", "input_dim"], (4, 5, 3), [[5], 4]),
        (["layer_dims"], (4, 6, 5, 3), [[4, 6, 5, 3]]),
        (["inputnodes", "hiddennodes", "outputnodes"], (4, 5, 3), [4, 5, 3]),
        (["in_features", "hidden1", "hidden2", "out_features"], (4, 6, 5, 3), [4, 6, 5, 3]),
        (["I", "H", "O"], (4, 5, 3), [None, 5, 3]),
        (["epochs", "seed"], (4, 5, 3), [None, None]),
    ],
)
def test_names_of_widths(names, widths, expected):
    found = width_roles(names, widths)
    assert [found.get(name) for name in names] == expected
