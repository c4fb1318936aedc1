"""What is read of LaTeX as people write it, and what is said of what is not."""

from __future__ import annotations

import re

import pytest

from bpsym.errors import ExpressionError
from bpsym.verify.lines.formulas import judge_document, judge_lines
from bpsym.verify.report import Verdict

CHINESE = re.compile(r"[\u4e00-\u9fff]")

READ = [
    r"\boldsymbol{\delta}^{(1)} = \left(\bm{W}^{(2)}\right)^\top \vec{\delta}^{(2)} "
    r"\circ \sigma'(\mathbf{z^{(1)}})",
    r"\mathbf{\delta^{(1)}} = \mathbf{W^{(2)}}^{\intercal} \mathbf{\delta^{(2)}} "
    r"\odot \sigma'(\vec{z^{(1)}})",
    r"\frac{\mathrm{d} J}{\mathrm{d} W^{(2)}} = \delta^{(2)} a^{(1)T}",
    r"\frac{\operatorname{d} J}{\operatorname{d} b^{(2)}} = \delta^{(2)} % the bias",
    r"\delta^{(2)} := (a^{(2)} - y) \odot \sigma'(z^{(2)}) "
    r"\Rightarrow \frac{\partial C}{\partial b^{(2)}} = \delta^{(2)}",
    r"\delta^{(2)} = (a^{(2)} - y) \odot \sigma'(z^{(2)}) "
    r"\implies \nabla_{W^{(2)}} C = \delta^{(2)} {a^{(1)}}^{\mathsf T}",
    r"\[\delta^{(2)} \equiv (a^{(2)} - y) \odot \sigma'(z^{(2)}) \tag{1}\label{eq:one}\]",
]


@pytest.mark.parametrize("text", READ, ids=range(len(READ)))
def test_the_usual_ways_of_writing_are_read(text: str) -> None:
    assert judge_lines("2-3-2", [text], prove=False).verdict is Verdict.PASS


def test_an_arrow_parts_two_equations_and_each_is_judged() -> None:
    text = (
        r"\delta^{(2)} = (a^{(2)} - y) \odot \sigma'(z^{(2)}) "
        r"\Rightarrow \frac{\partial C}{\partial b^{(2)}} = -\delta^{(2)}"
    )
    assert [each.ok for each in judge_lines("2-3-2", [text], prove=False).lines] == [True, False]


UNREADABLE = [
    r"\delta^{(2)} = \foo{a^{(2)}}",
    r"\delta^{(9)} = a^{(2)}",
    r"\delta^{(2)} = (a^{(2)} - y",
    r"\delta^{(2)} = \frac{1}",
    "delta2 = (a2 - Y) ? 3",
    "delta2 = (a2 - Y",
    "delta2 (a2 - Y)",
]


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_is_not_read_is_said_in_the_language_that_was_asked_for(text: str) -> None:
    told = {}
    for lang in ("en", "zh"):
        with pytest.raises(ExpressionError) as caught:
            judge_lines("2-3-2", [text], prove=False, lang=lang)  # type: ignore[arg-type]
        told[lang] = str(caught.value)
    assert not CHINESE.search(told["en"])
    bare = re.sub(r"'[^']*'", "", told["zh"]).replace("bpsym derive", "").replace("--notation", "")
    assert len(CHINESE.findall(told["zh"])) > 8
    bare = re.sub(r"例如.*", "", bare)
    english = re.findall(r"(?<![\\A-Za-z])[a-z]{4,}(?![A-Za-z])", bare)
    assert not english, told["zh"]


def test_a_document_says_why_in_both_languages() -> None:
    text = "\\begin{align} \\delta^{(2)} &= a^{(2)} \\\\ Q^{foo} + 1 &= 3 \\delta \\end{align}"
    english = judge_document("2-3-2", text, file="n.tex", prove=False)
    chinese = judge_document("2-3-2", text, file="n.tex", prove=False, lang="zh")
    [[_, _, why]], [[_, _, said]] = english.unread, chinese.unread
    assert "this name means nothing here" in why
    assert CHINESE.search(said)
    assert "\\\\" not in why + said


def test_what_is_wrong_only_for_large_values_is_wrong() -> None:
    network = "3-4-2:identity,act=relu6"
    [wrong] = judge_lines(network, ["delta1 = delta2 @ W2 * (z1 > 0)"], prove=False).lines
    assert [each.code for each in wrong.diagnosis] == ["derivative-formula"]
    assert "Piecewise" not in wrong.diagnosis[0].what
    line = wrong.diagnosis[0].fix.partition(": ")[2].rstrip(".")
    assert judge_lines(network, [line], prove=False).verdict is Verdict.PASS
