"""Whole files: each format has all that the document has, and its compiler takes it."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import bpsym
from bpsym.cli.doctor import doctor
from bpsym.errors import EmitError
from bpsym.typeset.document import Display, Document, Figure, Items, Paragraph, Section, Table
from bpsym.typeset.documents import compiled
from bpsym.typeset.documents.formats import BINARY, FORMATS, written
from bpsym.typeset.documents.html import HtmlRenderer
from bpsym.typeset.documents.latex import LatexRenderer
from bpsym.typeset.documents.markdown import MarkdownRenderer
from bpsym.typeset.documents.renderer import Manner
from bpsym.typeset.documents.typst import TypstRenderer
from bpsym.typeset.formulas.tree import Chain, Kind, Symbol, equation
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.printers import latex as latex_printer
from bpsym.typeset.printers.language import MOST_UNBROKEN
from tests.typeset import values
from tests.typeset.networks import NAMES, derived

RENDERERS = (LatexRenderer, MarkdownRenderer, TypstRenderer, HtmlRenderer)
SHOWN = (*NAMES, "2-3-3-1", "784-128:relu-10:softmax", "-".join(["3"] * 30))
TYPICAL = ("2-3-3-1", "784-128:relu-10:softmax", "residual", "gated")
HOSTILE = "a\\b{c}$d#e%f_g^h~i&j<k>l|m\"n'o`p*q@r[s]t-u/v+w=x\n\\input{/etc/passwd} #eval {{ 7 }}"

# What LaTeX, amsmath, array, longtable and tikz define; anything else would be undefined.
KNOWN = set(
    """
    documentclass usepackage ctexset pagestyle Large to dots allowdisplaybreaks
    setlength mathindent parindent parskip emergencystretch
    abovedisplayskip belowdisplayskip abovedisplayshortskip belowdisplayshortskip itemsep
    renewcommand arraystretch begin end LARGE par noindent section item emph hline endhead
    raggedright arraybackslash draw node footnotesize tiny bfseries texttt char textbackslash
    textasciicircum textasciitilde textless textgreater textbar textquotesingle textasciigrave
    frac tfrac sqrt sum partial mathrm mathsf mathtt operatorname text underbrace overline bar hat
    tilde cdot cdots vdots odot times neq le ge lvert rvert left right qquad quad
    bigl bigr Bigl Bigr biggl biggr Biggl Biggr arctan cos cosh exp log max min sin sinh tanh
    sigma Phi varphi varepsilon
    """.split()
) | set(latex_printer.GREEK.split())


def document_of(name: str) -> Document:
    return values.document(name)


def text_of(renderer: type, name: str) -> str:
    return str(renderer().text(document_of(name)))


def hostile() -> Document:
    """A document whose words are signs of every language."""
    symbol = Symbol("x", Kind.TENSOR, "x", HOSTILE)
    paragraph = Paragraph((HOSTILE, symbol))
    table = Table((HOSTILE, "b"), (((HOSTILE,), ("1",)),), frozenset({1}))
    blocks = (paragraph, Items(((HOSTILE,),)), table, Display((equation(symbol, symbol),)))
    return Document(HOSTILE, (Section(HOSTILE, blocks),))


# Structure


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("name", SHOWN)
def test_every_section_is_there(renderer: type, name: str) -> None:
    text = text_of(renderer, name)
    for section in document_of(name).sections:
        assert renderer().escaped(section.title) in text
    assert "None" not in text


@pytest.mark.parametrize("name", SHOWN)
def test_latex_has_balanced_delimiters_and_known_macros(name: str) -> None:
    text = text_of(LatexRenderer, name)
    assert undefined(text) == set()
    assert unbalanced(text) == []


def undefined(text: str) -> set[str]:
    """Macros that plain LaTeX with amsmath, array and tikz does not have."""
    return set(re.findall(r"\\([A-Za-z]+)", re.sub(r"(?m)^%.*$", "", text))) - KNOWN


def unbalanced(text: str) -> list[str]:
    """What is opened and not closed, or closed and not opened."""
    tokens = re.findall(r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\left|\\right|\\.|[{}]", text)
    closes = {"}": "{", r"\right": r"\left"}
    waiting: list[str] = []
    for token in tokens:
        if token.startswith(r"\end"):
            if not waiting or waiting.pop() != token.replace("end", "begin", 1):
                return [token]
        elif token in closes:
            if not waiting or waiting.pop() != closes[token]:
                return [token]
        elif token in ("{", r"\left") or token.startswith(r"\begin"):
            waiting.append(token)
    return waiting


@pytest.mark.parametrize("fault", [r"\begin{align*} x", "{", r"\left( x", "}", r"\end{align*}"])
def test_an_open_delimiter_is_seen(fault: str) -> None:
    assert unbalanced(text_of(LatexRenderer, "2-3-1") + fault)


def test_an_unknown_macro_is_seen() -> None:
    assert undefined(r"\frac{1}{2} \mathcal{L}") == {"mathcal"}


class Nesting(HTMLParser):
    """Whether every element is closed where it should be, and what is fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for key, value in attrs if key in ("src", "href")]
        if tag not in ("meta", "br", "img", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for key, value in attrs if key in ("src", "href")]


