"""Several samples: the numbers beside the network are those of the sample that is chosen."""

from __future__ import annotations

from functools import cache

import pytest

from bpsym.typeset.documents.page.build import Wanted, page_of
from bpsym.typeset.documents.page.variants import CODE
from bpsym.typeset.worked.request import Request
from tests.page.oracle import cost, given, last_number, lines, outputs, quotients
from tests.page.pages import USUAL, built_of

SAMPLES = 2
# Notations whose formulas are those of all samples, and of one.
OF_ALL, OF_ONE = (CODE, "ng"), ("nielsen", "watermelon")


@cache
def page() -> str:
    return page_of(built_of(USUAL), Wanted(request=Request(numbers="seed:0", samples=SAMPLES)))


def only(values, sample):
    row = slice(sample - 1, sample)
    return {**values, "X": values["X"][row], "Y": values["Y"][row]}


@pytest.mark.parametrize("sample", range(1, SAMPLES + 1))
@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_gradients_are_of_the_samples_of_the_formulas(notation, sample):
    values = given(USUAL, SAMPLES)
    if notation in OF_ONE:
        values = only(values, sample)
    right = quotients(values)
    shown = lines(page(), notation, "gradients", sample)
    assert set(right) - set(shown) == set()
    for key, value in right.items():
        assert last_number(shown[key]) == pytest.approx(value, rel=1e-4), key


def test_gradients_of_all_and_of_one_differ():
    values = given(USUAL, SAMPLES)
    of_all = quotients(values)
    for sample in range(1, SAMPLES + 1):
        of_one = quotients(only(values, sample))
        assert any(abs(of_all[key] - of_one[key]) > 1e-3 * abs(of_all[key]) for key in of_all)


@pytest.mark.parametrize("sample", range(1, SAMPLES + 1))
@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_the_chosen_sample_is_the_one_that_is_shown(open_page, notation, sample):
    layers = outputs(given(USUAL, SAMPLES))
    tab = open_page(text=page())
    tab.page.select_option("#notation", notation)
    tab.page.select_option("#sample", str(sample))
    for label, layer in zip(("x", "1", "2", "3"), layers, strict=True):
        for unit, right in enumerate(layer[sample - 1], 1):
            drawn = tab.page.locator(f'[data-part="{label}.{unit}"] .value').text_content()
            assert float(drawn) == pytest.approx(right, abs=1e-3)
    tab.point("2.3").dispatch_event("click")
    a = tab.shown_lines()[1]
    assert last_number(a) == pytest.approx(layers[2][sample - 1][2], rel=1e-4)
    assert tab.noise == []


def test_error_signals_are_those_of_the_chosen_sample(open_page):
    tab = open_page(text=page())
    tab.page.click("[data-phase=deltas]")
    shown = []
    for sample in (1, 2):
        tab.page.select_option("#sample", str(sample))
        (line,) = tab.shown_lines()
        signal = tab.page.locator('[data-part="3.1"] .signal').text_content()
        assert float(signal.replace("−", "-")) == pytest.approx(last_number(line), rel=1e-2)
        shown.append(signal)
    assert len(set(shown)) == 2


@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_it_says_whose_numbers_they_are(open_page, notation):
    tab = open_page(text=page())
    tab.page.select_option("#notation", notation)
    said = tab.text(".numbers:not([hidden]) .samples")
    assert said.startswith("2 samples")
    assert ("those of one sample" in said) == (notation in OF_ONE)


@pytest.mark.parametrize("sample", range(1, SAMPLES + 1))
@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_the_drawn_cost_is_that_of_the_notation(open_page, notation, sample):
    values = given(USUAL, SAMPLES)
    right = cost(values if notation in OF_ALL else only(values, sample))
    tab = open_page(text=page())
    tab.page.select_option("#notation", notation)
    tab.page.select_option("#sample", str(sample))
    tab.page.click("[data-phase=cost]")
    drawn = tab.page.locator('[data-part="C"] .value').text_content()
    assert float(drawn) == pytest.approx(right, rel=1e-2)


@pytest.mark.parametrize("sample", range(1, SAMPLES + 1))
@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_the_derivation_has_the_numbers_of_the_chosen_sample(open_page, notation, sample):
    layers = outputs(given(USUAL, SAMPLES))
    tab = open_page(text=page())
    tab.page.select_option("#notation", notation)
    tab.page.select_option("#sample", str(sample))
    said = tab.page.locator("article:not([hidden]) section").nth(2).inner_text()
    assert ("first", "second")[sample - 1] in said
    derivation = tab.page.locator("article:not([hidden])").inner_text()
    counts = [derivation.count(f"{row[0]:.6g}") for row in layers[1]]
    own = counts.pop(sample - 1)
    # Matrices and sums over the samples have the others, too.
    assert own > max(counts)
    assert notation in OF_ALL or not any(counts)
    assert tab.noise == []


def test_one_sample_needs_no_choice(open_page):
    assert open_page().page.locator("#sample").count() == 0
