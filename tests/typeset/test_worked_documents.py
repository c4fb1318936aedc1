"""Documents with numbers: every printed equality of numbers is computed by its reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bpsym.errors import EmitError, ProofError
from bpsym.typeset.document import Display, Document
from bpsym.typeset.formulas.evaluate import FLOAT_FUNCTIONS, Values, evaluate
from bpsym.typeset.formulas.tree import (
    ELLIPSIS,
    VERTICAL,
    Chain,
    Decimal,
    Formula,
    Kind,
    Matrix,
    Symbol,
    equation,
    symbols,
    walk,
)
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.printed import printed
from bpsym.typeset.printers.latex import LaTeX
from bpsym.typeset.printers.printer import FormulaPrinter
from bpsym.typeset.story import Story
from bpsym.typeset.worked.decimals import decimal, text_of
from bpsym.typeset.worked.numbered import Numbered
from bpsym.typeset.worked.request import Request
from bpsym.typeset.worked.running import is_running
from bpsym.worked.record import Worked
from tests.typeset import latex_reader
from tests.typeset.notation_values import assert_has_no_word
from tests.typeset.rounded import FUNCTIONS, Reader, Rounded, agree
from tests.worked.networks import MAZUR, SCORER, built_of, worked_of

DIGITS = 6
VALUES = Values({}, functions={**FLOAT_FUNCTIONS, **FUNCTIONS})


@cache
def document(
    spec: str,
    notation: str = "",
    *,
    view: str = "all",
    numbers: str = "seed:0",
    samples: int | None = None,
    digits: int | None = None,
    freeze: tuple[str, ...] = (),
    lang: str = "en",
) -> Document:
    """A document with numbers, without proofs, which other tests have."""
    request = Request(numbers, samples, None, digits, freeze)
    shown = printed(
        built_of(spec),
        notation=notation or None,
        lang=lang,
        view=view,  # type: ignore[arg-type]
        prove=False,
        request=request,
    )
    return shown.document


def chains(shown: Document) -> Iterator[Chain]:
    """All displayed chains."""
    for section in shown.sections:
        for block in section.blocks:
            if isinstance(block, Display):
                yield from (each for each in block.formulas if isinstance(each, Chain))


def is_numeric(formula: Formula) -> bool:
    """Whether a side holds numbers alone, none of them left out."""
    names = {each.kind for each in symbols(formula)}
    shown = set(walk(formula))
    return names <= {Kind.CONSTANT} and not shown & {ELLIPSIS, VERTICAL}


def equalities(shown: Document) -> Iterator[tuple[Formula, Formula]]:
    """Sides that stand next to each other in a chain, both of numbers."""
    for chain in chains(shown):
        sides = [side for _, side in chain.rest]
        yield from (pair for pair in pairwise(sides) if all(map(is_numeric, pair)))


MANNERS = {
    "2-2-2": (("all", 1), ("matrix", 3), ("scalar", 1), ("index", 3)),
    "2-3:relu-2:softmax": (("all", 1), ("matrix", 3)),
    "2-3-1,l2=0.1": (("index", 3),),
}
CASES = [
    (spec, notation, view, samples)
    for spec, manners in MANNERS.items()
    for notation in ("", *NOTATIONS)
    for view, samples in manners
]


@pytest.mark.parametrize(("spec", "notation", "view", "samples"), CASES)
def test_every_equality_of_numbers_is_true(
    spec: str, notation: str, view: str, samples: int
) -> None:
    try:
        shown = document(spec, notation, view=view, samples=samples)
    except EmitError as reason:
        assert_has_no_word(reason)
        return
    rows = not notation or NOTATIONS[notation].samples is Samples.ROWS
    reader = Reader(DIGITS, samples_in_rows=rows)
    found = list(equalities(shown))
    assert len(found) > 10
    for left, right in found:
        assert agree(reader.of(left), reader.of(right)), (left, right)


@pytest.mark.parametrize("spec", [SCORER, "3-4:leaky_relu-2:identity,loss=mse", "9-8:tanh-1"])
def test_other_networks(spec: str) -> None:
    reader = Reader(DIGITS, samples_in_rows=True)
    found = list(equalities(document(spec)))
    assert len(found) > 10
    for left, right in found:
        assert agree(reader.of(left), reader.of(right)), (left, right)


DEEP = "2-3-4-3-5-3-4-2"


@pytest.mark.parametrize("notation", ["", *NOTATIONS])
def test_repeated_layers_have_the_numbers_of_the_first(notation: str) -> None:
    """What is printed once for a running layer is followed by its numbers in one layer."""
    shown = document(DEEP, notation)
    rows = not notation
    reader = Reader(DIGITS, samples_in_rows=rows)
    for left, right in equalities(shown):
        assert agree(reader.of(left), reader.of(right)), (left, right)
    runs = 0
    for section in shown.sections:
        if section.title == LANGUAGES["en"].summary:
            continue
        for rule, numbers in pairwise(section.blocks):
            if isinstance(rule, Display) and is_running(rule.formulas[-1]):
                assert isinstance(numbers, Display)
                assert not any(map(is_running, numbers.formulas))
                assert any(isinstance(each, Decimal) for each in walk(numbers.formulas[0]))
                runs += 1
    assert runs >= 4


@pytest.mark.parametrize("spec", ["2-2-2", "2-3:relu-2:softmax", "9-8:tanh-1"])
def test_printed_numbers_are_read_back(spec: str) -> None:
    """Sides of numbers as LaTeX prints them, read by the rules of mathematics alone."""
    printer, reader = FormulaPrinter(LaTeX(), room=24), Reader(DIGITS, samples_in_rows=True)
    left = Symbol("x", Kind.TENSOR, "x")
    heads = latex_reader.heads_of([left], printer.inline)
    seen = 0
    for sides in equalities(document(spec, view="index")):
        if any(isinstance(each, Matrix) for side in sides for each in walk(side)):
            continue
        text = printer.display([equation(left, *sides)])
        (found,) = latex_reader.read_display(text, heads)
        assert isinstance(found, Chain)
        for side, (_, again) in zip(sides, found.rest, strict=True):
            assert evaluate(again, VALUES) == pytest.approx(reader.of(side).value, rel=1e-9)
            seen += 1
    assert seen > 20


def test_a_wrong_digit_would_be_seen() -> None:
    reader = Reader(DIGITS, samples_in_rows=True)
    wrong = 0
    for left, right in equalities(document("2-2-2")):
        if isinstance(right, Decimal) and right.text != "0":
            moved = replace(right, text=text_of(float(right.text) * (1 + 1e-4), 12))
            wrong += not agree(reader.of(left), reader.of(moved))
    assert wrong > 15


def test_a_rounded_number_is_near() -> None:
    assert Rounded(0.123457, 5e-7).agrees(Rounded(0.1234565))
    assert not Rounded(0.123457, 5e-7).agrees(Rounded(0.123459))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.05, 6, "0.05"),
        (0.593269992107, 9, "0.593269992"),
        (0.751365069552, 9, "0.75136507"),
        (1 / 3, 6, "0.333333"),
        (123456.789, 6, "123457"),
        (1.0, 6, "1"),
        (100.0, 6, "100"),
        (0.99999999, 6, "1"),
        (3.2e-9, 6, "3.2e-9"),
        (1.23456789e-5, 4, "1.235e-5"),
    ],
)
def test_how_numbers_are_written(value: float, digits: int, text: str) -> None:
    assert text_of(value, digits) == text


def test_no_number_is_negative_zero() -> None:
    assert decimal(-0.0, 6) == decimal(0.0, 6)


# Against the arrays, in the storage of the notation


@pytest.mark.parametrize("notation", ["", *NOTATIONS])
def test_elements_are_those_of_the_arrays(notation: str) -> None:
    """The last side of each element, found by its name and its printed subscripts."""
    shown = document("2-3-2", notation, view="index", samples=2)
    habits = NOTATIONS.get(notation)
    one = habits is not None and habits.samples is Samples.ONE
    found = worked_of("2-3-2", samples=2)
    if one:
        built = built_of("2-3-2")
        from bpsym.worked.record import worked

        found = worked(built, found.numbers.sample(built))
    seen = 0
    for chain in chains(shown):
        left = chain.first
        name, places = getattr(left, "name", ""), getattr(left, "subscripts", ())
        if name not in found.values or not places or any(map(_is_letter, places)):
            continue
        at = [int(each.value) - 1 for each in places]  # type: ignore[union-attr]
        if name.startswith(("W", "dW")):
            at = at[::-1] if habits is not None and habits.from_to else at
        elif not name.startswith(("b", "db")):
            if one:
                at = [0, *at]
            elif habits is not None and habits.samples is Samples.COLUMNS:
                at = at[::-1]
        expected = float(np.asarray(found.values[name])[tuple(at)])
        if name.startswith(("delta", "adj_")) and habits is not None:
            scale = {"minus": -1, "samples": found.samples, "plain": 1}
            expected *= scale[habits.scale.value]
        assert _value(chain.rest[-1][1]) == pytest.approx(expected, rel=6e-6)
        seen += 1
    assert seen >= 4


def _is_letter(formula: Any) -> bool:
    return getattr(formula, "kind", None) is Kind.INDEX


def _value(formula: Formula) -> float:
    reading = Reader(DIGITS, samples_in_rows=True).of(formula)
    assert isinstance(reading, Rounded)
    return reading.value


# The well-known example


PUBLISHED: Mapping[str, str] = {
    "z1[1,1]": "0.3775",
    "a1[1,1]": "0.593269992",
    "a2[1,1]": "0.75136507",
    "∂C/∂W2[1,1]": "0.082167041",
    "W2⁺[1,1]": "0.35891648",
    "W2⁺[1,2]": "0.408666186",
    "W2⁺[2,1]": "0.511301270",
    "W2⁺[2,2]": "0.561370121",
    "W1⁺[1,1]": "0.149780716",
    "W1⁺[1,2]": "0.19956143",
    "W1⁺[2,1]": "0.24975114",
    "W1⁺[2,2]": "0.29950229",
}


@cache
def lines() -> tuple[str, ...]:
    """The document in a terminal, line by line."""
    request = Request(MAZUR, freeze=("b1", "b2"))
    shown = printed(built_of("2-2-2"), request=request)
    return tuple(each.strip() for each in shown.text(width=100).splitlines())


def last_of(left: str) -> str:
    """The last side of the chain of elements that begins with this left side."""
    at = next(k for k, each in enumerate(lines()) if each.startswith(f"{left} = "))
    found = lines()[at]
    for each in lines()[at + 1 :]:
        if not each.startswith("= "):
            break
        found = each
    return found.rpartition("= ")[2].replace("−", "-")


@pytest.mark.parametrize("left", PUBLISHED)
def test_the_published_figures_are_printed(left: str) -> None:
    figure = PUBLISHED[left]
    places = len(figure.partition(".")[2])
    assert round(float(last_of(left)), places) == float(figure)


def test_the_published_losses_are_printed() -> None:
    """The article's 0.291027924 is not that of its own weights, which give 0.291027774."""
    text = "\n".join(lines())
    assert "= 0.274811083 + 0.0235600256" in text
    assert "= 0.298371109" in text
    assert "C goes from 0.298371109 to 0.291027774." in text
    assert "b1 and b2 stay as they are" in text
    assert "b1⁺" not in text