@pytest.mark.parametrize("name", SHOWN)
def test_html_is_well_nested_and_fetches_nothing(name: str) -> None:
    checker = Nesting()
    text = text_of(HtmlRenderer, name)
    checker.feed(text)
    assert checker.faults == []
    assert checker.open == []
    assert checker.fetched == []
    assert "<script" not in text
    assert text.count("<math") >= 5


@pytest.mark.parametrize("name", ["2-3-1", "residual"])
def test_markdown_tables_have_rows_of_one_length(name: str) -> None:
    rows = [line for line in text_of(MarkdownRenderer, name).splitlines() if line.startswith("|")]
    assert len(rows) >= 4
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1


@pytest.mark.parametrize("renderer", RENDERERS)
def test_shapes_of_a_display_are_written(renderer: type) -> None:
    x, n = Symbol("x", Kind.TENSOR, "x"), Symbol("n", Kind.SIZE, "n")
    display = Display((equation(x, x),), ((x, (n, n)),))
    assert re.search("under(brace)?", renderer().block(display))
    assert not re.search("under", renderer().block(Display((equation(x, x),))))


# Words of users


def test_hostile_words_stay_words_in_html() -> None:
    checker = Nesting()
    text = HtmlRenderer().text(hostile())
    checker.feed(text)
    assert checker.faults == []
    assert "<k>" not in text


def test_hostile_words_stay_words_in_latex() -> None:
    text = LatexRenderer().text(hostile())
    assert undefined(text) == set()
    assert unbalanced(text) == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
def test_hostile_words_compile_in_latex(tmp_path: Path) -> None:
    assert latex_log(LatexRenderer().text(hostile()), tmp_path) is not None


def test_hostile_words_compile_in_typst() -> None:
    pytest.importorskip("typst")
    assert compiled.compiled(TypstRenderer().text(hostile()), "pdf").startswith(b"%PDF")


# Compilers


def latex_log(text: str, folder: Path, program: str = "pdflatex") -> str:
    """What TeX says; it must take the text."""
    (folder / "document.tex").write_text(text, encoding="utf-8")
    run = subprocess.run(
        [program, "-interaction=nonstopmode", "-halt-on-error", "document.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    return run.stdout


def table_of(rows: int) -> Document:
    table = Table(("number", "word"), tuple(((str(n),), ("word",)) for n in range(rows)))
    return Document("A table", (Section("Numbers", (table,)),))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
@pytest.mark.parametrize("rows", [4, 12, 13, 200])
def test_no_row_of_a_table_is_lost(rows: int, tmp_path: Path) -> None:
    """A table taller than a page goes on over the next; TeX says so if a page is overfull."""
    text = LatexRenderer().text(table_of(rows))
    assert "Overfull" not in latex_log(text, tmp_path)
    assert ("longtable}{" in text) is (rows > 12)
    assert undefined(text) == set()


@pytest.mark.parametrize("rows", [4, 12, 13, 200])
def test_a_short_table_stays_on_its_page(rows: int) -> None:
    text = TypstRenderer().text(table_of(rows))
    assert f"#align(center, block(breakable: {'true' if rows > 12 else 'false'})[" in text


def lines_of(count: int) -> Document:
    """A display of so many lines."""
    x, y = (Symbol(letter, Kind.TENSOR, letter) for letter in "xy")
    chain = Chain(x, (("=", y),) * count)
    return Document("Lines", (Section("One", (Paragraph(("It is so:",)), Display((chain,)))),))


@pytest.mark.parametrize("count", range(1, 9))
def test_no_page_ends_after_the_first_line_of_a_formula(count: int) -> None:
    """Short formulas are not broken at all, in long ones a line before the last is kept too."""
    text = LatexRenderer().text(lines_of(count))
    (inside,) = re.findall(r"(?s)begin{align\*}(.*)end{align", text)
    kept = [end == "*" for end in re.findall(r"\\\\(\*?)", inside)]
    short = count <= MOST_UNBROKEN
    assert kept == [short or at in (0, count - 2) for at in range(count - 1)]
    assert ("#long($" in TypstRenderer().text(lines_of(count))) is not short


def test_words_stay_with_what_follows_them() -> None:
    text = TypstRenderer().text(lines_of(2))
    assert "#block(sticky: true)[It is so:]" in text
    said = Document("Words", (Section("One", (Paragraph(("A.",)), Paragraph(("B.",)))),))
    assert "sticky: true)[A" not in TypstRenderer().text(said)


def test_cells_are_not_stretched() -> None:
    """The words of a narrow column keep their distance; those of a paragraph fill the line."""
    text = TypstRenderer().text(table_of(2))
    start = text.index("#table(")
    assert text.rindex("justify: false", 0, start) > text.rindex("justify: true", 0, start)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
@pytest.mark.parametrize("name", [*TYPICAL, "3-3-3-3-3-3-3-3-2"])
def test_pdflatex_takes_it_and_no_line_is_too_wide(name: str, tmp_path: Path) -> None:
    assert "Overfull" not in latex_log(text_of(LatexRenderer, name), tmp_path)


@pytest.mark.parametrize("name", ["2-3-1", "residual", "gated", "joined"])
def test_typst_makes_a_pdf(name: str) -> None:
    pytest.importorskip("typst")
    first = written(document_of(name), "pdf")
    assert first.startswith(b"%PDF")
    assert written(document_of(name), "pdf") == first


def test_typst_makes_pictures_of_one_page() -> None:
    pytest.importorskip("typst")
    assert written(document_of("residual"), "png").startswith(b"\x89PNG")
    tree = ElementTree.fromstring(written(document_of("residual"), "svg"))
    assert tree.tag.endswith("svg")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - BINARY - {"svg"}))
