"""What lights up for what is pointed at, and the numbers that are shown."""

from __future__ import annotations

import re

import pytest

from bpsym.typeset.documents.page.variants import CODE
from bpsym.typeset.notations import NOTATIONS
from tests.page.oracle import (
    cost,
    given,
    last_number,
    lines,
    place_of,
    quotients,
    tensor_of,
)
from tests.page.pages import USUAL, page_text

ALL = (CODE, *NOTATIONS)

# Written down by hand from the picture of 2-3-3-1.
BEHIND_W1_2_1 = {
    "1.2", "1.2>2.1", "1.2>2.2", "1.2>2.3", "2.1", "2.2", "2.3",
    "2.1>3.1", "2.2>3.1", "2.3>3.1", "3.1", "3.1>C", "C",
}  # fmt: skip
BEHIND_W2_3_1 = {"2.3", "2.3>3.1", "3.1", "3.1>C", "C"}
BEHIND_B3_1 = {"3.1", "3.1>C", "C"}
BEHIND_UNIT_2_2 = {"2.2>3.1", "3.1", "3.1>C", "C"}


@pytest.mark.parametrize(
    ("point", "own", "behind"),
    [
        ("W1[2,1]", {"x.1>1.2"}, BEHIND_W1_2_1),
        ("W2[3,1]", {"1.1>2.3"}, BEHIND_W2_3_1),
        ("b3[1]", {"b3[1]"}, BEHIND_B3_1),
        ("2.2", {"2.2"}, BEHIND_UNIT_2_2),
        ("C", {"C"}, set()),
    ],
)
def test_the_mouse_lights_exactly_the_paths_to_the_cost(open_page, point, own, behind):
    tab = open_page()
    tab.hover(point)
    assert tab.parts("lit") == behind
    assert tab.parts("chosen") == own
    tab.page.mouse.move(2, 2)
    assert tab.parts("lit", "chosen", "read") == set()


def test_a_path_that_is_missing_would_be_seen(open_page):
    planted = page_text().replace('"1.2>2.1",', "")
    assert planted != page_text()
    tab = open_page(text=planted)
    tab.hover("W1[2,1]")
    assert tab.parts("lit") != BEHIND_W1_2_1


def test_what_a_weight_multiplies_is_marked_and_paths_are_counted(open_page):
    tab = open_page()
    tab.hover("W1[2,1]")
    assert tab.parts("read") == {"x.1"}
    assert "3 paths" in tab.text("#sheet-paths")
    tab.hover("W2[3,1]")
    assert "one path" in tab.text("#sheet-paths")


def test_shared_weights_light_both_passes(open_page):
    tab = open_page("ranking")
    weight = next(each for each in tab.run(
        "() => [...document.querySelectorAll('.edge[data-point]')].map(e => e.dataset.point)"
    ))  # fmt: skip
    tab.point(weight).dispatch_event("click")
    assert len(tab.parts("chosen")) == 2
    assert "2 paths" in tab.text("#sheet-paths")


@pytest.mark.parametrize("notation", ALL)
def test_shown_gradients_are_difference_quotients(notation):
    shown = lines(page_text(), notation, "gradients")
    expected = quotients(given(USUAL))
    assert shown.keys() == expected.keys()
    for key, value in expected.items():
        assert last_number(shown[key]) == pytest.approx(value, rel=1e-4, abs=1e-9), key


@pytest.mark.parametrize("notation", ALL)
def test_a_shown_step_is_one_of_gradient_descent(notation):
    values = given(USUAL)
    slopes = quotients(values)
    updates = lines(page_text(), notation, "update")
    assert updates.keys() == slopes.keys()
    for key, line in updates.items():
        old = values[tensor_of(key)][place_of(key)]
        assert last_number(line) == pytest.approx(old - 0.5 * slopes[key], rel=1e-4)


def test_a_wrong_number_would_be_seen():
    shown = lines(page_text(), CODE, "gradients")
    planted = shown["W1[2,1]"].replace("=0.", "=0.1")
    expected = quotients(given(USUAL))["W1[2,1]"]
    assert last_number(planted) != pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_the_cost_after_the_step_is_that_of_the_new_weights(open_page):
    tab = open_page()
    while tab.page.locator("#next").is_enabled():
        tab.page.click("#next")
    values = given(USUAL)
    after = {name: array.copy() for name, array in values.items()}
    for key, slope in quotients(values).items():
        after[tensor_of(key)][place_of(key)] -= 0.5 * slope
    numbers = [float(each) for each in re.findall(r"0\.[0-9]+", tab.text("#sheet-said"))]
    assert numbers == pytest.approx([cost(values), cost(after)], rel=1e-4)


def test_a_click_stays_and_another_takes_it_back(open_page):
    tab = open_page()
    tab.hover("W1[2,1]")
    tab.page.mouse.down()
    tab.page.mouse.up()
    tab.page.mouse.move(2, 2)
    assert tab.parts("lit") == BEHIND_W1_2_1
    assert tab.point("W1[2,1]").get_attribute("aria-pressed") == "true"
    tab.point("W1[2,1]").dispatch_event("click")
    assert tab.parts("lit") == set()


def test_a_formula_lights_its_weights(open_page):
    tab = open_page()
    tab.page.locator('article:not([hidden]) .formula[data-of="dW2"]').first.hover()
    weights = {f"1.{source}>2.{target}" for source in (1, 2, 3) for target in (1, 2, 3)}
    assert tab.parts("chosen") == weights
    assert len(tab.shown_lines()) == 9


def test_reading_does_not_disturb_what_was_chosen(open_page):
    tab = open_page()
    tab.point("W1[2,1]").dispatch_event("click")
    tab.page.locator('article:not([hidden]) .formula[data-of="dW2"]').first.hover()
    assert tab.parts("lit") == BEHIND_W1_2_1


def test_a_weight_marks_its_formula_in_the_derivation(open_page):
    tab = open_page()
    tab.point("W2[1,3]").dispatch_event("click")
    lit = tab.page.locator("article:not([hidden]) .formula.lit")
    assert {each.get_attribute("data-of") for each in lit.all()} == {"dW2"}
    tab.page.click("#find")
    assert lit.first.is_visible()
    assert tab.parts("chosen") == {"1.3>2.1"}


def test_a_tap_chooses(open_page):
    tab = open_page(size=(360, 740))
    tab.point("2.2").dispatch_event("click")
    assert tab.parts("lit") == BEHIND_UNIT_2_2
    assert tab.shown_lines()


def test_the_error_signals_on_the_way_lead_up_to_the_gradient(open_page):
    tab = open_page()
    tab.point("W1[2,1]").dispatch_event("click")
    before = tab.shown_lines()
    tab.page.click("#way")
    shown = tab.shown_lines()
    deltas = [
        lines(page_text(), CODE, "deltas")[key] for key in ("3.1", "2.1", "2.2", "2.3", "1.2")
    ]
    assert shown == [before[0], *deltas, *before[1:]]
    assert tab.page.locator("#way").get_attribute("aria-pressed") == "true"
    tab.point("b3[1]").dispatch_event("click")
    assert deltas[0] in tab.shown_lines()
    tab.page.click("#way")
    assert deltas[0] not in tab.shown_lines()
