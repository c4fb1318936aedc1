"""The recursion for any depth: true in a network of three layers, in every notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bpsym.calculus.delta import SAMPLE_COUNT
from bpsym.calculus.depth.batch import any_depth_of_batch
from bpsym.calculus.depth.path import Hop, path
from bpsym.calculus.depth.recursion import any_depth_with_thresholds
from bpsym.calculus.terms.indexed import index
from bpsym.proof.induction import prove_any_depth_with_thresholds, prove_batch
from bpsym.typeset.any_depth import proof as any_depth_proof
from bpsym.typeset.any_depth.recursion import AnyDepthStory
from bpsym.typeset.document import Display, Document
from bpsym.typeset.formulas.tree import (
    Apply,
    Chain,
    Formula,
    Kind,
    Prime,
    Symbol,
    map_symbols,
    walk,
)
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.terminal.document import TerminalPrinter
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.terminal.glyphs import UNICODE
from tests.typeset.notation_values import THRESHOLDS, Reader, notation_named

NAMES = ("", *NOTATIONS, THRESHOLDS)
SPEC, DEPTH = "2-3-4-3", 3

# A notation whose one sample has the same numbers.
LIKE = {"": "nielsen"}
CODE = {"x": "X", "delta": "delta"}


def part(symbol: Symbol) -> str:
    """The part of a layer that a symbol, a gradient or a correction belongs to."""
    for before in ("Delta_", "adj_", "d"):
        if symbol.name.startswith(before) and symbol.name != "delta":
            return symbol.name.removeprefix(before)
    return symbol.name


def in_layer(formula: Formula, name: str, layer: int) -> Formula:
    """A formula with its running layer put to a number, in the names of the code."""
    notation = notation_named(name)

    def change(symbol: Symbol) -> Symbol:
        if symbol.kind in (Kind.INDEX, Kind.CONSTANT) or symbol.name in ("C", "m", "eta"):
            return symbol
        if symbol.name == "x":
            return replace(symbol, name="X")
        shift = 0
        if notation is not None:
            shift = (
                notation.shift if symbol.kind is Kind.SIZE else notation.words[part(symbol)].shift
            )
        start = {"l": layer, "L": DEPTH, "N": DEPTH}.get(symbol.label)
        number = int(symbol.label) - shift if start is None else start + symbol.offset - shift
        called = "X" if symbol.name == "a" and number == 0 else f"{symbol.name}{number}"
        return replace(symbol, name=called, label="", offset=None)

    return map_symbols(formula, change)


def shown(name: str) -> list[Chain]:
    document = AnyDepthStory(notation=notation_named(name)).document()
    return [
        formula
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Display)
        for formula in block.formulas
        if isinstance(formula, Chain)
    ]


def applied(chain: Chain) -> set[str]:
    """The functions of a formula as its reader finds them."""
    called = {node.function for node in walk(chain) if isinstance(node, Apply)}
    names = {f"{f.function}'" if isinstance(f, Prime) else f for f in called}
    return {each for each in names if each.startswith("f_")}


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_true(name: str) -> None:
    reader = Reader(SPEC, LIKE.get(name, name))
    found = shown(name)
    for function in {f for chain in found for f in applied(chain)}:
        reader.functions[function] = reader.functions["sigmoid" + "'" * function.endswith("'")]
    assert len(found) >= 10
    for chain in found:
        for layer in (1, 2):
            there = in_layer(chain, name, layer)
            assert isinstance(there, Chain)
            assert reader.wrong_sides(there) == [], Printer().line(there)


VECTORS = {
    "nielsen": (
        "δ{L} = (∂C/∂a{L}) ⊙ f{L}′(z{L})",
        "δₗ = (wₗ₊₁ᵀ δₗ₊₁) ⊙ fₗ′(zₗ)",
        "∂C/∂bₗ[j] = δₗ[j]",
        "∂C/∂wₗ[j,k] = δₗ[j] aₗ₋₁[k]",
        "∂C/∂wₗ = δₗ aₗ₋₁ᵀ",
    ),
    "fully-connected": (
        "∂L/∂Wₗ = ((∂L/∂xₗ₊₁) ⊙ fₗ′(zₗ)) xₗᵀ",
        "∂L/∂xₗ₊₁ = Wₗ₊₁ᵀ ((∂L/∂xₗ₊₂) ⊙ fₗ₊₁′(zₗ₊₁))",
    ),
    "watermelon": (
        "eₗ[h] = fₗ′(αₗ[h]) Σ_{q=1..nₗ₊₁} vₗ₊₁[h,q] eₗ₊₁[q]",
        "Δvₗ[r,h] = −η (∂E/∂vₗ[r,h]) = −η eₗ[h] bₗ₋₁[r]",
    ),
    THRESHOLDS: (
        "αₗ[h] = Σ_{r=1..nₗ₋₁} vₗ[r,h] bₗ₋₁[r] − γₗ[h]",
        "e{L}[h] = −(∂E/∂b{L}[h]) f{L}′(α{L}[h])",
        "Δγₗ[h] = −η (∂E/∂γₗ[h]) = −η eₗ[h]",
    ),
    "haykin": (
        "∂E/∂wₗ[i,j] = −δₗ[j] vₗ₋₁[i]",
        "Δwₗ[i,j] = −η (∂E/∂wₗ[i,j]) = η δₗ[j] vₗ₋₁[i]",
    ),
    "ng": (
        "dZ{L} = dA{L} ⊙ f{L}′(Z{L})",
        "dAₗ = Wₗ₊₁ᵀ dZₗ₊₁",
        "dZₗ = (Wₗ₊₁ᵀ dZₗ₊₁) ⊙ fₗ′(Zₗ)",
        "dWₗ = (1/m) dZₗ Aₗ₋₁ᵀ",
        "dbₗ = (1/m) np.sum(dZₗ, axis=1, keepdims=True)",
    ),
    "cs224n": ("δₗ₊₁ = (Wₗ₊₁ᵀ δₗ₊₂) ⊙ fₗ₊₁′(zₗ₊₁)",),
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
    words = {"en": ("Base.", "Step,", "brute force"), "zh": ("奠基", "递推", "直接求导")}
    assert all(each in text for each in words[language])


def test_a_view_shows_only_what_is_asked_for() -> None:
    for view, brackets in (("index", True), ("matrix", False)):
        document = AnyDepthStory(view=view).document()  # type: ignore[arg-type]
        told = replace(document, sections=document.sections[:2])
        text = TerminalPrinter(UNICODE, 80).text(told)
        assert ("δₗ[i]" in text) is brackets


def in_words(name: str, language: str = "en") -> dict[str, str]:
    """The sections of the document, each on one line, by their titles."""
    story = AnyDepthStory(LANGUAGES[language], notation_named(name))
    return {
        section.title: " ".join(
            TerminalPrinter(UNICODE, 200).text(Document("", (section,))).split()
        )
        for section in story.document().sections
    }


PROVEN = {
    "nielsen": (
        "Claim: for l = L, ..., 1, δₗ = ∂C/∂zₗ, and the derivatives in the weights and biases",
        "= (∂C/∂a{L}[j]) f{L}′(z{L}[j]) = δ{L}[j]",
        "Step, for l = L − 1, ..., 1. Let δₗ₊₁ = ∂C/∂zₗ₊₁.",
        "(∂C/∂zₗ₊₁[k]) (∂zₗ₊₁[k]/∂aₗ[j]) (∂aₗ[j]/∂zₗ[j])",
        "∂C/∂wₗ[j,k] = (∂C/∂zₗ[j]) (∂zₗ[j]/∂wₗ[j,k]) = δₗ[j] aₗ₋₁[k]",
        "∂C/∂bₗ[j] = (∂C/∂zₗ[j]) (∂zₗ[j]/∂bₗ[j]) = δₗ[j]",
        "So the claim holds for l = L, ..., 1.",
    ),
    "fully-connected": (
        "Claim: for l = N, ..., 1, ∂L/∂xₗ₊₁ is what the formulas above give",
        "Base. ∂L/∂x{N+1} is the derivative of L in the outputs",
        "Step, for l = N − 1, ..., 1.",
        "(∂L/∂xₗ₊₂[k]) (∂xₗ₊₂[k]/∂zₗ₊₁[k]) (∂zₗ₊₁[k]/∂xₗ₊₁[i])",
        "∂L/∂Bₗ[i] = (∂L/∂xₗ₊₁[i]) (∂xₗ₊₁[i]/∂zₗ[i]) (∂zₗ[i]/∂Bₗ[i])",
    ),
    "haykin": ("(∂E/∂uₗ₊₁[j]) (∂uₗ₊₁[j]/∂vₗ[i]) (∂vₗ[i]/∂uₗ[i])", "= −δₗ[i]"),
    "ng": ("(∂J/∂Zₗ[j,n]) (∂Zₗ[j,n]/∂Wₗ[j,k])", "= dWₗ[j,k]"),
}


@pytest.mark.parametrize(("name", "said"), [(n, each) for n in PROVEN for each in PROVEN[n]])
def test_the_proof_has_claim_base_step_and_gradients(name: str, said: str) -> None:
    assert said in in_words(name)["Proof by induction"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_ranges_and_activations_are_said(name: str, language: str) -> None:
    words = LANGUAGES[language]
    said = in_words(name, language)
    last = "N" if name == "fully-connected" else "L"
    assert f"l = {last} − 1, ..., 1" in said[words.recursion]
    assert f"l = {last}, ..., 1" in said[words.recursion]
    assert "softmax" in said[words.recursion]
    entrywise = {"en": "entry by entry", "zh": "逐元素"}[language]
    assert entrywise in said[words.forward]


def test_the_certificate_counts_layers_as_the_document_does() -> None:
    said = in_words("fully-connected")["Certificate"]
    assert "for N = 1, 2, 3 and 4 the whole cost" in said
    assert "an arbitrary differentiable function of zₗ₊₁" in said
    assert "an arbitrary differentiable function of x{N+1}" in said
    assert "L =" not in said
    assert "δ" not in said


@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_counts_what_was_proven(name: str) -> None:
    story = AnyDepthStory(notation=notation_named(name))
    said = in_words(name)["Certificate"]
    assert f"All {len(story.equalities)} comparisons are exact" in said
    assert ("batches of 2 samples" in said) is (name == "ng")
    assert ("thresholds" in said) is (name == THRESHOLDS)


def test_a_hop_to_the_wrong_layer_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: object) -> Iterator[Hop]:
        for hop in path(*arguments):  # type: ignore[arg-type]
            yield replace(hop, reader=hop.reader.xreplace({index("l"): index("l") + 1}))

    monkeypatch.setattr(any_depth_proof, "path", wrong)
    with pytest.raises((AssertionError, IndexError, KeyError)):
        test_every_line_is_true("nielsen")


def test_a_batch_with_the_mean_in_the_wrong_place_is_seen() -> None:
    found = any_depth_of_batch()
    right = prove_batch(found)
    assert len(right) == 3
    assert all(each.ok for each in right)
    adjoints = tuple(
        replace(each, equation=replace(each.equation, rhs=SAMPLE_COUNT * each.equation.rhs))
        if each.tensor == "b"
        else each
        for each in found.scaled.adjoints
    )
    wrong = replace(found, scaled=replace(found.scaled, adjoints=adjoints))
    assert not any(each.ok for each in prove_batch(wrong))


def test_thresholds_are_proven_with_their_sign() -> None:
    assert all(each.ok for each in prove_any_depth_with_thresholds())
    in_b = any_depth_with_thresholds().adjoint("b").rhs
    assert in_b.could_extract_minus_sign()
