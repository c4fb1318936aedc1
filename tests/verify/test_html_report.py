"""The page of a report: complete, by itself, escaped, marked, in both languages."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

import bpsym
from bpsym.cli.main import main
from bpsym.verify.lines.formulas import judge_lines
from bpsym.verify.report import Report, Verdict

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=y> ' { } \\ </style>"
VOID = frozenset("meta br img rect path circle line input hr".split())


def wrong_gradients(params, X, Y):
    a1 = 1 / (1 + bpsym_exp(-(X @ params["W1"].T + params["b1"])))
    a2 = 1 / (1 + bpsym_exp(-(a1 @ params["W2"].T + params["b2"])))
    delta2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    delta1 = delta2 @ params["W2"] * a1
    sys.stdout.write(HOSTILE)
    return {
        "W1": delta1.T @ X,
        "b1": delta1.sum(axis=0),
        "W2": delta2.T @ a1,
        "b2": delta2.sum(axis=0),
    }


def bpsym_exp(z):
    import numpy as np

    return np.exp(z)


class Balanced(HTMLParser):
    """Holds every end tag against its beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def parsed(page: str) -> Balanced:
    reader = Balanced()
    reader.feed(page)
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def report() -> Report:
    return bpsym.verify("2-3-4", wrong_gradients, prove=False, in_process=True)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("hint", [1, 2, 3])
def test_the_page_stands_by_itself(report: Report, lang: str, hint: int) -> None:
    page = report.html(hint=hint, lang=lang)
    reader = parsed(page)
    assert not {tag for tag, _ in reader.tags} & {"script", "link", "img", "iframe", "object"}
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert "url(" not in page.replace("url(#", "")
    assert page.count("<h1>") == 1


def test_hints_hide(report: Report) -> None:
    code = report.diagnosis[0].code
    first, second, third = (report.html(hint=hint) for hint in (1, 2, 3))
    assert code not in first
    assert code not in second
    assert code in third
    assert "delta1 =" in third
    assert "delta1 =" not in second
    for hidden in (report.parameters[0].yours, report.parameters[0].right):
        assert f"{hidden:.9g}" in third
        assert f"{hidden:.9g}" not in second


def test_the_faulty_arrow_is_marked_by_colour_and_shape(report: Report) -> None:
    assert report.diagnosis[0].where == "delta1"
    page = report.html()
    assert len(re.findall(r'class="arrow bad"', page)) == 1
    assert len(re.findall(r'class="cross"', page)) == 1
    assert re.search(r'class="box bad">.*?δ1<', page)
    assert '.network circle[data-unit^="1."]' in page
    assert "stroke-dasharray" in page


def test_a_right_report_marks_nothing(report: Report) -> None:
    page = replace(report, verdict=Verdict.PASS, diagnosis=()).html()
    assert 'class="arrow bad"' not in page
    assert "data-unit^=" not in page


def test_everything_of_the_users_is_escaped(report: Report) -> None:
    found = replace(report.diagnosis[0], what=HOSTILE, evidence=HOSTILE, fix=HOSTILE, where=HOSTILE)
    hostile = replace(
        report,
        target=HOSTILE,
        network=HOSTILE,
        output=HOSTILE,
        assumed=(HOSTILE,),
        notes=(HOSTILE,),
        diagnosis=(found,),
        parameters=(replace(report.parameters[0], name=HOSTILE), *report.parameters[1:]),
    )
    for page in (hostile.html(), hostile._repr_html_()):
        assert "<script" not in page
        assert "<img" not in page
        parsed(page)


def test_formulas_have_a_page() -> None:
    report = judge_lines("2-3-4", ["delta2 = (Y - a2) * a2 * (1 - a2) / m"], prove=False)
    page = report.html()
    parsed(page)
    assert "Turn the sign round" in page
    assert "<math" in page
    assert "bpsym-report" in report._repr_html_()


NETWORKS = ("2-3-4", "3-2-2-2-2-2-2-2-2-2-2-2-2-1", "examples/networks/residual.toml", "784-128-10")


