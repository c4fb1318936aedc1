"""A shape is never forgiven; a convention is kept by all lines or it is none."""

from __future__ import annotations

import pytest

from bpsym.errors import ExpressionError
from bpsym.verify.lines.formulas import judge_lines
from bpsym.verify.report import Verdict

IN_OUT = (
    "z1 = X @ W1 + b1",
    "delta1 = delta2 @ W2.T * a1 * (1 - a1)",
    "dW2 = a1.T @ delta2",
    "dW1 = X.T @ delta1",
)


def judged(*lines: str, spec: str = "2-3-1", **options: object):
    return judge_lines(spec, lines, prove=False, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", ["2-3-1", "1-3-1", "3-1-2", "2-3-4"])
@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("dW2 = a1.T @ delta2", True),
        ("dW2 = delta2 @ a1", False),
        ("dW1 = X.T @ delta1", True),
        ("dW1 = (delta1.T @ X).T", True),
    ],
)
def test_a_transposed_gradient_fails_and_its_shape_is_told(
    spec: str, line: str, shape: bool
) -> None:
    report = judged(line, spec=spec, samples="rows")
    assert report.verdict is Verdict.FAIL
    if shape:
        assert "shape" in report.lines[0].problem or "shapes" in report.lines[0].problem
        assert [each.code for each in report.diagnosis] == ["gradient-transposed"]


def test_a_vector_gradient_is_no_exception() -> None:
    (line,) = judged("dW2 = a1.T @ delta2").lines
    assert line.problem == "its shape is (3, 1); (1, 3) is asked for, m = 8"
    assert "dW2 = delta2.T @ a1" in line.diagnosis[0].fix


def test_weights_in_out_are_read_where_the_lines_agree() -> None:
    report = judged(*IN_OUT)
    assert report.verdict is Verdict.PASS, str(report)
    assert report.weights == "in,out"
    assert "weights are (in, out)" in report.assumed


@pytest.mark.parametrize("lines", [IN_OUT[1:2], IN_OUT[2:3], IN_OUT[2:4]])
def test_one_line_or_transposed_results_alone_are_no_convention(lines: tuple[str, ...]) -> None:
    report = judged(*lines)
    assert report.verdict is Verdict.FAIL
    assert any("--weights in,out" in each for each in report.notes)
    assert judged(*lines, weights="in,out").verdict is Verdict.PASS


def test_lines_that_disagree_are_not_both_right() -> None:
    report = judged("delta1 = delta2 @ W2.T * a1 * (1 - a1)", "dW2 = delta2.T @ a1")
    assert report.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("line", "samples", "right"),
    [
        ("db1 = delta1.sum(axis=0)", "rows", True),
        ("db1 = np.sum(delta1, axis=0, keepdims=True)", "rows", True),
        ("db1 = delta1.sum(axis=0, keepdims=True).T", "rows", False),
        ("db1 = delta1.sum(axis=1)", "columns", True),
        ("db1 = delta1.sum(axis=1, keepdims=True)", "columns", True),
        ("db1 = delta1.sum(axis=1, keepdims=True).T", "columns", False),
        ("db1 = delta1", "rows", False),
    ],
)
def test_a_bias_has_one_of_its_shapes(line: str, samples: str, right: bool) -> None:
    report = judged(line, samples=samples)
    assert (report.verdict is Verdict.PASS) is right
    assert right or "shape" in report.lines[0].problem


def test_biases_of_two_shapes_are_not_both_right() -> None:
    lines = ("db2 = delta2.sum(axis=0)", "db1 = delta1.sum(axis=0, keepdims=True)")
    report = judged(*lines, spec="2-3-4")
    assert [each.ok for each in report.lines].count(False) == 1


def test_a_notation_that_counts_otherwise_needs_two_lines() -> None:
    shifted = r"\delta^{(2)} = (W^{(2)})^T \delta^{(3)} \odot f'(z^{(2)})"
    more = r"\frac{\partial J}{\partial W^{(2)}} = \delta^{(3)} (a^{(2)})^T"
    alone = judged(shifted, spec="2-3-4-2")
    assert alone.verdict is Verdict.FAIL
    assert any("--notation cs224n" in each for each in alone.notes)
    assert judged(shifted, spec="2-3-4-2", notation="cs224n").verdict is Verdict.PASS
    assert judged(shifted, more, spec="2-3-4-2").verdict is Verdict.PASS


