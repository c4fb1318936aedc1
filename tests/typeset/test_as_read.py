"""No document has a line that is false, or that can be misread, in the letters it is printed in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from bpsym.errors import EmitError, ProofError
from bpsym.typeset.checked.as_read import AsRead, chains_in, require_letters
from bpsym.typeset.checked.reader import small_sizes
from bpsym.typeset.document import Display, Section, map_block
from bpsym.typeset.formulas.scopes import free_indices, misread
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import (
    ONE,
    Chain,
    Formula,
    Kind,
    Number,
    Product,
    Summation,
    Symbol,
    Terms,
    equation,
    map_symbols,
    negative,
    symbols,
)
from bpsym.typeset.notations import NOTATIONS, scaling
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.printed import printed, printed_any_depth
from bpsym.typeset.story import Story
from tests.typeset.notation_values import (
    THRESHOLDS,
    assert_has_no_word,
    built_of,
    notation_named,
    story_of,
)

NAMES = ("", *NOTATIONS, THRESHOLDS)

# A softmax inside, before every kind of loss, and before another function; parameters of functions;
# networks that are no chains; runs of layers that are written once.
SPECS = (
    "2-3:softmax-3:softmax-2",
    "2-3:softmax-2:tanh",
    "2-3:tanh-3:softmax,loss=mse",
    "2-3-3:softmax",
    "2-3-2:softmax,loss=squared_error",
    "2-3:softmax-3:softmax,loss=log_cosh",
    "2-3-3:softmax,loss=kl_divergence",
    "2-3-3:softmax,loss=absolute_error,reduction=sum",
    "4-3:prelu-2:identity,loss=huber",
    "3-2:gelu-4:elu-2:softmax,l2=0.01",
    "8-7-6-5-4-4-4-4-4-3",
)
GRAPHS = ("residual", "joined", "gated", "ranking", "weighted")


def read(spec: str, name: str, **options: Any) -> AsRead:
    """Everything in a document, computed."""
    built, notation = built_of(spec), notation_named(name)
    story = Story(prepared(built, notation).derivation, built, notation=notation, **options)
    try:
        story.require_words()
    except EmitError as reason:
        assert_has_no_word(reason)
        return AsRead(story)
    reader = AsRead(story)
    document = story.document()
    if reader.require(document.sections):
        assert reader.read + len(reader.skipped) > len(list(chains_in(document.sections))) * 0.8
    return reader


@pytest.mark.parametrize(("spec", "name"), [*itertools.product(SPECS, NAMES)])
def test_every_line_is_true_as_it_is_printed(spec: str, name: str) -> None:
    found = read(spec, name, view="all")
    assert found.read > 20 or (name and "prelu" in spec)
    assert not found.skipped


@pytest.mark.parametrize(("spec", "name"), [*itertools.product(GRAPHS, NAMES)])
def test_every_line_of_a_graph_is_true(spec: str, name: str) -> None:
    assert not read(spec, name, view="all").skipped


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options", [{"view": "scalar"}, {"view": "matrix"}, {"view": "index", "full": True}], ids=str
)
def test_every_view_is_true(options: dict[str, Any], name: str) -> None:
    for spec in ("2-3:softmax-2:tanh", "2-3-3:softmax,loss=squared_error"):
        assert read(spec, name, **options).read > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_letter_for_any_depth_can_be_misread(name: str) -> None:
    base, comma, _ = name.partition(", ")
    printed_any_depth(notation=base or None, thresholds=bool(comma), view="all")


# Planted faults


def _from_to(chain: Chain) -> Chain:
    def change(symbol: Symbol) -> Symbol:
        if symbol.base.lower() in ("w", "v") and len(symbol.subscripts) == 2:
            return replace(symbol, subscripts=symbol.subscripts[::-1])
        return symbol

    found = map_symbols(chain, change)
    assert isinstance(found, Chain)
    return found


def _turned(chain: Chain) -> Chain:
    return Chain(chain.first, (("=", negative(chain.rest[-1][1])),))


def _doubled(chain: Chain) -> Chain:
    return Chain(chain.first, (("=", Product((Number(Fraction(2)), chain.rest[-1][1]))),))


@pytest.mark.parametrize("fault", [_turned, _doubled], ids=["sign", "factor"])
@pytest.mark.parametrize("name", NAMES)
def test_a_false_side_is_an_error(name: str, fault: Callable[[Chain], Chain]) -> None:
    story = story_of("2-3:softmax-2:tanh", name)
    sections = [each for each in story.document().sections if each.title == story.words.backward]
    for chain in chains_in(sections):
        reader = AsRead(story)
        if any(each.kind is Kind.TENSOR and each.base == "S" for each in symbols(chain)):
            continue
        with pytest.raises(ProofError, match="not true as it would be read"):
            reader.require_chain(fault(chain))


@pytest.mark.parametrize("name", ["watermelon", "haykin", "nielsen", "cs224n"])
def test_swapped_subscripts_are_an_error(name: str) -> None:
    story = story_of("2-3-4-2", name, "index")
    wrong = 0
    for chain in chains_in(story.document().sections):
        if _from_to(chain) != chain:
            with pytest.raises(ProofError, match="not true as it would be read"):
                AsRead(story).require_chain(_from_to(chain))
            wrong += 1
    assert wrong > 5


def test_a_fault_of_a_notation_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minus the derivative under the sign of the derivative, as proven lines would allow."""
    right = scaling.factor_of

    def wrong(tensor: Any, scale: Any) -> Any:
        return -1 if tensor.adjoint.startswith("adj_a") else right(tensor, scale)

    monkeypatch.setattr("bpsym.typeset.notations.scaling.factor_of", wrong)
    monkeypatch.setattr("bpsym.typeset.checked.lines.factor_of", wrong)
    monkeypatch.setattr("bpsym.typeset.notations.rewriter.factor_of", wrong)
    with pytest.raises(ProofError, match="not true as it would be read"):
        printed(built_of("3-2-4:softmax,loss=mse"), notation="haykin")


