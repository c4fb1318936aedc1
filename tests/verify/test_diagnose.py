"""The diagnosis by itself: every variant that changes something is found; nothing is guessed."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

import bpsym
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.diagnose import diagnose
from bpsym.verify.diagnosis.observe import DiagnosisContext, Observation
from bpsym.verify.diagnosis.variants import Variant, variants_of
from bpsym.verify.numbers.points import choose_points
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.report import Diagnosis
from bpsym.verify.words.sentences import SENTENCES, sentence

Arrays = dict[str, np.ndarray]
Spoil = Callable[[Arrays], Arrays]


class Bench:
    """A network, its points, and its right gradients there."""

    def __init__(self, spec: str) -> None:
        self.derivation = bpsym.derive(spec)
        self.reference = Reference(self.derivation)
        self.chain = Chain(self.derivation.record)
        self.points = choose_points(self.reference).generic
        self.scopes = [self.chain.scope(point) for point in self.points]

    def variant(self, variant: Variant) -> list[Arrays]:
        edits = variant.family(3 * variant.start) if variant.family else variant.edits
        return [
            {name: np.array(value) for name, value in self.chain.gradients(scope, edits).items()}
            for scope in self.scopes
        ]

    def diagnosed(self, grads: list[Arrays], lang: str = "en") -> tuple[Diagnosis, ...]:
        seen = [
            Observation(point, None, each) for point, each in zip(self.points, grads, strict=True)
        ]
        context = DiagnosisContext(lang="zh" if lang == "zh" else "en")
        return diagnose(self.derivation, seen[:2], seen[2:], self.reference, context)

    def spoiled(self, spoil: Spoil) -> list[Arrays]:
        right = [dict(self.chain.gradients(scope, ())) for scope in self.scopes]
        return [spoil({name: np.array(value) for name, value in each.items()}) for each in right]


@pytest.fixture(scope="module", params=["2-3-2", "4-3:relu-3:softmax,l2=0.1"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


def test_right_gradients_have_no_diagnosis(bench: Bench) -> None:
    assert bench.diagnosed(bench.spoiled(lambda grads: grads)) == ()


def test_variants_are_found_or_change_nothing(bench: Bench) -> None:
    every = list(variants_of(bench.chain))
    for variant in random.Random(0).sample(every, 25):
        grads = bench.variant(variant)
        found = bench.diagnosed(grads)
        right = bench.spoiled(lambda each: each)
        changed = any(
            not np.allclose(a[name], b[name], rtol=1e-9, atol=0)
            for a, b in zip(grads[:2], right[:2], strict=True)  # those that are searched
            for name in a
        )
        if changed:
            assert found, variant.code
            assert found[0].code != "unknown", variant.code
            # Where the points cannot tell two mistakes apart, both are named.
            assert variant.code in {each.code for each in found} or found[0].where in {
                variant.where, *variant.everywhere
            }  # fmt: skip


def test_noise_is_unknown(bench: Bench) -> None:
    rng = np.random.default_rng(3)
    grads = bench.spoiled(
        lambda each: {name: value * rng.normal(size=value.shape) for name, value in each.items()}
    )
    assert [each.code for each in bench.diagnosed(grads)] == ["unknown"]


def test_one_spoiled_block_is_blamed_alone(bench: Bench) -> None:
    rng = np.random.default_rng(4)

    def spoil(grads: Arrays) -> Arrays:
        return {**grads, "W1": grads["W1"] + rng.normal(size=grads["W1"].shape)}

    [only] = bench.diagnosed(bench.spoiled(spoil))
    assert (only.code, only.where) == ("unknown", "W1")


@pytest.mark.parametrize(
    ("factor", "code"),
    [(-1, "sign"), (2, "factor-two"), (0.5, "factor-half"), (np.log(2), "scaled"), (7.3, "scaled")],
)
def test_a_constant_factor_is_named(factor: float, code: str) -> None:
    bench = Bench("3-4-5")  # with two outputs 1/2 would be 1/K
    grads = bench.spoiled(lambda each: {name: factor * value for name, value in each.items()})
    first = bench.diagnosed(grads)[0]
    assert (first.code, first.where) == (code, "delta2")


def test_what_fits_the_search_only_is_not_named() -> None:
    """A mistake at the first two points alone does not survive the points kept back."""
    bench = Bench("3-4-2")
    right = bench.spoiled(lambda each: each)
    grads = [{n: -v for n, v in each.items()} for each in right[:2]] + right[2:]
    assert bench.diagnosed(grads)[0].code == "unknown"


def test_two_mistakes_are_both_named() -> None:
    bench = Bench("3-4-2")

    def spoil(grads: Arrays) -> Arrays:
        return {**grads, "b2": grads["b2"] * 0, "W1": -grads["W1"]}

    found = {(each.code, each.where) for each in bench.diagnosed(bench.spoiled(spoil))}
    assert found == {("zero-gradient", "b2"), ("sign", "W1")}


@pytest.mark.parametrize("code", sorted(SENTENCES))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_sentence_can_be_filled_in(code: str, lang: str) -> None:
    for kind in ("what", "fix"):
        assert sentence(kind, code, lang, {"where": "delta2", "line": "x = y"})


def test_every_variant_has_a_sentence(bench: Bench) -> None:
    for variant in variants_of(bench.chain):
        fields = {"where": variant.where, "line": "x", "number": "0.1", **variant.words}
        assert variant.code in SENTENCES
        assert "..." not in sentence("what", variant.code, "en", fields), variant.code
        assert "..." not in sentence("what", variant.code, "zh", fields), variant.code


def test_chinese(bench: Bench) -> None:
    grads = bench.spoiled(lambda each: {name: -value for name, value in each.items()})
    first = bench.diagnosed(grads, "zh")[0]
    assert "符号" in first.what


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_line_to_write_stands_alone(lang: str) -> None:
    bench = Bench("2-3-1")
    [found] = bench.diagnosed(
        bench.spoiled(lambda grads: {**grads, "W2": -np.asarray(grads["W2"])}), lang
    )
    words, line = found.fix_and_line()
    assert line == found.line == found.to_json()["line"]
    assert line.startswith("dW2 = ")
    assert words
    assert line not in words
    assert line in found.fix


@pytest.mark.parametrize(
    ("fix", "line", "parts"),
    [
        ("Write a = b.", "a = b", ("Write", "a = b")),
        ("写成 a = b。", "a = b", ("写成", "a = b")),
        ("Write a = b, not c.", "a = b", ("Write a = b, not c.", "")),
        ("Clip nothing.", "", ("Clip nothing.", "")),
    ],
)
def test_a_sentence_is_parted_from_its_line(fix: str, line: str, parts: tuple[str, str]) -> None:
    assert Diagnosis("sign", "W2", "", "", fix, line=line).fix_and_line() == parts
