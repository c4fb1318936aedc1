"""What shows only where gradients are large, or where a batch has many samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import bpsym
from bpsym.verify.numbers.points import choose_points
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.numbers.steep import LARGE, MANY, crowded_points, first_weights, steep_points
from bpsym.verify.report import Report, Verdict

Array = np.ndarray
Arrays = dict[str, Array]
CHAIN = "2-3-1"


def _as_it_is(value: Array) -> Array:
    return value


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def code(
    cut: Callable[[Array], Array] = _as_it_is, clip: Callable[[Array], Array] = _as_it_is
) -> Callable[..., Arrays]:
    def backprop(params, X, Y):
        X, Y = cut(X), cut(Y)
        a1 = sigmoid(X @ params["W1"].T + params["b1"])
        a2 = sigmoid(a1 @ params["W2"].T + params["b2"])
        d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
        d1 = d2 @ params["W2"] * a1 * (1 - a1)
        grads = {"W1": d1.T @ X, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0)}
        return {name: clip(each) for name, each in grads.items()}

    return backprop


def judged(target: object, network: str = CHAIN, **options: object) -> Report:
    return bpsym.verify(network, target, in_process=True, prove=False, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("bound", [5, 100])
def test_a_bound_is_seen(bound: float) -> None:
    report = judged(code(clip=lambda g: np.clip(g, -bound, bound)))
    assert report.verdict is Verdict.FAIL
    assert [each.code for each in report.diagnosis] == ["gradient-clipped"], str(report)


@pytest.mark.parametrize(
    ("cut", "told"),
    [
        (np.s_[:1], "[:1]"),
        (np.s_[:3], "[:3]"),
        (np.s_[-1:], "[-1:]"),
        (np.s_[:32], "[:32]"),
        (np.s_[:128], "[:128]"),
        (np.s_[-64:], "[-64:]"),
    ],
)
def test_a_slice_of_the_batch_is_named(cut: slice, told: str) -> None:
    report = judged(code(cut=lambda each: each[cut]))
    [found] = report.diagnosis
    assert (found.code, found.data["slice"]) == ("batch-cut", told), str(report)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("share", [False, True])
def test_a_return_in_the_loop_is_named(tmp_path: object, reduction: str, share: bool) -> None:
    lines = [
        "import numpy as np",
        "def sig(z): return 1 / (1 + np.exp(-z))",
        "def backprop(params, X, Y):",
        "    W1, b1, W2, b2 = (params[k] for k in ('W1', 'b1', 'W2', 'b2'))",
        "    for x, y in zip(X, Y):",
        "        h = sig(W1 @ x + b1); o = sig(W2 @ h + b2)",
        "        d2 = (o - y) * o * (1 - o)" + " / len(X)" * share,
        "        d1 = W2.T @ d2 * h * (1 - h)",
        "        g = {'W1': np.outer(d1, x), 'b1': d1, 'W2': np.outer(d2, h), 'b2': d2}",
        "        return g",
    ]
    file = tmp_path / "early.py"  # type: ignore[operator]
    file.write_text("\n".join(lines), encoding="utf-8")
    report = judged(f"{file}:backprop", f"{CHAIN},reduction={reduction}")
    if reduction == "sum" and share:
        assert report.verdict is Verdict.FAIL  # two mistakes
        return
    [found] = report.diagnosis
    assert found.code == "batch-cut", str(report)
    assert "Line 10 returns" in found.fix


@pytest.mark.parametrize("network", [CHAIN, "3-4:relu-2:softmax", "3-4:tanh-2:sigmoid,loss=bce"])
def test_the_forward_pass_is_the_same_there(network: str) -> None:
    reference = Reference(bpsym.derive(network))
    points = choose_points(reference)
    assert first_weights(reference) == {"W1"}
    for base, steep in zip(points.generic, steep_points(reference, points), strict=False):
        one, other = (reference.at(each) for each in (base, steep))
        assert np.array_equal(one.values["z2"], other.values["z2"])
        assert np.max(np.abs(other.grads["W1"])) > 100 * np.max(np.abs(one.grads["W1"]))
        if network == CHAIN:
            assert all(np.max(np.abs(each)) >= LARGE for each in other.grads.values())


def test_right_code_is_judged_there_and_passes() -> None:
    report = judged(code())
    assert report.verdict is Verdict.PASS
    assert max(report.samples) == max(MANY)


def test_slow_code_is_not_asked_for_many_samples() -> None:
    reference = Reference(bpsym.derive(CHAIN))
    points = choose_points(reference)
    assert [each.m for each in crowded_points(reference, points, 1e-2)] == [min(MANY)]
    assert crowded_points(reference, points, 1.0) == ()
