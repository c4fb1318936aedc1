"""Every notation prints true lines, and what the text it is named after prints."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from bpsym.errors import EmitError, ProofError
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.typeset.document import Paragraph, Table
from bpsym.typeset.formulas.tree import symbols
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS, hops, notation_of
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.notations.scaling import Scaled
from bpsym.typeset.printed import printed
from bpsym.typeset.story import Story
from bpsym.typeset.terminal import columns
from bpsym.typeset.terminal.document import TerminalPrinter
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.terminal.glyphs import UNICODE
from tests.typeset import oracle
from tests.typeset.networks import derived
from tests.typeset.notation_values import (
    THRESHOLDS,
    Reader,
    built_of,
    document_of,
    notation_named,
    story_of,
)
from tests.typeset.values import chains

SPECS = (
    "2-3-1",
    "2-3-4-1,l2=0.01",
    "4-3:relu-2:softmax",
    "4-3:tanh-2:sigmoid,loss=bce",
    "4-3:softplus-2:identity,loss=mse,reduction=sum",
    "4-3:softplus-2:identity,loss=hinge",
    "4-3:silu-2:arctan,loss=huber",
    "3-2:gelu-4:elu-2:softmax",
)
FORMULAS = (
    "From one weight to the matrix",
    "One error signal, passed back step by step",
    "Forward pass",
    "Functions",
    "Cost",
    "Backward pass, from the output to the input",
    "Gradients",
    "Update",
    "Summary",
)
NAMES = ("", *NOTATIONS, THRESHOLDS)


SKIP = str(Path(__file__).parents[2] / "examples" / "networks" / "skip.toml")

# Graphs have words in some notations only.
GRAPHS = [("ranking", name) for name in ("", "nielsen", "ng", "cs224n")]
GRAPHS += [(SKIP, name) for name in ("", "nielsen", "ng", "cs224n")]
GRAPHS += [(graph, "") for graph in ("weighted", "gated", "joined", "residual")]


@pytest.mark.parametrize(("spec", "name"), [*itertools.product(SPECS, NAMES), *GRAPHS])
def test_every_line_is_true(spec: str, name: str) -> None:
    reader = Reader(spec, name)
    wrong = [
        f"{Printer().line(chain)}: {found[0]}"
        for chain in chains(document_of(spec, name), *FORMULAS)
        if getattr(chain.first, "name", None) not in reader.joined
        if all(each.offset is None for each in symbols(chain))  # of each layer, told before
        for found in [reader.wrong_sides(chain)]
        if found
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "name", ["watermelon", THRESHOLDS, "haykin", "fully-connected", "nielsen", "cs224n"]
)
@pytest.mark.parametrize("spec", ["2-3-2", "3-2:relu-2:softmax"])
def test_every_element_is_true(spec: str, name: str) -> None:
    reader = Reader(spec, name)
    found = list(chains(document_of(spec, name, "scalar"), *FORMULAS))
    assert len(found) > 20
    assert [each for each in found if reader.wrong_sides(each)] == []


# Notation and network -> lines that the text of that name has, or should have.
PINS = {
    ("watermelon", "2-3-2"): (
        "E = (1/2) Σ_{j=1..n2} (y_hat[j] − y[j])²",
        "∂E/∂w[h,j] = (∂E/∂y_hat[j]) (∂y_hat[j]/∂β[j]) (∂β[j]/∂w[h,j])"
        " = (y_hat[j] − y[j]) y_hat[j] (1 − y_hat[j]) b[h] = g[j] b[h]",
        "= (y_hat[j] − y[j]) σ′(β[j]) = (y_hat[j] − y[j]) y_hat[j] (1 − y_hat[j])",
        "∂E/∂v[i,h] = Σ_{j=1..n2} (∂E/∂y_hat[j]) (∂y_hat[j]/∂β[j]) (∂β[j]/∂b[h]) (∂b[h]/∂α[h])"
        " (∂α[h]/∂v[i,h]) = b[h] (1 − b[h]) x[i] Σ_{j=1..n2} (y_hat[j] − y[j]) y_hat[j]"
        " (1 − y_hat[j]) w[h,j] = e[h] x[i]",
        "= b[h] (1 − b[h]) Σ_{j=1..n2} w[h,j] g[j]",
        "Δw[h,j] = −η (∂E/∂w[h,j]) = −η g[j] b[h]",
        "Δv[i,h] = −η (∂E/∂v[i,h]) = −η e[h] x[i]",
        "Δθ[j] = −η (∂E/∂θ[j]) = −η g[j]",
    ),
    # The same for any number of hidden layers: here for two, for l of them in any-depth.
    ("watermelon", "2-3-4-2"): (
        "e1[h] = ∂E/∂α1[h]",
        "= b1[h] (1 − b1[h]) Σ_{q=1..n2} v2[h,q] e2[q]",
        "Δv2[r,h] = −η (∂E/∂v2[r,h]) = −η e2[h] b1[r]",
    ),
    # Zhou's book: thresholds are subtracted, and g and e are minus the derivatives.
    (THRESHOLDS, "2-3-2"): (
        "α[h] = Σ_{i=1..n0} v[i,h] x[i] − γ[h]",
        "β[j] = Σ_{h=1..n1} w[h,j] b[h] − θ[j]",
        "= (y[j] − y_hat[j]) σ′(β[j]) = (y[j] − y_hat[j]) y_hat[j] (1 − y_hat[j])",
        "e[h] = −∂E/∂α[h]",
        "= b[h] (1 − b[h]) Σ_{j=1..n2} w[h,j] g[j]",
        "∂E/∂γ[h] = Σ_{j=1..n2} (∂E/∂y_hat[j]) (∂y_hat[j]/∂β[j]) (∂β[j]/∂b[h]) (∂b[h]/∂α[h])"
        " (∂α[h]/∂γ[h])",
        "Δw[h,j] = −η (∂E/∂w[h,j]) = η g[j] b[h]",
        "Δθ[j] = −η (∂E/∂θ[j]) = −η g[j]",
        "Δv[i,h] = −η (∂E/∂v[i,h]) = η e[h] x[i]",
        "Δγ[h] = −η (∂E/∂γ[h]) = −η e[h]",
    ),
    ("haykin", "2-3-2"): (
        "e[j] = t[j] − v2[j]",
        "E = (1/2) Σ_{j=1..n2} e[j]²",
        "= e[j] σ′(u2[j]) = e[j] v2[j] (1 − v2[j])",
        "= σ′(u1[i]) Σ_{j=1..n2} w2[i,j] δ2[j]",
        "Δw2[i,j] = −η (∂E/∂w2[i,j]) = η δ2[j] v1[i]",
        "∂E/∂w2[i,j] = (∂E/∂e[j]) (∂e[j]/∂v2[j]) (∂v2[j]/∂u2[j]) (∂u2[j]/∂w2[i,j])",
        "−Σ_{j=1..n2} (∂E/∂u2[j]) (∂u2[j]/∂v1[i]) (∂v1[i]/∂u1[i])",
        "= (t − v2) ⊙ σ′(u2)",
    ),
    ("fully-connected", "2-3-4-2"): (
        "∂L/∂W3 = ((∂L/∂y_hat) ⊙ σ′(z3)) x3ᵀ = ((∂L/∂y_hat) ⊙ y_hat ⊙ (1 − y_hat)) x3ᵀ",
        "∂L/∂x3 = W3ᵀ ((∂L/∂y_hat) ⊙ σ′(z3)) = W3ᵀ ((∂L/∂y_hat) ⊙ y_hat ⊙ (1 − y_hat))",
        "= ((∂L/∂x3) ⊙ x3 ⊙ (1 − x3)) x2ᵀ",
        "∂L/∂W1 = ((∂L/∂x2) ⊙ σ′(z1)) x1ᵀ = ((∂L/∂x2) ⊙ x2 ⊙ (1 − x2)) x1ᵀ",
        "∂L/∂B2 = (∂L/∂x3) ⊙ σ′(z2) = (∂L/∂x3) ⊙ x3 ⊙ (1 − x3)",
        "∂L/∂W2[1,1] = (∂L/∂x3[1]) x3[1] (1 − x3[1]) x2[1]",
        "∂L/∂x1 = W1ᵀ ((∂L/∂x2) ⊙ σ′(z1)) = W1ᵀ ((∂L/∂x2) ⊙ x2 ⊙ (1 − x2))",
    ),
    ("nielsen", "2-3-2"): (
        "δ2[j] = ∂C/∂z2[j] = (∂C/∂a2[j]) (∂a2[j]/∂z2[j])",
        "δ2 = ∂C/∂z2 = (a2 − y) ⊙ σ′(z2)",
        "= σ′(z1[j]) Σ_{k=1..n2} w2[k,j] δ2[k]",
        "= (w2ᵀ δ2) ⊙ σ′(z1)",
        "δ1[j] = ∂C/∂z1[j] = Σ_{k=1..n2} (∂C/∂z2[k]) (∂z2[k]/∂a1[j]) (∂a1[j]/∂z1[j])",
        "∂C/∂b2[j] = (∂C/∂z2[j]) (∂z2[j]/∂b2[j]) = δ2[j]",
        "= δ2[j] a1[k]",
        "∂C/∂w2 = δ2 a1ᵀ",
        "∂C/∂b2 = δ2",
    ),
    ("ng", "2-3-1,loss=bce"): (
        "dA2[j,n] = m (∂J/∂A2[j,n]) = (1 − Y[j,n])/(1 − A2[j,n]) − Y[j,n]/A2[j,n]",
        "dZ2 = m (∂J/∂Z2) = dA2 ⊙ σ′(Z2) = ",
        "= A2 − Y",
        "dA1 = m (∂J/∂A1) = W2ᵀ dZ2",
        "= dA1 ⊙ σ′(Z1) = (W2ᵀ dZ2) ⊙ σ′(Z1)",
        "dW2 = (1/m) dZ2 A1ᵀ",
        "dW1 = (1/m) dZ1 A0ᵀ",
        "db2 = (1/m) np.sum(dZ2, axis=1, keepdims=True)",
    ),
    ("cs224n", "2-3-2"): (
        "= (W2ᵀ δ3) ⊙ σ′(z2)",
        "∂J/∂W2 = δ3 a2ᵀ",
        "= δ3[i] a2[j]",
        "∂J/∂b2[i] = (∂J/∂z3[i]) (∂z3[i]/∂b2[i]) = δ3[i]",
        "∂J/∂b2 = δ3",
    ),
    ("cs224n", "ranking"): (
        "J = Σ_{k=1..n_s} max(0, 1 + s_c[k] − s[k])",
        "∂J/∂s[i] = (−1 if 1 + s_c[i] − s[i] > 0; else 0)",
        "∂J/∂s_c[i] = (1 if 1 + s_c[i] − s[i] > 0; else 0)",
        "∂J/∂U[i,j]",
        "= δ_h[i] x[j] + δ_hc[i] x_c[j]",
    ),
    # One error signal to W_14, in eight steps: four of them have formulas, the last two sides.
    ("cs224n", "4-2-1"): (
        "∂J/∂a3[1] = a3[1] − y[1]",
        "δ3[1] = ∂J/∂z3[1] = (∂J/∂a3[1]) σ′(z3[1])",
        "∂J/∂a2[1] = W2[1,1] δ3[1]",
        "δ2[1] = ∂J/∂z2[1] = (∂J/∂a2[1]) σ′(z2[1])",
        "∂J/∂W1[1,4] = δ2[1] a1[4] = ",
    ),
}


def lines_of(spec: str, name: str) -> str:
    document = document_of(spec, name)
    return "\n".join(Printer().line(chain) for chain in chains(document, *FORMULAS))


@pytest.mark.parametrize(
    ("name", "spec", "line"), [(*key, line) for key, lines in PINS.items() for line in lines]
)
def test_it_prints_what_the_text_prints(name: str, spec: str, line: str) -> None:
    assert line in lines_of(spec, name)


def test_one_signal_takes_eight_steps() -> None:
    section = next(
        each for each in document_of("4-2-1", "cs224n").sections if "signal" in each.title
    )
    paragraphs = [each.text[0] for each in section.blocks if isinstance(each, Paragraph)]
    assert paragraphs[1:] == [f"{number}. " for number in range(1, 9)]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "nielsen",
            ("δ2 = (a2 − y) ⊙ σ′(z2)", "δ1 = (w2ᵀ δ2) ⊙ σ′(z1)", "∂C/∂b1 = δ1", "∂C/∂w2 = δ2 a1ᵀ"),
        ),
        (
            "watermelon",
            ("g = (y_hat − y) ⊙ σ′(β)", "e = (w g) ⊙ σ′(α)", "∂E/∂θ = g", "∂E/∂v = x eᵀ"),
        ),
        ("ng", ("dZ2 = (A2 − Y) ⊙ σ′(Z2)", "dZ1 = (W2ᵀ dZ2) ⊙ σ′(Z1)", "ΔW1 = −η dW1")),
    ],
)
def test_the_summary_has_the_four_lines_of_the_text(name: str, lines: tuple[str, ...]) -> None:
    shown = [Printer().line(each) for each in chains(document_of("2-3-2", name), "Summary")]
    assert [line for line in lines if line not in shown] == []


def test_nielsen_numbers_the_four_lines() -> None:
    section = next(
        each for each in document_of("2-3-2", "nielsen").sections if each.title == "Summary"
    )
    said = [str(each.text[0])[:4] for each in section.blocks if isinstance(each, Paragraph)]
    assert said[:4] == ["BP1.", "BP2.", "BP3.", "BP4."]


def test_another_weight_can_be_followed() -> None:
    built = built_of("2-3-3-1")
    text = printed(built, notation="cs224n", weight="W2[3,2]", prove=False).text()
    assert "∂J/∂W2[3,2] = δ3[3] a2[2]" in text


def test_gradients_have_the_shapes_of_their_values() -> None:
    section = next(
        each for each in document_of("2-3-1", "ng").sections if each.title == "Conventions"
    )
    table = next(each for each in section.blocks if isinstance(each, Table))
    printer = TerminalPrinter(UNICODE, 80)
    rows = {tuple(map(printer.inline, row)) for row in table.rows}
    assert {
        ("Z1", "dZ1", "(n1, m)"),
        ("A2", "dA2", "(n2, m)"),
        ("W2", "dW2", "(n2, n1)"),
        ("b1", "db1", "(n1, 1)"),
    } <= rows


def test_thresholds_have_the_gradients_that_differences_give() -> None:
    story = story_of("2-3-2", THRESHOLDS)
    reader, system = Reader("2-3-2", THRESHOLDS), story.built.system
    for name in ("b1", "W1", "b2", "W2"):
        shape = np.shape(reader.code[name])
        for place in np.ndindex(*shape):
            with mock.patch.object(oracle, "M", 1):
                arrays = oracle.random_arrays(story.built)
                expected = oracle.difference(arrays, name, place, system)
            got = np.asarray(reader.code[system.tensors[name].adjoint])[place]
            assert np.isclose(got, expected, rtol=1e-6, atol=1e-9)


def test_every_notation_is_pinned() -> None:
    assert {name for name, _ in PINS} == {*NOTATIONS, THRESHOLDS}


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
    notation = notation_named(name)
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


def test_a_wrong_hop_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = prepared(build(parse("2-3-1")), NOTATIONS["cs224n"])
    found = hops.hops_of(ready.before.system, Scale.PLAIN)
    first, *others = found.derivation.adjoints
    *steps, last = first.formal.steps
    formal = replace(first.formal, steps=(*steps, replace(last, right=2 * last.right)))
    wrong = replace(found.derivation, adjoints=(replace(first, formal=formal), *others))
    monkeypatch.setattr(hops, "hops_of", lambda system, scale: Scaled(wrong, ()))
    with pytest.raises(ProofError, match="could not be proven"):
        ready.require_proof()


@pytest.mark.parametrize("name", [None, *(each for each in NOTATIONS if each != "watermelon")])
def test_thresholds_where_the_text_has_biases_are_an_error(name: str | None) -> None:
    with pytest.raises(EmitError, match="adds biases") as caught:
        notation_of(name, thresholds=True)
    assert "--notation watermelon" in str(caught.value)


def test_an_error_has_a_letter_only_where_the_loss_is_a_function_of_it() -> None:
    assert "error" in story_of("2-3-2,loss=huber", "haykin").built.system.tensors
    assert "error" not in story_of("4-3:relu-2:softmax", "haykin").built.system.tensors