# What can go wrong


@pytest.mark.parametrize("name", ["delta1", "z1", "dW2", "a2"])
@pytest.mark.parametrize("notation", ["", "ng", "haykin"])
def test_a_value_that_the_derivation_does_not_give_is_an_error(name: str, notation: str) -> None:
    from bpsym.typeset.notations.prepare import prepared
    from bpsym.typeset.worked.request import worked_for

    built, habits = built_of("2-3-2"), NOTATIONS.get(notation)
    derivation = prepared(built, habits).derivation
    story = Story(derivation, built, notation=habits)
    right, _ = worked_for(story, worked_of("2-3-2").numbers)
    values = {**right.values, name: right.values[name] * 1.0001}
    wrong = Worked(
        right.built, right.numbers, values, right.updated, right.cost, right.cost_after, 0
    )
    with pytest.raises(ProofError, match="not that of the derivation"):
        Numbered(story, wrong).document(story.document())


# Languages, formats, sizes


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("to", ["latex", "markdown", "html", "typst"])
def test_formats(to: str, lang: str) -> None:
    request = Request("seed:0", samples=2, gates=True, paths="W1[2,1]")
    shown = printed(
        built_of("2-2-1"), lang=lang, view="all", notation="ng", prove=False, request=request
    )
    content = shown.written(to).decode()
    assert ("数值" in content) is (lang == "zh")
    assert content.count("0.564142") > 2


