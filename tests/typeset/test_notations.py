"""Every notation prints true lines, and what the text it is named after prints."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from bpsym.errors import EmitError, ProofError
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.typeset import columns
from bpsym.typeset.formula import (
    Chain,
    Formula,
    Kind,
    Power,
    Product,
    Summation,
    Symbol,
    map_symbols,
    negative,
)
from bpsym.typeset.glyphs import UNICODE
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.notations.scaling import Scaled
from bpsym.typeset.story import Story
from bpsym.typeset.symbols import index
from bpsym.typeset.terminal import TerminalPrinter
from bpsym.typeset.unicode import Printer
from tests.typeset.networks import derived
from tests.typeset.notation_values import Reader, built_of, document_of
from tests.typeset.values import chains

SPECS = (
    "2-3-1",
    "2-3-4-1,l2=0.01",
    "4-3:relu-2:softmax",
    "4-3:tanh-2:sigmoid,loss=bce",
    "4-3:softplus-2:identity,loss=mse,reduction=sum",
    "3-2:gelu-4:elu-2:softmax",
)
FORMULAS = (
    "Forward pass",
    "Cost",
    "Backward pass, from the output to the input",
    "Gradients",
    "Update",
)
NAMES = ("", *NOTATIONS)


# Graphs have words in some notations only.
GRAPHS = [("ranking", name) for name in ("", "nielsen", "ng", "cs224n")]
GRAPHS += [(graph, "") for graph in ("weighted", "gated", "joined", "residual")]


@pytest.mark.parametrize(("spec", "name"), [*itertools.product(SPECS, NAMES), *GRAPHS])
def test_every_line_is_true(spec: str, name: str) -> None:
    reader = Reader(spec, name)
    wrong = [
        f"{Printer().line(chain)}: {found[0]}"
        for chain in chains(document_of(spec, name), *FORMULAS)
        if getattr(chain.first, "name", None) not in reader.joined
        for found in [reader.wrong_sides(chain)]
        if found
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["watermelon", "haykin", "fully-connected", "nielsen", "cs224n"])
@pytest.mark.parametrize("spec", ["2-3-2", "3-2:relu-2:softmax"])
def test_every_element_is_true(spec: str, name: str) -> None:
    reader = Reader(spec, name)
    found = list(chains(document_of(spec, name, "scalar"), *FORMULAS))
    assert len(found) > 20
    assert [each for each in found if reader.wrong_sides(each)] == []


# Notation -> network and view -> lines that the text of that name has, or should have.
PINS = {
    "watermelon": (
        "2-3-2",
        "E = (1/2) Σ_{j=1..n2} (y_hat[j] − y[j])²",
        "∂E/∂w[h,j] = (∂E/∂y_hat[j]) (∂y_hat[j]/∂β[j]) (∂β[j]/∂w[h,j])"
        " = (y_hat[j] − y[j]) y_hat[j] (1 − y_hat[j]) b[h] = g[j] b[h]",
        "= (y_hat[j] − y[j]) σ′(β[j]) = (y_hat[j] − y[j]) y_hat[j] (1 − y_hat[j])",
        "∂E/∂v[i,h] = Σ_{j=1..n2} (∂E/∂y_hat[j]) (∂y_hat[j]/∂β[j]) (∂β[j]/∂b[h]) (∂b[h]/∂α[h])"
        " (∂α[h]/∂v[i,h]) = b[h] (1 − b[h]) x[i] Σ_{j=1..n2} (y_hat[j] − y[j]) w[h,j] y_hat[j]"
        " (1 − y_hat[j]) = e[h] x[i]",
        "= b[h] (1 − b[h]) Σ_{j=1..n2} w[h,j] g[j]",
        "Δw[h,j] = −η (∂E/∂w[h,j]) = −η g[j] b[h]",
        "Δv[i,h] = −η (∂E/∂v[i,h]) = −η e[h] x[i]",
    ),
    "haykin": (
        "2-3-2",
        "= (t[j] − v2[j]) σ′(u2[j])",
        "= σ′(u1[i]) Σ_{j=1..n2} w2[i,j] δ2[j]",
        "Δw2[i,j] = −η (∂e/∂w2[i,j]) = η δ2[j] v1[i]",
        "−Σ_{j=1..n2} (∂e/∂v2[j]) (∂v2[j]/∂u2[j]) (∂u2[j]/∂v1[i]) (∂v1[i]/∂u1[i])",
    ),
    "fully-connected": (
        "2-3-4-2",
        "∂L/∂W3 = ((∂L/∂y_hat) ⊙ σ′(z3)) x3ᵀ = ((∂L/∂y_hat) ⊙ y_hat ⊙ (1 − y_hat)) x3ᵀ",
        "= W3ᵀ ((∂L/∂y_hat) ⊙ y_hat ⊙ (1 − y_hat))",
        "= ((∂L/∂x3) ⊙ x3 ⊙ (1 − x3)) x2ᵀ",
        "∂L/∂B2 = (∂L/∂x3) ⊙ σ′(z2) = (∂L/∂x3) ⊙ x3 ⊙ (1 − x3)",
        "∂L/∂x1 = W1ᵀ ((∂L/∂x2) ⊙ σ′(z1)) = W1ᵀ ((∂L/∂x2) ⊙ x2 ⊙ (1 − x2))",
    ),
    "nielsen": (
        "2-3-2",
        "δ2[j] = ∂C/∂z2[j] = (∂C/∂a2[j]) (∂a2[j]/∂z2[j])",
        "= σ′(z1[j]) Σ_{k=1..n2} w2[k,j] δ2[k]",
        "= (w2ᵀ δ2) ⊙ σ′(z1)",
        "= δ2[j] a1[k]",
        "∂C/∂w2 = δ2 a1ᵀ",
        "∂C/∂b2 = δ2",
    ),
    "ng": (
        "2-3-1,loss=bce",
        "= A2 − Y",
        "= (W2ᵀ dZ2) ⊙ σ′(Z1)",
        "dW2 = (1/m) dZ2 A1ᵀ",
        "dW1 = (1/m) dZ1 A0ᵀ",
        "db2 = (1/m) np.sum(dZ2, axis=1, keepdims=True)",
    ),
    "cs224n": (
        "2-3-2",
        "= (W2ᵀ δ3) ⊙ σ′(z2)",
        "∂J/∂W2 = δ3 a2ᵀ",
        "= δ3[i] a2[j]",
        "∂J/∂b2[i] = (∂J/∂a3[i]) (∂a3[i]/∂z3[i]) (∂z3[i]/∂b2[i])",
    ),
}


def lines_of(spec: str, name: str) -> str:
    document = document_of(spec, name)
    return "\n".join(Printer().line(chain) for chain in chains(document, *FORMULAS))


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, (_, *lines) in PINS.items() for line in lines]
)
def test_it_prints_what_the_text_prints(name: str, line: str) -> None:
    assert line in lines_of(PINS[name][0], name)


def test_every_notation_is_pinned() -> None:
    assert set(PINS) == set(NOTATIONS)


# Notation, left side, what is right in the last side, and what a text has in its place.
FAULTS = [
    ("watermelon", "E", "(y_hat[j] − y[j])²", lambda each: square_left_out(each)),
    ("watermelon", "Δv[i,h]", "−η e[h] x[i]", lambda each: sign_turned(each)),
    ("watermelon", "Δv[i,h]", "e[h] x[i]", lambda each: renamed(each, "delta1", "delta2", "i")),
    ("nielsen", "δ1[j]", "w2[k,j] δ2[k]", lambda each: subscripts_turned(each, "W2")),
    ("nielsen", "∂C/∂w2", "δ2 a1ᵀ", lambda each: factors_turned(each)),
    ("nielsen", "δ2[j]", "(a2[j] − y[j])", lambda each: sign_turned(each)),
    ("ng", "dZ2", "A2 − Y", lambda each: sign_turned(each)),
]


def square_left_out(side: Formula) -> Formula:
    return map_nodes(side, lambda node: node.base if isinstance(node, Power) else node)


def sign_turned(side: Formula) -> Formula:
    return negative(side)


def subscripts_turned(side: Formula, name: str) -> Formula:
    def change(symbol: Symbol) -> Symbol:
        turned = replace(symbol, subscripts=symbol.subscripts[::-1])
        return turned if symbol.name == name else symbol

    return map_symbols(side, change)


def renamed(side: Formula, old: str, new: str, letter: str) -> Formula:
    def change(symbol: Symbol) -> Symbol:
        if symbol.name != old:
            return symbol
        return Symbol(new, Kind.TENSOR, new, subscripts=(index(letter),))

    return map_symbols(side, change)


def factors_turned(side: Formula) -> Formula:
    assert isinstance(side, Product)
    return Product(side.factors[::-1])


def map_nodes(side: Formula, change: Callable[[Formula], Formula]) -> Formula:
    match side:
        case Product(factors, joint):
            return Product(tuple(map_nodes(each, change) for each in factors), joint)
        case Summation():
            return replace(side, body=map_nodes(side.body, change))
        case _:
            return change(side)


@pytest.mark.parametrize(("name", "left", "right", "fault"), FAULTS)
def test_the_faults_of_the_texts_are_seen(
    name: str, left: str, right: str, fault: Callable[[Formula], Formula]
) -> None:
    spec, reader = PINS[name][0], Reader(PINS[name][0], name)
    document = document_of(spec, name)
    chain = next(each for each in chains(document, *FORMULAS) if Printer().line(each.first) == left)
    side = chain.rest[-1][1]
    assert right in Printer().line(chain)
    assert reader.wrong_sides(Chain(chain.first, (("=", side),))) == []
    try:
        wrong = reader.wrong_sides(Chain(chain.first, (("=", fault(side)),)))
    except (IndexError, ValueError):
        return  # sizes that do not fit
    assert wrong


@pytest.mark.parametrize("name", [*NOTATIONS])
def test_what_has_no_word_is_an_error(name: str) -> None:
    built = derived("residual")[0]
    with pytest.raises(EmitError, match="no word"):
        Story(
            prepared(built, NOTATIONS[name]).derivation, built, notation=NOTATIONS[name]
        ).document()


def test_deltas_are_scaled_and_proven() -> None:
    built = build(parse("2-3-1"))
    for name, count in (("ng", True), ("haykin", True), ("nielsen", False)):
        ready = prepared(built, NOTATIONS[name])
        ready.require_proof()
        assert bool(ready.scaled.equalities) is count


def test_a_wrong_scaling_is_an_error() -> None:
    ready = prepared(build(parse("2-3-1")), NOTATIONS["haykin"])
    claim = ready.scaled.claims[0]
    step = claim.steps[-1]
    wrong = replace(claim, steps=(replace(step, right=2 * step.right),))
    with pytest.raises(ProofError, match="could not be proven"):
        Scaled(ready.derivation, (wrong,)).require_proof()


def test_layers_that_are_the_same_are_written_once() -> None:
    deep = "2" + "-3" * 19 + "-1"
    for name in NOTATIONS:
        built = build(parse(deep))
        story = Story(
            prepared(built, NOTATIONS[name]).derivation, built, notation=NOTATIONS[name], view="all"
        )
        text = TerminalPrinter(UNICODE, 100).text(story.document())
        assert len(text.splitlines()) < 300, name
        assert "For l =" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_language_speaks_of_every_notation(name: str, language: str) -> None:
    built = built_of("2-3-4-1,l2=0.01")
    notation = NOTATIONS.get(name)
    words = LANGUAGES[language]
    story = Story(
        prepared(built, notation).derivation, built, words=words, notation=notation, view="all"
    )
    text = TerminalPrinter(UNICODE, 70).text(story.document())
    assert all(columns.width(line) <= 70 for line in text.splitlines())
    chinese = re.findall("[\u4e00-\u9fff]", text)
    assert bool(chinese) is (language == "zh")
    if language == "zh":
        left = re.findall(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", text)
        assert not left, "words left in English"