@pytest.mark.parametrize("spec", NETWORKS)
def test_every_network_has_its_pictures(spec: str) -> None:
    derivation = bpsym.derive(spec)
    name = derivation.adjoints[-1].name
    report = Report(Verdict.PASS, spec, "x", (), derivation=derivation)
    diagnosis = bpsym.verify.Diagnosis("sign", name.removeprefix("d"), "a", "b", "c")
    page = replace(report, verdict=Verdict.FAIL, diagnosis=(diagnosis,)).html()
    parsed(page)
    assert 'class="arrow bad"' in page


def test_the_command_writes_it(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    line = "delta2 = (Y - a2) * a2 * (1 - a2) / m"
    command = ["verify", "2-3-1", "--formula", line, "--html", str(page), "--no-prove"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 3
    assert "FAIL" in page.read_text(encoding="utf-8")
    done = CliRunner().invoke(main, [*command[:-2], str(tmp_path / "no" / "x.html"), "--no-prove"])
    assert done.exit_code == 2
    assert "cannot be written" in done.output


# Words that are names, code or signs in a Chinese report too.
NAMES = re.compile(
    r"(?:[A-Za-z_]*\d[\w.\[\]()]*|m|n|k|C|x|W|X|Y|Z|T|K|sum|mean|axis|bpsym|PASS|FAIL|INCONCLUSIVE|"
    r"float32|float64|one-hot|relu|sigmoid|delta|dW|db|dZ|out|in|loss|epsilon|rate|e)"
)


def english_words(text: str) -> list[str]:
    """The words of an English sentence: two or more plain words beside one another."""
    bare = re.sub(r"[\w.]*[(\[={@/\\][^\s\u4e00-\u9fff]*", " ", text)
    return re.findall(r"\b(?:the|is|are|of|and|not|with|which|where|that|there)\b", bare)


def test_a_chinese_report_has_no_english_sentence() -> None:
    report = bpsym.verify("2-3-4", wrong_gradients, prove=False, in_process=True, lang="zh")
    from bpsym.verify.words.terminal import render

    text = render(replace(report, output=""), lang="zh")
    assert english_words(text) == []
    page = replace(report, output="").html()
    page = re.sub(
        r"<style>.*?</style>|<math.*?</math>|<code>.*?</code>", " ", page, flags=re.DOTALL
    )
    assert english_words(re.sub(r"<[^>]*>", " ", page)) == []
    assert set(report.to_json()) >= {"verdict", "parameters", "diagnosis"}


@pytest.mark.parametrize(
    "lines",
    [
        ("dW2 = a1.T @ delta2",),
        ("delta2 = (Y - a2) / m", "dW2 = delta2.T @ z1", "db1 = delta1"),
        (r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)}",),
        (r"\delta_j^l = \sum_k w_{jk}^{l+1} \delta_k^{l+1} \sigma'(z_j^l)",),
        (r"\frac{\partial C}{\partial w_{jk}^l} = \delta_i^l a_k^{l-1}",),
        ("dZ1 = W1.T @ dZ2",),
    ],
)
def test_a_chinese_report_on_formulas_has_no_english_sentence(lines: tuple[str, ...]) -> None:
    report = judge_lines("2-3-1", lines, prove=False, lang="zh")
    assert english_words(str(report)) == []


def test_code_that_raises_has_a_page_with_its_traceback(tmp_path: Path) -> None:
    code = tmp_path / "raises.py"
    code.write_text("def f(params, X, Y):\n    raise ValueError('</pre><script>x</script>')\n")
    page = tmp_path / "report.html"
    command = ["verify", "2-3-1", f"{code}:f", "--html", str(page), "--no-prove", "--lang", "zh"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    text = page.read_text(encoding="utf-8")
    parsed(text)
    assert "ValueError" in text
    assert "<script" not in text


def test_on_a_narrow_screen_every_cell_says_what_it_is() -> None:
    text = bpsym.verify("2-3-1", wrong_gradients, prove=False).html()
    cells = re.findall(r"<td([^>]*)>", text)
    named = re.findall(r'<td data-of="([^"]+)">', text)
    assert len(cells) == len(named)
    assert {"yours", "right"} <= set(named)
    assert re.search(r"@media screen and \(max-width.*?attr\(data-of\)", text, re.DOTALL)
