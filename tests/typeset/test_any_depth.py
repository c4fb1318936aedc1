"""The recursion for any depth: true in a network of three layers, in every notation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpsym.typeset.any_depth import AnyDepthStory
from bpsym.typeset.document import Display
from bpsym.typeset.formula import Chain, Formula, Kind, Symbol, map_symbols
from bpsym.typeset.glyphs import UNICODE
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.terminal import TerminalPrinter
from bpsym.typeset.unicode import Printer
from tests.typeset.notation_values import Reader

NAMES = ("", *NOTATIONS)
SPEC, DEPTH = "2-3-4-3", 3

# A notation whose one sample has the same numbers.
LIKE = {"": "nielsen", "ng": "nielsen"}
CODE = {"x": "X", "delta": "delta"}


def in_layer(formula: Formula, name: str, layer: int) -> Formula:
    """A formula with its running layer put to a number, in the names of the code."""
    notation = NOTATIONS.get(name)

    def change(symbol: Symbol) -> Symbol:
        if symbol.kind is Kind.INDEX or symbol.name == "C":
            return symbol
        if symbol.name == "x":
            return replace(symbol, name="X")
        shift = 0
        if notation is not None:
            shift = (
                notation.shift if symbol.kind is Kind.SIZE else notation.words[symbol.name].shift
            )
        start = {"l": layer, "L": DEPTH, "N": DEPTH}.get(symbol.label)
        number = int(symbol.label) - shift if start is None else start + symbol.offset - shift
        called = "X" if symbol.name == "a" and number == 0 else f"{symbol.name}{number}"
        return replace(symbol, name=called, label="", offset=None)

    return map_symbols(formula, change)


def shown(name: str) -> list[Chain]:
    document = AnyDepthStory(notation=NOTATIONS.get(name)).document()
    return [
        formula
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Display)
        for formula in block.formulas
        if isinstance(formula, Chain)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_true(name: str) -> None:
    reader = Reader(SPEC, LIKE.get(name, name))
    reader.functions["f"], reader.functions["f'"] = (
        reader.functions["sigmoid"],
        reader.functions["sigmoid'"],
    )
    found = shown(name)
    assert len(found) >= 10
    for chain in found:
        for layer in (1, 2):
            there = in_layer(chain, name, layer)
            assert isinstance(there, Chain)
            assert reader.wrong_sides(there) == [], Printer().line(there)


VECTORS = {
    "nielsen": (
        "δ{L} = (∂C/∂a{L}) ⊙ f′(z{L})",
        "δₗ = (wₗ₊₁ᵀ δₗ₊₁) ⊙ f′(zₗ)",
        "∂C/∂bₗ[j] = δₗ[j]",
        "∂C/∂wₗ[j,k] = δₗ[j] aₗ₋₁[k]",
        "∂C/∂wₗ = δₗ aₗ₋₁ᵀ",
    ),
    "fully-connected": (
        "∂L/∂Wₗ = ((∂L/∂xₗ₊₁) ⊙ f′(zₗ)) xₗᵀ",
        "∂L/∂xₗ₊₁ = Wₗ₊₁ᵀ ((∂L/∂xₗ₊₂) ⊙ f′(zₗ₊₁))",
    ),
    "watermelon": ("eₗ[h] = f′(αₗ[h]) Σ_{q=1..nₗ₊₁} vₗ₊₁[h,q] eₗ₊₁[q]",),
    "haykin": ("∂e/∂wₗ[i,j] = −δₗ[j] vₗ₋₁[i]",),
    "cs224n": ("δₗ₊₁ = (Wₗ₊₁ᵀ δₗ₊₂) ⊙ f′(zₗ₊₁)",),
}


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, lines in VECTORS.items() for line in lines]
)
def test_it_prints_what_the_text_prints(name: str, line: str) -> None:
    assert line in [Printer().line(chain) for chain in shown(name)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_proof_is_told(language: str) -> None:
    story = AnyDepthStory(LANGUAGES[language])
    story.require_proof()
    text = TerminalPrinter(UNICODE, 80).text(story.document())
    words = {"en": ("Base.", "Step.", "brute force"), "zh": ("奠基", "递推", "直接求导")}
    assert all(each in text for each in words[language])


def test_a_view_shows_only_what_is_asked_for() -> None:
    for view, brackets in (("index", True), ("matrix", False)):
        document = AnyDepthStory(view=view).document()  # type: ignore[arg-type]
        text = TerminalPrinter(UNICODE, 80).text(document)
        assert ("δₗ[i]" in text) is brackets
