"""The file: nothing from outside is in it unescaped, it is small, and it says how it is guarded."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from click.testing import CliRunner

import bpsym
from bpsym.cli.derive import derive
from bpsym.errors import EmitError
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.typeset.documents.page.build import Wanted, as_data, page_of
from bpsym.typeset.documents.page.variants import CODE
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.languages.page import PAGE_WORDS, PageEnglish
from bpsym.typeset.notations import NOTATIONS, notation_of
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.story import Story
from bpsym.typeset.worked.request import Request
from tests.page.pages import USUAL, built_of, page_text

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u2028{{ 7 }}"


def notations_of(text: str) -> list[str]:
    return re.findall(r'<article data-notation="([^"]+)"', text)


@pytest.mark.parametrize("spec", [USUAL, "any-depth"])
def test_all_notations_are_in_one_file(spec):
    assert notations_of(page_text(spec)) == [CODE, *NOTATIONS]


def test_notations_without_words_are_left_out_and_named():
    text = page_text("residual")
    missing = {*NOTATIONS} - {*notations_of(text)}
    assert missing
    title = re.search(r'<select id="notation" title="([^"]+)"', text)
    assert title is not None
    assert all(name in title[1] for name in missing)


def test_the_notation_that_was_asked_for_must_have_words():
    with pytest.raises(EmitError):
        page_of(built_of("residual"), Wanted(notation="watermelon", prove=False))


def test_the_page_is_small():
    assert len(page_text().encode()) < 1_500_000


def test_the_policy_names_the_script_that_is_there():
    text = page_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert policy is not None
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none';")


@pytest.mark.parametrize(
    "pattern", [r"https?://(?!www\.w3\.org/)", r"\burl\((?!#)", r"@import", r" on\w+="]
)
def test_nothing_is_fetched_and_no_markup_has_a_script(pattern):
    found = re.findall(pattern, re.sub(r"<script>.*?</script>", "", page_text(), flags=re.DOTALL))
    assert found == []


def test_data_cannot_end_its_element():
    text = as_data({"name": HOSTILE})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == {"name": HOSTILE}


def test_what_a_user_wrote_is_escaped(open_page, tmp_path):
    """Names in networks are checked before; the name of a file may be anything."""
    folder = tmp_path / "<"
    folder.mkdir()
    file = folder / "script><img src=x onerror=alert(2)>\"'&{{ 7 }}.toml"
    file.write_text("X = [[0.5]]\nY = [[1.0]]\nW1 = [[3.0]]\nb1 = [0.25]\n", encoding="utf-8")
    text = page_of(build(parse("1-1")), Wanted(prove=False, request=Request(numbers=str(file))))
    assert len(re.findall(r"<script\b", text)) == 2
    assert "<img" not in text
    tab = open_page(text=text)
    assert tab.noise == []
    assert tab.requests == []
    assert str(file) in tab.text("#sheet-said")
    assert tab.page.locator("img").count() == 0


def test_the_command_writes_the_page(tmp_path):
    file = tmp_path / "page.html"
    options = ["2-2-1", "--format", "html", "--lang", "zh", "--notation", "ng", "-o", str(file)]
    result = CliRunner().invoke(derive, options)
    assert result.exit_code == 0, result.output
    text = file.read_text(encoding="utf-8")
    assert '<html lang="zh" data-language="zh">' in text
    assert '<article data-notation="ng">' in text
    assert '<article data-notation="code" hidden>' in text


def test_numbers_of_a_file_are_those_of_the_page(tmp_path):
    numbers = tmp_path / "given.toml"
    numbers.write_text(
        "X = [[0.5, 2.0]]\nY = [[1.0]]\nW1 = [[3.0, -1.25]]\nb1 = [0.25]\nrate = 0.1\n",
        encoding="utf-8",
    )
    text = page_of(build(parse("2-1")), Wanted(prove=False, request=Request(numbers=str(numbers))))
    line = re.search(r'<div class="line" data-in="W1\[1,2\]" hidden>(.*?)</div>', text)
    assert line is not None
    assert re.sub(r"<[^>]*>", "", line[1]).endswith("=−1.25")
    assert "given.toml" in text


def test_both_languages_say_everything():
    assert PAGE_WORDS.keys() == LANGUAGES.keys()
    every = {name for name in vars(PageEnglish) if not name.startswith("_")}
    for words in PAGE_WORDS.values():
        assert every <= {*vars(type(words))}
        assert words.phases.keys() == PAGE_WORDS["en"].phases.keys()


@pytest.mark.parametrize("notation", [None, "ng", "haykin"])
def test_what_is_told_in_another_language_is_what_it_says_by_itself(notation):
    built = built_of("2-3-1")
    ready = prepared(built, notation_of(notation))
    first = Story(ready.derivation, built, notation=notation_of(notation))
    first.document()
    chinese = LANGUAGES["zh"]
    alone = Story(ready.derivation, built, words=chinese, notation=notation_of(notation))
    assert first.in_words(chinese).document() == alone.document()


def test_python_gives_the_page_too():
    derivation = bpsym.derive("2-1")
    text = derivation.page(
        lang="zh", numbers={"X": [[0.5, 2.0]], "Y": [[1.0]], "W1": [[3, 1]], "b1": [0]}
    )
    assert '<html lang="zh"' in text
    assert PAGE_WORDS["zh"].given in text


def test_unknown_words_are_refused():
    with pytest.raises(EmitError, match="language"):
        bpsym.derive("2-1").page(lang="fr")
    with pytest.raises(EmitError, match="notation"):
        bpsym.derive("2-1").page(notation="none")
