"""The command, the report as text and JSON, the assertion and the pytest fixture."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import bpsym
from bpsym.cli.verify import verify
from bpsym.testing import assert_gradients_match
from bpsym.verify.report import Diagnosis, LossResult, ParameterResult, Report, Verdict
from bpsym.verify.running.wire import Opaque, packed, unpacked
from bpsym.verify.words.terminal import WORDS, render

HAND = Path(__file__).parent / "hand"
ROOT = Path(__file__).parents[2]
SPEC = "2-3:tanh-1:identity"


def run(*arguments):
    return CliRunner().invoke(verify, [*arguments, "--no-prove"])


def test_exit_codes():
    assert run("2-3-1", f"{HAND}/rows_dict.py:chain").exit_code == 0
    assert run(SPEC, f"{HAND}/misbehaves.py:missing_mean").exit_code == 3
    assert run(SPEC, f"{HAND}/misbehaves.py:too_coarse").exit_code == 4
    assert run(SPEC, f"{HAND}/misbehaves.py:raises").exit_code == 1
    assert run(SPEC, f"{HAND}/misbehaves.py:no_such_name").exit_code == 2
    assert run(SPEC, "nonsense").exit_code == 2
    assert run(SPEC).exit_code == 2
    assert run("2-3-", f"{HAND}/rows_dict.py:chain").exit_code == 2


def test_a_fault_of_bpsym_does_not_look_like_the_users(monkeypatch):
    """Neither by its exit code nor by what is said, wherever it happens."""
    import bpsym.verify.judge as home
    from bpsym.errors import ProofError
    from bpsym.verify.running.sandbox import UserCodeError

    def fails(error):
        def verify(*args, **options):
            raise error

        monkeypatch.setattr(home, "verify", verify)
        return run(SPEC, f"{HAND}/misbehaves.py:missing_mean")

    proof = ProofError.single(where="W1", what="w", expected="e", got="g", way_out="o")
    between = UserCodeError.told("own", "f(x)", "bpsym could not read this call")
    for error in (ValueError("planted"), proof, between):
        result = fails(error)
        assert result.exit_code == 1
    assert "fault of bpsym" in fails(ValueError("planted")).stderr
    assert "fault of bpsym" in fails(between).stderr


def test_an_error_between_two_calls_is_not_the_users():
    from bpsym.verify.running.session import Session

    session = Session(lambda: 1)
    steps = [{"do": "set", "of": "nothing", "name": "W1", "value": 1}]
    assert session.handle({"do": "run", "steps": steps, "want": []})["error"]["own"]
    steps = [{"do": "call", "of": "target", "args": [1], "to": "r"}]
    assert not session.handle({"do": "run", "steps": steps, "want": []})["error"]["own"]


def test_json_has_what_is_promised():
    result = run(SPEC, f"{HAND}/misbehaves.py:missing_mean", "--json")
    report = json.loads(result.stdout)
    assert report["verdict"] == "FAIL"
    assert [each["name"] for each in report["parameters"]] == ["W1", "b1", "W2", "b2"]
    for each in report["parameters"]:
        assert set(each) >= {"name", "ok", "max_relative_error", "worst_index"}
        assert each["ok"] is False
        assert isinstance(each["worst_index"], list)
    first = report["diagnosis"][0]
    assert first["code"] == "missing-batch-mean"
    assert {"code", "where", "evidence", "fix"} <= set(first)
    assert report["samples"] == [8, 13]


def test_json_of_code_that_raises():
    result = run(SPEC, f"{HAND}/misbehaves.py:raises", "--json")
    report = json.loads(result.stdout)
    assert report["verdict"] is None
    assert report["error"]["kind"] == "raised"
    assert "KeyError" in report["error"]["traceback"]


def test_numbers_that_are_not_finite_are_json():
    result = run(SPEC, f"{HAND}/misbehaves.py:not_a_number", "--json")
    report = json.loads(result.stdout, parse_constant=lambda name: pytest.fail(name))
    assert report["parameters"][0]["yours"] == "nan"


def test_the_schema_is_documented():
    """Every key of a report stands in docs/verify-schema.md."""
    document = (ROOT / "docs" / "verify-schema.md").read_text(encoding="utf-8")
    report = json.loads(run(SPEC, f"{HAND}/misbehaves.py:missing_mean", "--json").stdout)
    error = json.loads(run(SPEC, f"{HAND}/misbehaves.py:raises", "--json").stdout)

    def keys(value):
        if isinstance(value, dict):
            for key, each in value.items():
                yield key
                if key != "data":
                    yield from keys(each)
        elif isinstance(value, list):
            for each in value:
                yield from keys(each)

    for key in {*keys(report), *keys(error)}:
        assert f"`{key}`" in document, key


@pytest.mark.parametrize(
    ("hint", "there", "hidden"),
    [
        ("1", "delta2", ("missing-batch-mean", "1/m", "delta2 =")),
        ("2", "1/m is missing", ("Divide by m", "x right")),
        ("3", "Divide by m", ()),
    ],
)
def test_hints(hint, there, hidden):
    text = run(SPEC, f"{HAND}/misbehaves.py:missing_mean", "--hint", hint).stdout
    assert there in text
    assert not [each for each in hidden if each in text]


def test_chinese():
    text = run(SPEC, f"{HAND}/misbehaves.py:missing_mean", "--lang", "zh").stdout
    assert "参数" in text
    assert "样本为行" in text
    assert "samples are rows" not in text


def test_both_languages_have_every_word():
    assert set(WORDS["en"]) == set(WORDS["zh"])
    for key, text in WORDS["en"].items():
        assert text.count("{") == WORDS["zh"][key].count("{")
        assert text.count("|") == WORDS["zh"][key].count("|")


def a_report(**changes):
    fields = {
        "verdict": Verdict.FAIL,
        "network": "2-1",
        "target": "f",
        "parameters": (
            ParameterResult("W1", False, 0.5, (0, 1), 1.5, 1.0, 1e-14, 5e13, 8, (1, 2), (1, 2)),
            ParameterResult("b1", False, None, None, None, None, wanted=(1,), shape=(8, 1)),
        ),
        "loss": LossResult(True, 1.0, 1.0, 8),
        "diagnosis": (Diagnosis("sign", "W1", "the sign", "u = -r", "write it", "dW1 = ..."),),
        "samples": (8, 13),
        "points": 4,
    }
    return Report(**(fields | changes))


def test_the_table_is_aligned():
    lines = render(a_report()).splitlines()
    head = next(line for line in lines if line.startswith("parameter"))
    first = next(line for line in lines if line.startswith("W1"))
    assert head.index("yours") == first.index("1.5")
    assert "shape (8, 1), wanted (1,)" in render(a_report())


def test_colour_changes_no_text():
    import re

    painted = render(a_report(), colour=True)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == render(a_report())


def test_the_assertion():
    assert assert_gradients_match("2-3-1", f"{HAND}/rows_dict.py:chain", prove=False).ok
    with pytest.raises(AssertionError, match="missing-batch-mean @ delta2"):
        assert_gradients_match(SPEC, f"{HAND}/misbehaves.py:missing_mean", prove=False)


def test_the_package_can_be_called():
    import bpsym.verify

    assert bpsym.verify("2-3-1", f"{HAND}/rows_dict.py:chain", prove=False).ok
    assert bpsym.verify.Verdict is Verdict


def test_the_plugin_is_light():
    """An unrelated pytest run loads neither numpy nor sympy for it."""
    code = "import sys, bpsym.pytest_plugin; print(sorted({'numpy', 'sympy'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_a_method_of_an_object_in_a_test():
    class Net:
        def __init__(self):
            self.W1, self.b1 = np.zeros((1, 2)), np.zeros(1)

        def backward(self, X, Y):
            d1 = (X @ self.W1.T + self.b1 - Y) / len(X)
            return {"W1": d1.T @ X, "b1": d1.sum(0)}

    assert assert_gradients_match("2-1:identity", Net().backward, prove=False).ok


def test_the_fixture():
    from bpsym import pytest_plugin

    function = pytest_plugin.gradients_match.__wrapped__()
    assert function is assert_gradients_match


@pytest.mark.parametrize(
    "value",
    [
        None,
        [1, 2.5, "text", True],
        {"a": (1, [2])},
        float("inf"),
    ],
    ids=repr,
)
def test_values_survive_the_wire(value):
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "bool", "complex128"])
def test_arrays_survive_the_wire(dtype):
    import numpy as np

    value = np.arange(6).reshape(2, 3).astype(dtype)
    for each in (value, value.T, value[:, :0], value[0]):
        back = unpacked(packed([each]))[0]
        assert back.dtype == each.dtype
        np.testing.assert_array_equal(back, each)


def test_what_is_no_data_is_opaque():
    assert unpacked(packed([open, bpsym]))[0] == Opaque("builtin_function_or_method")