def test_thresholds_are_minus_the_biases() -> None:
    request = Request("seed:0")
    shown = printed(
        built_of("2-2-1"), notation="watermelon", thresholds=True, prove=False, request=request
    )
    plain = printed(built_of("2-2-1"), notation="watermelon", prove=False, request=request)
    assert "γ = ⎡−0.33⎤" in shown.text()
    assert "γ = ⎡0.33⎤" in plain.text()
    assert "goes from 0.0428991 to 0.0385131." in shown.text()
    assert "goes from 0.0428991 to 0.0385131." in plain.text()


def test_notations_of_one_sample_take_the_first() -> None:
    request = Request("seed:0", samples=3)
    shown = printed(built_of("2-2-1"), notation="nielsen", prove=False, request=request)
    assert "the first of 3 samples" in shown.text()


def test_large_networks_stay_readable() -> None:
    shown = printed(built_of("784-128:relu-10:softmax"), prove=False, request=Request("seed:0"))
    text = shown.text(width=100)
    assert text.count("\n") < 420
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_no_line_is_too_long(width: int) -> None:
    for view in ("all", "scalar"):
        request = Request("seed:0", samples=3, gates=True, paths="W1[2,1]")
        shown = printed(built_of("2-3-1"), view=view, prove=False, request=request)  # type: ignore[arg-type]
        assert max(map(len, shown.text(width=width).splitlines())) <= width
