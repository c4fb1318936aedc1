"""LaTeX that is hostile, huge or no formula: refused in a sentence, in no time."""

from __future__ import annotations

import contextlib
import time

import pytest

from bpsym.errors import BpsymError, ExpressionError
from bpsym.verify.lines.formulas import judge_document, judge_lines
from bpsym.verify.report import Verdict

LEFT = r"\delta^{(2)} = "
HOSTILE = [
    r"\input{/etc/passwd}",
    r"\write18{rm}",
    r"\def\x{1}\x",
    r"\csname end\endcsname",
    r"\loop\repeat",
    r"\catcode`\@=11 a",
    r"\prod_k a_k",
    r"\int a \, da",
    r"\begin{tikzpicture} \end{tikzpicture}",
    r"\begin{cases} a",
    r"\frac{a}",
    r"\frac",
    r"\sum a",
    r"\sum_{k = 1",
    r"\sqrt",
    r"(a^{(2)}",
    r"a^{(2)})",
    r"a^{(7)}",
    r"a^{(2)}^{99}",
    r"(a^{(2)})^{a^{(2)}}",
    r"(a^{(2)})^{1/0}",
    r"10^{1000}",
    "9" * 100,
    r"\hat" * 3000 + "a",
    r"\sqrt" * 3000 + "a",
    "{" * 3000 + "a" + "}" * 3000,
    "(" * 40 + "a" + ")" * 40,
    r"\frac{" * 40,
    r"\sum_k " * 200 + r"W_{kk}^{(2)}",
    "-" * 5000 + "a",
    "a + " * 9000 + "a",
    "x" * 30_000,
    "|" * 999,
    "_" * 50,
    "^" * 50,
    "&" * 50,
    "\\",
    "\x00",
    "\u202e a",
    "__import__('os')",
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_but_a_formula_gets_through(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ExpressionError) as caught:
        judge_lines("2-3-4", [LEFT + text], prove=False)
    assert all(len(str(each)) < 1000 and each.way_out for each in caught.value.problems)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_{k = 1}^{1000000000} a^{(2)}",
        r"\sum_{k = 1}^{100000} \sum_{j = 1}^{100000} (k + j)",
        r"\sum_{k = 1}^{9} a_{k}^{(2)}",
        r"\log(a^{(2)} - 2)",
        r"\frac{a^{(2)}}{a^{(2)} - a^{(2)}}",
        r"\exp(\exp(\exp(\exp(\exp(9 z^{(2)})))))",
    ],
)
def test_what_has_no_finite_value_is_wrong_and_harms_nothing(text: str) -> None:
    start = time.process_time()
    report = judge_lines("2-3-4", [LEFT + text], prove=False)
    assert report.verdict is Verdict.FAIL
    assert report.json()
    assert time.process_time() - start < 8


@pytest.mark.parametrize(
    "text",
    [
        "$$" * 20_000,
        "\\[" * 20_000,
        "\\begin{align}" * 20_000,
        "\\begin{align}" + "\\qquad a" * 20_000 + "\\end{align}",
        "\\begin{align} a = b" + " \\\\ = b" * 5_000 + "\\end{align}",
        "%" * 100_000,
        "```\n" * 20_000,
        "no formula at all",
        "a = b" * 500_000,
    ],
    ids=range(9),
)
def test_a_document_is_read_in_no_time(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(BpsymError):
        judge_document("2-3-1", text, file="x.tex", prove=False)
    assert time.process_time() - start < 8
