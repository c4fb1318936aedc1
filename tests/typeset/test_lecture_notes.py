"""What a strict reader of lecture notes asks for: one letter for one thing, and true sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from bpsym.errors import EmitError
from bpsym.network.catalogue.losses import LOSSES
from bpsym.typeset.document import Block, Display, Document, Paragraph, Step, Table
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Chain,
    Formula,
    Kind,
    Partial,
    Prime,
    Product,
    Quotient,
    Summation,
    Terms,
    symbols,
    walk,
)
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.terminal.formulas import Printer
from tests.typeset.notation_values import (
    THRESHOLDS,
    assert_has_no_word,
    document_of,
    story_of,
)

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
    except EmitError as reason:
        assert_has_no_word(reason)
        return
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


def backward_of(spec: str, name: str, lang: str = "en") -> list[Chain]:
    """The lines of the backward pass."""
    document, words = told(spec, name, lang), LANGUAGES[lang]
    (section,) = (each for each in document.sections if each.title == words.backward)
    return [each for each in formulas_of(Document("", (section,))) if isinstance(each, Chain)]


def is_partial(node: Formula, of: str, by: str) -> bool:
    """Whether a node is the partial derivative of one tensor in another."""
    return isinstance(node, Partial) and (
        getattr(node.of, "name", ""),
        getattr(node.by, "name", ""),
    ) == (of, by)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["", *NOTATIONS])
def test_softmax_and_its_loss_join_step_by_step(name: str, lang: str) -> None:
    """The quotient rule, the product with the loss, what cancels, what sums to one."""
    chains = backward_of("4-3:relu-2:softmax", name, lang)
    (slope,) = (each for each in chains if is_partial(each.first, "a2", "z2"))
    first, *_, last = (side for _, side in slope.rest)
    assert len(slope.rest) >= 3
    assert any(isinstance(each, Quotient) for each in walk(first))
    assert isinstance(last, Product)
    assert any(isinstance(each, Bracket) for each in walk(last)), "the case k = i"
    joined = next(
        each
        for each in chains
        if each != slope and any(is_partial(node, "a2", "z2") for node in walk(each))
    )
    sides = [side for _, side in joined.rest]
    product = next(
        number
        for number, side in enumerate(sides)
        if any(is_partial(node, "a2", "z2") for node in walk(side))
    )
    put_in, cancelled, summed, result = sides[product + 1 : product + 5]
    assert any(isinstance(node, Quotient) for node in walk(put_in))
    for side in (put_in, cancelled):
        assert any(isinstance(node, Bracket) for node in walk(side))
    assert any(isinstance(node, Summation) for node in walk(summed))
    assert not any(isinstance(node, Summation | Bracket) for node in walk(result))


@pytest.mark.parametrize("name", ["", *NOTATIONS])
def test_the_fraction_of_the_loss_cancels_against_the_slope(name: str) -> None:
    chains = [*backward_of("4-3:tanh-2:sigmoid,loss=bce", name)]
    below = [
        tuple(sorted(str(each.name) for each in symbols(node.denominator)))
        for chain in chains
        for _, side in chain.rest
        for node in walk(side)
        if isinstance(node, Quotient) and isinstance(node.denominator, Product)
    ]
    assert any(names.count("a2") == 2 for names in below), "(a - y)/(a (1 - a))"


@pytest.mark.parametrize("name", ["", *NOTATIONS])
def test_a_slope_is_derived_once_before_it_is_used(name: str) -> None:
    chains = backward_of("2-3:tanh-3:tanh-3:tanh-1:sigmoid", name)
    slopes = [
        each.first.function.function
        for each in chains
        if isinstance(each.first, Apply) and isinstance(each.first.function, Prime)
    ]
    assert slopes == ["sigmoid", "tanh"]
    met: set[object] = set()
    for chain in chains:
        if isinstance(chain.first, Apply):
            met.add(getattr(chain.first.function, "function", None))
        else:
            primes = (each.function for each in walk(chain) if isinstance(each, Apply))
            used = {each.function for each in primes if isinstance(each, Prime)}
            assert used <= met


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spec", ["2-3-1", "2-3-2,l2=0.1", "ranking", "residual", "joined"])
def test_every_derivative_begins_with_the_chain_rule(spec: str, name: str) -> None:
    """But for that in what the cost itself reads, which is one factor."""
    try:
        document = document_of(spec, name)
    except EmitError as reason:
        assert_has_no_word(reason)
        return
    titles, story = (LANGUAGES["en"].backward, LANGUAGES["en"].gradients), story_of(spec, name)
    sections = tuple(each for each in document.sections if each.title in titles)
    system, seen = story.built.system, 0
    for chain in formulas_of(Document("", sections)):
        if not isinstance(chain, Chain) or not any(x.subscripts for x in symbols(chain.first)):
            continue
        if isinstance(chain.first, Partial) and getattr(chain.first.of, "name", "") != "C":
            continue  # the slope of a softmax
        by = getattr(chain.first, "by", chain.first)
        tensor = story.table.adjoint_of.get(getattr(by, "name", ""), getattr(by, "name", ""))
        readers = system.readers.get(tensor, ())
        if all(each.defines in system.weights for each in readers):
            continue
        factors = [x for _, side in chain.rest for x in walk(side) if isinstance(x, Partial)]
        assert any(each.of.name != "C" for each in factors), Printer().line(chain)  # type: ignore[union-attr]
        seen += 1
    assert seen >= 4


@pytest.mark.parametrize("name", ["", "nielsen"])
def test_a_chain_ends_at_what_is_known(name: str) -> None:
    """Not with factors down to the cost, which the recursion has just saved."""
    chain = next(
        each
        for each in backward_of("4-3:relu-2:softmax", name)
        if getattr(each.first, "name", "") == "delta1"
    )
    (product,) = (
        side for _, side in chain.rest if any(is_partial(x, "z2", "a1") for x in walk(side))
    )
    factors = [each for each in walk(product) if isinstance(each, Partial)]
    assert len(factors) == 3
    assert sum(isinstance(each, Summation) for each in walk(product)) == 1
    assert is_partial(factors[0], "C", "z2")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reader_has_a_product_of_its_own(lang: str) -> None:
    """Two passes share the weights: two products of partial derivatives, added."""
    words = LANGUAGES[lang]
    (section,) = (x for x in told("ranking", "", lang).sections if x.title == words.gradients)
    chain = next(
        each
        for each in formulas_of(Document("", (section,)))
        if isinstance(each, Chain) and is_partial(each.first, "C", "W_h")
    )
    product = chain.rest[0][1]
    assert isinstance(product, Terms)
    assert [sign for sign, _ in product.terms] == [1, 1]


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
