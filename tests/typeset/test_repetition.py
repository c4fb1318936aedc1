"""Layers that are the same are printed once, and only those."""

from __future__ import annotations

import re

import pytest

from bpsym.typeset.printed import printed
from bpsym.typeset.sections.repetition import SHORTEST_RUN, Entry, collapsed
from bpsym.typeset.sections.sharing import SharedFormulas
from bpsym.typeset.story import Story, shortened
from tests.typeset.networks import derived

DEEP = "-".join(["7", *["5"] * 49, "1"]) + ",act=tanh"


def text(name: str, **options: bool) -> str:
    return printed(derived(name)[0], prove=False, **options).text()


def test_a_deep_network_is_short() -> None:
    shown, shallow = text(DEEP), text("7-5-1,act=tanh")
    assert len(shown.splitlines()) < 1.5 * len(shallow.splitlines())
    assert "For l = 2, 3, ..., 50:" in shown
    assert "For l = 49, 48, ..., 1:" in shown
    assert "aₗ[n,i] = tanh(zₗ[n,i])" in shown
    assert re.search(r"2-49 .*1? each|2-49 .*30 each", shown)
    assert "n1 = ... = n49 = 5" in shown


def test_another_activation_breaks_the_run() -> None:
    middle = "-".join(["6", *["5:tanh"] * 8, "5:relu", *["5:tanh"] * 8, "1:tanh"])
    shown = text(middle)
    assert "For l = 2, 3, ..., 8:" in shown
    assert "a9[n,i] = relu(z9[n,i])" in shown
    assert "For l = 10, 11, ..., 18:" in shown


def test_layers_with_several_adjoints_are_put_together() -> None:
    shown, _, summary = text("-".join(["6", *["5"] * 12]) + ",act=prelu").partition("Summary")
    assert summary.count("For l = ") == 4
    assert len(re.findall(r"^  For l = ", shown, flags=re.MULTILINE)) == 3
    assert "adj_aₗ[n,i] = ∂C/∂aₗ[n,i]" in shown
    assert shown.count("adj_a") < 8


def test_few_layers_are_printed_one_by_one() -> None:
    for widths in range(3, SHORTEST_RUN + 1):
        shown, _, summary = text("-".join(["2"] * widths)).partition("\nSummary\n")
        assert "For l" not in shown
        assert "ₗ" not in shown
        assert ("For l = 1, 2, 3:" in summary) == (widths == 4), "the step of gradient descent"


def test_entries_without_a_number_are_left_alone() -> None:
    entries = [Entry(None, ())] * 9
    assert collapsed(entries) == entries


def test_a_run_goes_one_way() -> None:
    up_and_down = [Entry(number, ()) for number in (1, 2, 3, 4, 3, 2)]
    found = collapsed(up_and_down)
    assert [(each.layer, each.last) for each in found] == [(1, 4), (3, None), (2, None)]


def test_what_is_shared_is_what_would_be_written() -> None:
    """The renamed formulas of a deep network are those written for each adjoint by itself."""
    built, derivation = derived("6-5-4-3-2-1,act=softplus,l2=0.1")
    story = Story(derivation, built)
    for adjoint in derivation.adjoints:
        alone = SharedFormulas(story.translator)
        formal = adjoint.formal
        for step in formal.steps:
            for side in (step.left, step.right):
                assert story.shared.formula(adjoint, side, step.free) == alone.formula(
                    adjoint, side, step.free
                )


@pytest.mark.parametrize(
    ("spec", "title"),
    [
        (None, None),
        ("2-3-1", "2-3-1"),
        ("64-32-32-32-32-32-1", "64-32-...-32-1"),
        ("8-8-8-8:softmax,loss=mse", "8-8-8-8:softmax,loss=mse"),
    ],
)
def test_long_shorthands_are_elided(spec: str | None, title: str | None) -> None:
    assert shortened(spec) == title