def test_a_formula_with_m_in_it_is_not_read_for_one_sample() -> None:
    lines = (
        r"\delta^{(2)} = \frac{1}{m} (a^{(2)} - y) \odot \sigma'(z^{(2)})",
        r"\frac{\partial C}{\partial W^{(2)}} = \frac{1}{m} \delta^{(2)} (a^{(1)})^T",
    )
    assert judged(*lines, spec="2-3-4").verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "line",
    [
        r"\Delta w_{hj} = \eta g_j b_h",
        r"g_j = \hat y_j (1-\hat y_j)(y_j - \hat y_j)",
        r"e_h = b_h (1-b_h) \sum_{j=1}^{l} w_{hj} g_j",
    ],
)
def test_a_book_that_is_named_is_read_by_its_own_signs(line: str) -> None:
    report = judged(line, spec="2-3-2", notation="watermelon")
    assert report.verdict is Verdict.PASS, str(report)
    assert not report.notes


@pytest.mark.parametrize(("limit", "ok"), [("l", True), ("q", True), ("K", True), ("2", False)])
def test_an_upper_limit_of_the_texts_own_is_the_range_of_the_index(limit: str, ok: bool) -> None:
    line = rf"\delta^1_j = \sum_{{k=1}}^{{{limit}}} w^2_{{kj}} \delta^2_k \sigma'(z^1_j)"
    report = judged(line, spec="2-3-4", notation="nielsen")
    assert report.lines[0].ok is ok, str(report)


@pytest.mark.parametrize(
    ("right", "verdict"), [("a^{[2]} - y", Verdict.PASS), ("y - a^{[2]}", Verdict.FAIL)]
)
def test_the_derivative_of_one_samples_loss_goes_with_a_mean_in_the_gradients(
    right: str, verdict: Verdict
) -> None:
    lines = (
        rf"\frac{{\partial C}}{{\partial z^{{[2]}}}} = {right}",
        r"dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T",
    )
    report = judged(*lines, spec="2-3-1:sigmoid,loss=bce")
    assert report.verdict is verdict, str(report)
    assert [each.code for each in report.diagnosis] == ["sign"] * (verdict is Verdict.FAIL)


@pytest.mark.parametrize("spec", ["2-3-4-2", "2-3-4"])
def test_two_indices_exchanged_are_named_where_they_run_past_an_end_too(spec: str) -> None:
    line = r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_j \delta^l_k"
    report = judged(line, spec=spec)
    assert [each.code for each in report.diagnosis] == ["index-order"], str(report)


def test_a_file_with_a_line_that_cannot_be_read_is_judged_for_the_rest() -> None:
    lines = ("delta2 = (a2 - Y) * a2 * (1 - a2) / m", "this is junk ((", "dW2 = a1.T @ delta2")
    report = judged(*lines, strict=False)
    assert [each.ok for each in report.lines] == [True, False]
    [(text, where, _)] = report.unread
    assert (text, where) == (lines[1], "line 2")
    with pytest.raises(ExpressionError):
        judged(*lines)
    with pytest.raises(ExpressionError):
        judged(lines[1], strict=False)


def test_a_sample_above_a_symbol_is_not_taken_for_a_layer() -> None:
    line = r"db^{[1]} = \frac{1}{m}\sum_{i=1}^m dZ^{[1](i)}"
    with pytest.raises(ExpressionError, match="means nothing"):
        judged(line, spec="2-3-1:sigmoid,loss=bce")


def test_the_signs_of_a_book_are_kept_by_all_of_its_lines() -> None:
    plain = r"g_j = \hat y_j (1-\hat y_j)(\hat y_j - y_j)"
    uphill = r"\Delta w_{hj} = \eta g_j b_h"
    report = judged(plain, uphill, spec="2-3-2", notation="watermelon")
    assert [each.code for each in report.diagnosis] == ["sign"], str(report)
