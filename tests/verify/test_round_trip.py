"""What ``derive`` prints is read back and judged right; one change in it is judged wrong."""

from __future__ import annotations

import itertools
import re
import tomllib
from functools import cache

import pytest

from bpsym.errors import EmitError
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.network.model import Network
from bpsym.typeset.printed import printed
from bpsym.verify.lines.formulas import FormulaReport, judge_document, judge_lines
from bpsym.verify.report import Verdict
from tests.typeset.networks import DECLARED

NOTATIONS = ("", "watermelon", "haykin", "fully-connected", "nielsen", "ng", "cs224n")
CHAINS = (
    "2-3-1",
    "2-3-4-2,l2=0.01",
    "4-3:relu-2:softmax",
    "4-3:prelu-2:softmax,loss=half_squared_error",
    "4-3:softplus-2:identity,loss=log_cosh",
    "3-2:hard_tanh-4:gelu-2:leaky_relu,loss=mse",
)
GRAPHS = ("residual", "ranking", "gated", "joined", "weighted")


def network_of(name: str) -> Network:
    return parse(tomllib.loads(DECLARED[name]) if name in DECLARED else name)


@cache
def text_of(
    name: str, notation: str, view: str, to: str = "latex", lang: str = "en", steps: bool = False
) -> str:
    """What is printed; empty if the notation has no words for the network."""
    try:
        document = printed(
            build(network_of(name)),
            notation=notation or None,
            view=view,  # type: ignore[arg-type]
            lang=lang,
            steps=steps,
            prove=False,
        )
    except EmitError as reason:
        return _nothing(reason)
    return document.latex() if to == "latex" else document.markdown()


def _nothing(reason: EmitError) -> str:
    """A network is left out for want of words, and for no other reason."""
    assert "it has no word for" in str(reason), reason
    return ""


def judged(name: str, text: str, notation: str | None = None, **options: str) -> FormulaReport:
    file = options.pop("file", "notes.tex")
    return judge_document(
        network_of(name),
        text,
        file=file,
        notation=notation,
        prove=False,
        **options,  # type: ignore[arg-type]
    )


def assert_read_and_right(report: FormulaReport) -> None:
    wrong = [f"{each.where}: {each.text} {each.problem}" for each in report.lines if not each.ok]
    assert not wrong, wrong[:3]
    assert not report.unread, report.unread[:3]
    assert len(report.lines) > 10


PAIRS = [*itertools.product(CHAINS, NOTATIONS), *itertools.product(GRAPHS, ("", "cs224n"))]
# Its cost and the loss of the data have one letter there.
PAIRS = [
    (name, notation)
    for name, notation in PAIRS
    if notation != "fully-connected" or ("l2" not in name and name != "weighted")
]
PAIRS += [("4-3:softplus-2:identity,loss=hinge", each) for each in ("", "nielsen", "ng")]


@pytest.mark.parametrize(("name", "notation"), PAIRS)
def test_everything_printed_is_read_and_right(name: str, notation: str) -> None:
    text = text_of(name, notation, "all")
    if text:
        assert_read_and_right(judged(name, text))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("view", ["scalar", "matrix"])
def test_single_weights_and_whole_matrices(notation: str, view: str) -> None:
    assert_read_and_right(judged("2-3-2", text_of("2-3-2", notation, view), notation))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_markdown_and_chinese(notation: str) -> None:
    text = text_of("4-3:elu-2:softmax", notation, "all", "markdown", "zh")
    report = judged("4-3:elu-2:softmax", text, file="notes.md", lang="zh")
    assert_read_and_right(report)
    assert any("notes.md, line" in each.where for each in report.lines)


def test_every_named_step_is_read() -> None:
    assert_read_and_right(judged("2-3-1", text_of("2-3-1", "", "index", steps=True)))


@pytest.mark.parametrize("notation", NOTATIONS[1:])
def test_the_recursion_for_any_depth_holds_for_a_network(notation: str) -> None:
    from bpsym.typeset.printed import printed_any_depth

    text = printed_any_depth(notation=notation, view="all", prove=False).latex()
    report = judged("2-3-4-2", text)
    assert_read_and_right(report)


# A change, how it is made in a printed line, and the lines in which it can be made.
def turn_a_sign(text: str) -> str:
    return re.sub(r"\(([^()]+?) - ([^()]+?)\)", r"(\1 + \2)", text, count=1)


def exchange_indices(text: str) -> str:
    return re.sub(r"([Wwv])_\{([a-z])([a-z])\}", r"\1_{\3\2}", text, count=1)


def double(text: str) -> str:
    return text.replace("= ", "= 2 ", 1)


def drop_a_transpose(text: str) -> str:
    return re.sub(r"\^\{\(?\[?(\d)\)?\]? \\mathsf\{T\}\}", r"^{(\1)}", text, count=1)


CHANGES = {
    "sign": (turn_a_sign, "index"),
    "index": (exchange_indices, "index"),
    "factor": (double, "index"),
    "transpose": (drop_a_transpose, "matrix"),
}


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_what_is_printed_is_wrong(notation: str, change: str) -> None:
    planted, view = CHANGES[change]
    right = judged("2-3-4", text_of("2-3-4", notation, view), notation)
    lines = [each for each in right.lines if each.of and planted(each.text) != each.text]
    lines = [each for each in lines if r"\partial" not in each.text.partition("=")[2]]
    if change == "transpose":
        # delta 1 is right too, where samples are columns.
        told = (r"\mathsf", r"\mathbf{1}")
        lines = [each for each in lines if told[0] in each.text and told[1] not in each.text]
    # Not every notation prints a transpose of this form.
    assert lines or change == "transpose"
    for line in lines[:4]:
        report = judge_lines("2-3-4", [planted(line.text)], notation=notation, prove=False)
        assert report.verdict is Verdict.FAIL, planted(line.text)


def test_each_equality_of_a_chain_is_judged_by_itself() -> None:
    (text,) = [r"\delta^{(2)} &= \nabla_a C \odot \sigma'(z^{(2)}) \\ &= (a^{(2)} - y) \odot "
               r"a^{(2)} \odot (1 + a^{(2)})"]  # fmt: skip
    report = judge_lines("2-3-4", [text], prove=False)
    assert [each.ok for each in report.lines] == [True, False]


def test_prose_is_left_alone_and_what_cannot_be_read_is_told() -> None:
    text = r"""
We write $\delta^2 = 7$ in passing. % $$ \delta^2 = 8 $$
\begin{align}
  \delta^{L} &= \nabla_a C \odot \sigma'(z^L), \label{eq:one} \\
  \delta^{l} &= \bigl((W^{l+1})^\top \delta^{l+1}\bigr) \odot \sigma'(z^{l}).
\end{align}
\begin{verbatim}
$$ \delta^2 = 9 $$
\end{verbatim}
\[ \mathbb{E}[x] = \mu \]
"""
    report = judged("2-3-4-2", text)
    assert [each.where for each in report.lines] == ["notes.tex, line 4", "notes.tex, line 5"]
    assert len(report.unread) == 1
    assert report.verdict is Verdict.INCONCLUSIVE


def test_a_layer_given_by_a_letter_is_every_layer() -> None:
    wrong = r"\delta^l = ((W^{l})^T \delta^{l+1}) \odot \sigma'(z^l)"
    assert judge_lines("2-3-4-2", [wrong], prove=False).verdict is Verdict.FAIL