def test_text_formats_need_no_compiler(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "typst_module", no_typst)
    assert written(document_of("2-3-1"), name).decode()


# What is missing


def no_typst() -> None:
    raise AssertionError("asked for typst")


def test_an_unknown_format_is_an_error_with_a_way_out() -> None:
    with pytest.raises(EmitError, match="Did you mean 'latex'"):
        written(document_of("2-3-1"), "Latx")


def test_a_missing_compiler_is_an_error_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(EmitError, match=r"bpsym\[pdf\]"):
        written(document_of("2-3-1"), "pdf")


def test_a_missing_chinese_font_is_an_error_with_what_to_install() -> None:
    with pytest.raises(EmitError, match="fonts-noto-cjk"):
        compiled.fonts_for("zh", families=["DejaVu Sans"])
    assert compiled.fonts_for("en", families=[]) == ("New Computer Modern",)
    assert compiled.fonts_for("zh", families=["SimSun"])[-1] == "SimSun"


def test_a_font_that_typst_does_not_find_is_an_error() -> None:
    pytest.importorskip("typst")
    source = '#set text(font: ("New Computer Modern", "No Such Font"))\nwords'
    with pytest.raises(EmitError, match="font"):
        compiled.compiled(source, "pdf")


def test_source_that_typst_refuses_is_an_error_with_its_message() -> None:
    pytest.importorskip("typst")
    with pytest.raises(EmitError, match="unknown variable"):
        compiled.compiled("#nothing", "pdf")


# Languages


def chinese() -> Document:
    z = Symbol("z1", Kind.TENSOR, "z", "1")
    text = ("误差逆传播算法按链式法则计算梯度,", z, " 是净输入;⊙ 表示按元素相乘。")
    return Document("误差逆传播", (Section("反向传播", (Paragraph(text),)),))


def test_chinese_latex_is_for_ctex() -> None:
    text = LatexRenderer(Manner(language="zh")).text(chinese())
    assert "{ctexart}" in text
    assert "误差逆传播" in text
    assert undefined(text) == set()
    assert "ctex" not in LatexRenderer().text(chinese())


def has_ctex() -> bool:
    """Whether XeLaTeX and the class for Chinese are here."""
    programs = [shutil.which(each) for each in ("kpsewhich", "xelatex")]
    if None in programs:
        return False
    run = subprocess.run(["kpsewhich", "ctexart.cls"], capture_output=True, check=False)
    return run.returncode == 0


@pytest.mark.skipif(not has_ctex(), reason="no TeX for Chinese here")
def test_ctex_takes_chinese(tmp_path: Path) -> None:
    picture = picture_of(derived("2-3-1")[0], words=LANGUAGES["zh"].picture)
    figure = Section("网络", (Figure(picture),))
    shown = Document("误差逆传播", (figure, *chinese().sections))
    text = LatexRenderer(Manner(language="zh")).text(shown)
    log = latex_log(text, tmp_path, "xelatex")
    assert "Missing character" not in log
    assert "Missing character" not in (tmp_path / "document.log").read_text(errors="replace")


def test_chinese_in_a_pdf() -> None:
    pytest.importorskip("typst")
    try:
        compiled.fonts_for("zh")
    except EmitError:
        pytest.skip("no font with Chinese characters here")
    assert written(chinese(), "pdf", manner=Manner(language="zh")).startswith(b"%PDF")


# Notebooks and the doctor


def test_a_derivation_shows_itself_in_a_notebook() -> None:
    derivation = bpsym.derive("2-3-1")
    latex = derivation._repr_latex_()
    assert latex.startswith("$$")
    assert latex.endswith("$$")
    assert r"\delta" in latex
    html = derivation._repr_html_()
    checker = Nesting()
    checker.feed(html)
    assert checker.faults == checker.open == []
    assert "<svg" in html
    assert "<math" in html
    assert ElementTree.fromstring(derivation._repr_svg_()).tag.endswith("svg")


def test_the_doctor_says_what_is_there() -> None:
    result = CliRunner().invoke(doctor, ["--json"])
    assert result.exit_code == 0
    found = {row["what"]: row for row in json.loads(result.output)}
    assert {"typst", "Chinese font", "pdflatex", "ctex"} <= set(found)
    assert bool(found["pdflatex"]["found"]) == (shutil.which("pdflatex") is not None)
    plain = CliRunner().invoke(doctor, [])
    for row in found.values():
        assert (row["install"] in plain.output) == (not row["found"])