def test_captured_letters_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(self: object, wanted: str, used: object) -> str:
        return wanted

    monkeypatch.setattr("bpsym.typeset.notations.index_letters.IndexLetters._letter", first)
    with pytest.raises(ProofError, match="not true as it would be read"):
        printed(built_of("4-3-2:softmax,loss=mse"), notation="cs224n")


def test_a_letter_for_two_tensors_is_an_error() -> None:
    story = story_of("2-3-1", "nielsen")

    def same(symbol: Symbol) -> Symbol:
        return replace(symbol, base="a") if symbol.base == "z" else symbol

    sections = [
        replace(each, blocks=tuple(_mapped(block, same) for block in each.blocks))
        for each in story.document().sections
    ]
    with pytest.raises(ProofError, match="a letter for each tensor"):
        AsRead(story).require(sections)


def test_a_wrong_shape_is_an_error() -> None:
    story = story_of("4-3:prelu-2:identity,loss=huber", "")
    displays = [
        block
        for section in story.document().sections
        for block in section.blocks
        if isinstance(block, Display) and block.shapes
    ]
    shapes = tuple((formula, sizes[::-1]) for formula, sizes in displays[0].shapes)
    wrong = replace(displays[0], shapes=shapes)
    with pytest.raises(ProofError, match="sizes that say"):
        AsRead(story).require([Section("", (wrong,))])


# Letters

A, B = (Symbol(name, Kind.TENSOR, name) for name in "ab")


def at(symbol: Symbol, *letters: str) -> Symbol:
    return replace(symbol, subscripts=tuple(map(index, letters)))


def total(letter: str, body: Formula) -> Summation:
    return Summation(index(letter), ONE, Symbol("n", Kind.SIZE, "n"), body)


@pytest.mark.parametrize(
    ("formula", "letter"),
    [
        (total("j", Product((at(A, "j"), total("j", at(B, "j"))))), "j"),
        (Product((at(A, "i"), total("i", at(B, "i")))), "i"),
        (equation(at(A, "i"), total("i", at(B, "i"))), "i"),
        (Product((total("j", at(A, "j")), total("j", at(B, "j")))), None),
        (equation(at(A, "i"), Product((at(B, "i"), total("j", at(B, "j"))))), None),
        (total("j", Terms(((1, at(A, "j")), (-1, total("r", at(B, "r", "j")))))), None),
    ],
)
def test_letters_that_can_be_misread_are_seen(formula: Formula, letter: str | None) -> None:
    assert misread(formula) == letter
    if isinstance(formula, Chain) and letter:
        with pytest.raises(ProofError, match="a letter for each index"):
            require_letters(formula)


def test_bound_indices_are_not_free() -> None:
    assert list(free_indices(Product((at(A, "i"), total("j", at(B, "j", "k")))))) == ["i", "k"]


@pytest.mark.parametrize("spec", ["784-128-10", "residual", "joined", "ranking"])
def test_small_sizes_fit_and_differ(spec: str) -> None:
    system = built_of(spec).system
    sizes, same = small_sizes(system), system.representative
    assert set(sizes) == set(system.sizes)
    assert all(sizes[label] == sizes[same[label]] for label in sizes)
    if spec == "784-128-10":
        assert len(set(sizes.values())) == 3
    if spec == "joined":
        assert sizes["n_c"] == sizes["n_p"] + sizes["n_q"] + sizes["n_u"]


def _mapped(block: Any, change: Callable[[Symbol], Symbol]) -> Any:
    return map_block(block, change)
