"""Several mistakes at once, the user's own loss, and one sample per call."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bpsym.verify.diagnosis.laws import Situation, identified
from bpsym.verify.report import Report, Verdict

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "mutations"


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """Judge an implementation of the benchmark with edits made."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in [each.stem for each in FOLDER.glob("*.py")]:
        monkeypatch.delitem(sys.modules, name, raising=False)
    import run

    by_name = {each.name: each for each in run.IMPLEMENTATIONS}

    def judged(name: str, *edits: str, scale: float = 1.0) -> Report:
        pairs = tuple(zip(edits[::2], edits[1::2], strict=True))
        each = by_name[name]
        return run.judge(each, run.source_of(each, pairs, scale), scale, 0, tmp_path)

    return judged


def found(report: Report) -> set[tuple[str, str]]:
    return {(each.code, each.where) for each in report.diagnosis if not each.data["alternative"]}


# implementation, edits, what must be found and nothing else
PAIRS = [
    (
        "closures",
        ("SCALE * diff / m\n", "SCALE * diff / m + 0 * m\n", "g * a * (1 - a)", "g * a",
         "    grads = {", "    dW1[2, 0] = 0\n    grads = {"),
        {("derivative-formula", "delta2"), ("single-entry", "W1")},
    ),
    (
        "closures",
        ('"b1": db1', '"b1": db2', '"b2": db2', '"b2": db1',
         "g2 = act2(h2)", "g2 = h2 * logistic(z1)[0] * (1 - logistic(z1)[0])"),
        {("blocks-swapped", "b1"), ("wrong-cache", "delta2")},
    ),
    (
        "closures",
        ("- lr * grads[name]", "- lr * (grads[name] + 0.01 * params[name])",
         "g * a * (1 - a)", "g * a"),
        {("regularisation-scale", "regularisation"), ("derivative-formula", "delta2")},
    ),
    (
        "closures",
        ("- lr * grads[name]", "- lr * (2 * grads[name] + 0.01 * params[name])"),
        {("factor-two", "delta3"), ("regularisation-scale", "regularisation")},
    ),
    (
        "closures",
        ("SCALE * diff / m\n", "3 * SCALE * diff\n"),
        {("missing-batch-mean", "delta3"), ("scaled", "delta3")},
    ),
    (
        "module_cache",
        ("db1 = dz1.sum(axis=0)", "db1 = -dz1.sum(axis=0)",
         "db2 = dz2.sum(axis=0)", "db2 = dz2.mean(axis=0)"),
        {("sign", "b1"), ("bias-mean", "b2")},
    ),
    (
        "module_cache",
        ("db1 = dz1.sum(axis=0)", "db1 = -dz1.sum(axis=0)",
         "db2 = dz2.sum(axis=0)", "db2 = -dz2.sum(axis=0)"),
        {("sign", "b1"), ("sign", "b2")},
    ),
    (
        "module_cache",
        ("db3 = dz3.sum(axis=0)", "db3 = dz3", "db1 = dz1.sum(axis=0)", "db1 = dz1.sum(axis=1)",
         'da1 * (c["z1"] > 0)', "da1"),
        {("bias-unsummed", "b3"), ("bias-axis", "b1"), ("missing-derivative", "delta1")},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edits", "wanted"), PAIRS)
def test_several_mistakes_are_all_named(bench, name, edits, wanted):
    report = bench(name, *edits)
    assert report.verdict is Verdict.FAIL
    assert found(report) == wanted


OWN_LOSSES = [
    ("module_cache", ("SCALE * np.mean(np.sum(y", "SCALE / 3 * np.mean(np.sum(y",
                      '(c["p"] - y) / m', '(c["p"] - y) / y.size')),
    ("module_cache", ("SCALE * np.mean(np.sum(y", "SCALE * np.sum(np.sum(y",
                      '(c["p"] - y) / m', '(c["p"] - y)')),
    ("module_cache", ("L2 / 2 * decay", "L2 * decay", 'L2 * p["W1"]', '2 * L2 * p["W1"]',
                      'L2 * p["W2"]', '2 * L2 * p["W2"]', 'L2 * p["W3"]', '2 * L2 * p["W3"]')),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edits"), OWN_LOSSES)
@pytest.mark.parametrize("scale", [1.0, 1e-5])
def test_the_users_own_loss_is_named_though_weights_decay(bench, name, edits, scale):
    report = bench(name, *edits, scale=scale)
    assert found(report) == {("wrong-loss", "loss")}


def test_the_own_loss_is_named_beside_another_mistake(bench):
    report = bench(
        "closures", "(2 * m)", "m", "SCALE * diff / m\n", "2 * SCALE * diff / m\n", "(1 - a * a)",
        "(1 - a)",
    )  # fmt: skip
    assert found(report) == {("wrong-loss", "loss"), ("derivative-formula", "delta3")}


COLUMNS = [f"1 / m * np.sum(dZ{layer}, axis=1, keepdims=True)" for layer in (1, 2, 3)]


@pytest.mark.parametrize("kept", ["1 / m * dZ{layer}", "dZ{layer}"])
def test_code_that_counts_the_samples_is_not_read_as_taking_one(bench, kept):
    """With one sample 1/m is 1 and a sum over samples is nothing: so read, it would be right."""
    edits = [part for at, old in enumerate(COLUMNS) for part in (old, kept.format(layer=at + 1))]
    report = bench("columns_ng", "SCALE * (A3 - Y)", "SCALE * (A3 - Y) / m", *edits)
    assert report.verdict is Verdict.FAIL
    assert {("bias-unsummed", f"b{layer}") for layer in (1, 2, 3)} <= found(report)
    assert ("double-batch-mean", "delta3") in found(report)


def test_a_factor_with_two_names_is_given_both(bench):
    """With two outputs 1/2 is 1/K, and no numbers tell them apart."""
    report = bench("closures", "SCALE * diff / m\n", "SCALE * diff / diff.size\n")
    assert [each.code for each in report.diagnosis] == ["mean-over-outputs", "factor-half"]


@pytest.mark.parametrize(
    ("factors", "codes"),
    [
        ((3 * 8.0, 3 * 13.0), ["missing-batch-mean", "scaled"]),
        ((0.7 / 8, 0.7 / 13), ["double-batch-mean", "scaled"]),
        ((0.7, 0.7), ["scaled"]),
        ((0.7, 0.8), []),
    ],
)
def test_a_constant_beside_a_batch_size(factors, codes):
    at = [Situation(m, 4, 5, (4, 5)) for m in (8, 13)]
    assert [each.code for each in identified(factors, at)] == codes
