"""Every notation and language as LaTeX: it compiles, and no line is wider than the page."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from bpsym.network import parse
from bpsym.network.build import build
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.printed import printed, printed_any_depth
from tests.typeset.test_documents import has_ctex, latex_log, unbalanced, undefined

SPECS = ("2-3-1", "2-3-3-1", "784-128-10")
SCORER = str(Path(__file__).parents[2] / "examples" / "networks" / "scorer.toml")
# Others than these are of no harm to a reader.
WIDEST = 1.0


@cache
def latex_of(spec: str, notation: str, lang: str, *, thresholds: bool = False) -> str:
    """A document as LaTeX; what is proven does not change how wide it is."""
    if spec == "any-depth":
        return printed_any_depth(
            notation=notation, lang=lang, view="all", thresholds=thresholds
        ).latex()
    return printed(
        build(parse(spec)),
        notation=notation,
        lang=lang,
        view="all",
        thresholds=thresholds,
        prove=False,
    ).latex()


def too_wide(log: str) -> list[str]:
    """The lines that stand out by more than a reader sees."""
    found = re.findall(r"Overfull \\hbox \(([0-9.]+)pt too wide\)[^\n]*", log)
    return [each for each in found if float(each) > WIDEST]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_its_structure_is_sound(notation: str, lang: str) -> None:
    for spec in ("2-3-1", "any-depth"):
        text = latex_of(spec, notation, lang)
        assert unbalanced(text) == []
        assert undefined(text) == set()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("spec", [*SPECS, "any-depth"])
def test_english_compiles_with_plain_pdflatex(spec: str, notation: str, tmp_path: Path) -> None:
    assert too_wide(latex_log(latex_of(spec, notation, "en"), tmp_path)) == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
def test_two_passes_and_thresholds_compile(tmp_path: Path) -> None:
    assert too_wide(latex_log(latex_of(SCORER, "cs224n", "en"), tmp_path)) == []
    text = latex_of("2-3-2", "watermelon", "en", thresholds=True)
    assert too_wide(latex_log(text, tmp_path)) == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
@pytest.mark.parametrize("spec", ["2-3-3-1,loss=huber", "3-4:prelu-2:tanh,loss=huber"])
def test_case_distinctions_of_the_whole_loss_stay_on_the_page(spec: str, tmp_path: Path) -> None:
    text = printed(build(parse(spec)), full=True, view="all", prove=False).latex()
    log = latex_log(text, tmp_path)
    assert too_wide(log) == []
    assert "Overfull \\vbox" not in log


@pytest.mark.skipif(not has_ctex(), reason="no TeX for Chinese here")
@pytest.mark.parametrize("notation", NOTATIONS)
def test_chinese_compiles_with_ctex(notation: str, tmp_path: Path) -> None:
    log = latex_log(latex_of("2-3-3-1", notation, "zh"), tmp_path, "xelatex")
    assert too_wide(log) == []
    assert "Missing character" not in (tmp_path / "document.log").read_text(errors="replace")


def test_a_line_that_stands_out_is_seen() -> None:
    log = "Overfull \\hbox (12.5pt too wide) in paragraph\nOverfull \\hbox (0.4pt too wide) in x"
    assert too_wide(log) == ["12.5"]
