"""What a strict reader of lecture notes asks for: one letter for one thing, and true sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from bpsym.errors import EmitError
from bpsym.network.catalogue.losses import LOSSES
from bpsym.typeset.document import Block, Display, Document, Paragraph, Step, Table
from bpsym.typeset.formula import (
    ONE,
    Bracket,
    Chain,
    Formula,
    Kind,
    Partial,
    Product,
    symbols,
    walk,
)
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.unicode import Printer
from tests.typeset.notation_values import THRESHOLDS, document_of, story_of

NAMES = ("", *NOTATIONS, THRESHOLDS)


def formulas_of(document: Document) -> Iterator[Formula]:
    """All formulas, those inside sentences too."""
    for block in (block for section in document.sections for block in section.blocks):
        yield from _formulas_of(block)


def _formulas_of(block: Block) -> Iterator[Formula]:
    match block:
        case Display(formulas):
            yield from formulas
        case Step(_, formula):
            yield formula
        case Paragraph(text):
            yield from (part for part in text if not isinstance(part, str))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "spec", ["2-3-1", "2-3-2,l2=0.1", "weighted", "4-3:silu-2:arctan,loss=huber"]
)
def test_no_two_symbols_print_alike(spec: str, name: str) -> None:
    """Whether it has an index is part of how a symbol looks."""
    try:
        document = document_of(spec, name)
    except EmitError:
        pytest.skip("the notation has no word for something in the network")
    meant: dict[object, set[str]] = {}
    for symbol in (each for formula in formulas_of(document) for each in symbols(formula)):
        if symbol.kind is Kind.TENSOR:
            looks = (symbol.base, symbol.label, symbol.offset, symbol.accent)
            meant.setdefault((looks, bool(symbol.subscripts)), set()).add(symbol.name)
    assert {looks: names for looks, names in meant.items() if len(names) > 1} == {}


def said(document: Document, heading: str) -> str:
    """The sentences of a section, its formulas in one line each."""
    (section,) = (each for each in document.sections if each.title == heading)
    return "\n".join(
        "".join(part if isinstance(part, str) else Printer().line(part) for part in block.text)
        for block in section.blocks
        if isinstance(block, Paragraph)
    )


@cache
def told(spec: str, name: str, lang: str = "en") -> Document:
    """A document in a language."""
    story = story_of(spec, name)
    return replace(story, words=LANGUAGES[lang]).document()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["", "fully-connected", "watermelon", "ng"])
def test_a_decayed_weight_reaches_the_cost_in_two_ways(name: str, lang: str) -> None:
    document, words = told("2-3-2,l2=0.1", name, lang), LANGUAGES[lang]
    (decay,) = {
        Printer().symbol(each)
        for formula in formulas_of(document)
        for each in symbols(formula)
        if each.name == "R_W2" and not each.subscripts
    }
    assert decay in said(document, words.to_matrix)
    plain = said(told("2-3-2", name, lang), words.to_matrix)
    assert not set(plain.split("\n")[:1]) & set(said(document, words.to_matrix).split("\n"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_signal_does_not_hide_the_decay(lang: str) -> None:
    text = said(told("2-3-2,l2=0.1", "cs224n", lang), LANGUAGES[lang].error_signals)
    assert "R_W1" in text
    assert " L" in text.split("\n")[1], "the outputs enter the cost through the loss"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["", "ng", "haykin"])
def test_softmax_and_its_loss_do_not_join_without_a_word(name: str, lang: str) -> None:
    document, words = told("4-3:relu-2:softmax", name, lang), LANGUAGES[lang]
    (section,) = (each for each in document.sections if each.title == words.backward)
    chains = [each for each in formulas_of(Document("", (section,))) if isinstance(each, Chain)]
    (slope,) = (
        each
        for each in chains
        if isinstance(each.first, Partial)
        and (each.first.of.name, each.first.by.name) == ("a2", "z2")  # type: ignore[union-attr]
    )
    ((_, value),) = slope.rest
    assert isinstance(value, Product)
    assert any(isinstance(each, Bracket) for each in walk(value)), "the case k = i"
    others = [each for each in chains if each != slope]
    assert any(isinstance(node, Bracket) for each in others for node in walk(each))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spec", ["2-3-1", "2-3-2,l2=0.1", "ranking", "residual"])
def test_a_full_document_shows_the_chain_of_every_weight(spec: str, name: str) -> None:
    try:
        document = document_of(spec, name)
    except EmitError:
        pytest.skip("the notation has no word for something in the network")
    (section,) = (each for each in document.sections if each.title == LANGUAGES["en"].gradients)
    seen = 0
    for chain in formulas_of(Document("", (section,))):
        if isinstance(chain, Chain) and any(each.subscripts for each in symbols(chain.first)):
            seen += 1
            factors = [each for each in walk(chain.rest[0][1]) if isinstance(each, Partial)]
            assert any(each.of.name != "C" for each in factors), Printer().line(chain)  # type: ignore[union-attr]
    assert seen >= 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_way_to_the_matrix_is_not_left_out_without_a_word(lang: str) -> None:
    words = LANGUAGES[lang]
    assert said(told("ranking", "", lang), words.to_matrix) == "".join(words.no_single_layer())


def test_no_slope_is_spoken_of_where_there_is_none() -> None:
    (sentence,) = LANGUAGES["en"].entry_by_entry()
    title = LANGUAGES["en"].to_matrix
    assert sentence in said(told("2-3-1", ""), title)
    assert sentence not in said(told("4-2:identity-3:identity-1:identity", ""), title)


@pytest.mark.parametrize("kind", LOSSES)
def test_every_loss_has_a_chinese_name(kind: str) -> None:
    words = LANGUAGES["zh"]
    assert f" {kind}" not in "".join(str(part) for part in words.loss_of(kind, [], None))
    assert words.assumption(f"Loss: {kind}, as none was given.").endswith(f"{kind}\uff09\u3002")


def test_a_chinese_document_has_no_english_words_of_the_catalogue() -> None:
    document, words = told("residual", "", "zh"), LANGUAGES["zh"]
    table = next(b for s in document.sections for b in s.blocks if isinstance(b, Table))
    kinds = {"".join(map(str, row[1])) for row in table.rows}
    assert {"全连接", "相加", "层归一化"} <= kinds
    names = {each.name for formula in formulas_of(document) for each in symbols(formula)}
    assert "condition" not in names | {"".join(map(str, words.bracket(ONE)))}
