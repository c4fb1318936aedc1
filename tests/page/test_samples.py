"""Several samples: beside the network stand the numbers of the derivation below it."""

from __future__ import annotations

from functools import cache

import pytest

from bpsym.typeset.documents.page.build import Wanted, page_of
from bpsym.typeset.documents.page.variants import CODE
from bpsym.typeset.worked.request import Request
from tests.page.oracle import cost, given, last_number, lines, quotients
from tests.page.pages import USUAL, built_of

SAMPLES = 2
# Notations whose formulas are those of all samples, and of one.
OF_ALL, OF_ONE = (CODE, "ng"), ("nielsen", "watermelon")


@cache
def page() -> str:
    return page_of(built_of(USUAL), Wanted(request=Request(numbers="seed:0", samples=SAMPLES)))


def first(values):
    return {**values, "X": values["X"][:1], "Y": values["Y"][:1]}


@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_gradients_are_of_the_samples_of_the_formulas(notation):
    values = given(USUAL, SAMPLES)
    if notation in OF_ONE:
        values = first(values)
    right = quotients(values)
    shown = lines(page(), notation, "gradients")
    assert set(right) - set(shown) == set()
    for key, value in right.items():
        assert last_number(shown[key]) == pytest.approx(value, rel=1e-4), key


def test_gradients_of_all_and_of_the_first_differ():
    values = given(USUAL, SAMPLES)
    of_all, of_first = quotients(values), quotients(first(values))
    assert any(abs(of_all[key] - of_first[key]) > 1e-3 * abs(of_all[key]) for key in of_all)


@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_it_says_whose_numbers_they_are(open_page, notation):
    tab = open_page(text=page())
    tab.page.select_option("#notation", notation)
    said = tab.text(".numbers:not([hidden]) .samples")
    assert said.startswith("2 samples" if notation in OF_ALL else "The formulas are those of one")
    assert tab.noise == []


@pytest.mark.parametrize("notation", [*OF_ALL, *OF_ONE])
def test_the_drawn_cost_is_that_of_the_notation(open_page, notation):
    values = given(USUAL, SAMPLES)
    right = cost(values if notation in OF_ALL else first(values))
    tab = open_page(text=page())
    tab.page.select_option("#notation", notation)
    tab.page.click("[data-phase=cost]")
    drawn = tab.page.locator('[data-part="C"] .value').text_content()
    assert float(drawn) == pytest.approx(right, rel=1e-2)
