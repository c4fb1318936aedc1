"""The page as it is read: steps, switches, keyboard, screen reader, print, colours."""

from __future__ import annotations

import pytest

from bpsym.typeset.documents.page.variants import CODE
from bpsym.typeset.notations import NOTATIONS
from tests.page.browser import NARROW
from tests.page.pages import page_text
from tests.page.test_pointing import BEHIND_W1_2_1

SHOWN = ("2-3-3-1", "residual", "ranking", "gated", "784-128:relu-10:softmax", "any-depth")


DRAWN = "() => [...document.querySelectorAll('.network [data-point]')].map(e => e.dataset.point)"


@pytest.mark.parametrize("spec", SHOWN)
def test_it_renders_quietly_and_asks_for_nothing(open_page, spec):
    tab = open_page(spec)
    assert tab.page.locator("h1").inner_text()
    assert tab.page.locator("article:not([hidden]) math").count() > 5
    assert tab.noise == []
    assert tab.requests == []


# Kinks, learned activations, a weighted cost, two inputs: each draws or says something new.
KINDS = (
    "4-3:prelu-2:softmax,loss=half_squared_error",
    "4-3:softplus-2:identity,loss=hinge",
    "4-3:silu-2:arctan,loss=huber",
    "weighted",
    "joined",
    "-".join(["2"] * 12),
)


@pytest.mark.parametrize("spec", KINDS)
def test_every_kind_of_network_has_a_page(open_page, spec):
    tab = open_page(spec)
    points = tab.run(DRAWN)
    for point in points[:: max(1, len(points) // 8)]:
        tab.run("point => choose(point)", point)
        assert tab.text("#sheet-title")
        assert tab.shown_lines()
    assert tab.noise == []


def test_a_request_would_be_seen(open_page):
    planted = page_text().replace("<main", '<img src="http://127.0.0.1:9/x.png" alt=""><main')
    tab = open_page(text=planted)
    assert tab.noise


def test_an_error_of_the_script_would_be_seen(open_page):
    tab = open_page(text=page_text().replace('"steps":[', '"steps":null,"gone":['))
    assert tab.noise


@pytest.mark.parametrize("spec", ["2-3-3-1", "residual", "784-128:relu-10:softmax"])
def test_steps_go_from_the_beginning_to_the_end_and_back(open_page, spec):
    tab = open_page(spec)
    last = int(tab.text("#count").split("/")[1])
    titles, phases = [tab.text("#sheet-title")], []
    while tab.page.locator("#next").is_enabled():
        tab.page.click("#next")
        titles.append(tab.text("#sheet-title"))
        current = tab.page.locator("[aria-current=step]")
        phases.append(current.get_attribute("data-phase"))
        if len(titles) <= last:
            assert tab.shown_lines(), titles[-1]
    assert len(titles) == last + 1 == len(set(titles))
    assert list(dict.fromkeys(phases)) == ["forward", "cost", "deltas", "gradients", "update"]
    for title in reversed(titles[:-1]):
        tab.page.click("#back")
        assert tab.text("#sheet-title") == title
    assert tab.page.locator("#back").is_disabled()


def test_values_appear_as_the_pass_reaches_them(open_page):
    tab = open_page()
    known = "() => document.querySelectorAll('.unit.known').length"
    told = "() => document.querySelectorAll('.unit.told').length"
    counts = []
    for _ in range(7):
        tab.page.click("#next")
        counts.append((tab.run(known), tab.run(told)))
    assert counts == [(5, 0), (8, 0), (9, 0), (10, 0), (10, 1), (10, 4), (10, 7)]


def test_the_drawing_has_the_cost_before_and_after(open_page):
    tab = open_page()
    shown = tab.page.locator('[data-part="C"] .value')
    tab.page.click("[data-phase=cost]")
    before = float(shown.text_content())
    while tab.page.locator("#next").is_enabled():
        tab.page.click("#next")
    assert 0 < float(shown.text_content()) < before
    tab.page.click("[data-phase=cost]")
    assert float(shown.text_content()) == before


def test_switches_keep_the_choice(open_page):
    tab = open_page()
    tab.point("W1[2,1]").dispatch_event("click")
    before = tab.shown_lines()
    for notation in (*NOTATIONS, CODE):
        tab.page.select_option("#notation", notation)
        assert tab.parts("lit") == BEHIND_W1_2_1
        assert len(tab.shown_lines()) >= len(before)
        shown = tab.page.locator("article:visible")
        assert [each.get_attribute("data-notation") for each in shown.all()] == [notation]
    english = tab.text("#sheet-title")
    tab.page.click("[data-speak=zh]")
    assert tab.parts("lit") == BEHIND_W1_2_1
    assert tab.text("#sheet-title") == "从第 1 个输入到第 1 层的 2 号神经元的权重" != english
    assert tab.run("() => document.documentElement.lang") == "zh"
    assert not tab.page.locator("[data-language=en]:visible").count()
    assert tab.page.locator("[data-language=zh]:visible").count()


def test_the_keyboard_alone_reaches_everything(open_page):
    tab = open_page()
    focused = "() => document.activeElement.dataset.point ?? document.activeElement.id"
    press = tab.page.keyboard.press
    for _ in range(12):
        press("Tab")
        if tab.run("() => document.activeElement.matches('.network [data-point]')"):
            break
    assert tab.run(focused) == "x.1"
    walked = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown", "ArrowRight"):
        press(key)
        walked.append(tab.run(focused))
    assert walked == ["W1[1,1]", "1.1", "1.2", "W1[2,1]", "W1[2,2]", "1.2"]
    press("ArrowLeft")
    press("Enter")
    assert tab.parts("lit") == BEHIND_W1_2_1
    assert tab.point("W1[2,1]").get_attribute("aria-pressed") == "true"
    press("Tab")
    assert tab.parts("lit") == BEHIND_W1_2_1
    press("ArrowRight")
    assert tab.text("#count") == "1 / 14"
    press("ArrowLeft")
    assert tab.text("#count") == "0 / 14"
    press("Escape")
    assert tab.parts("lit") == set()


def test_every_point_can_be_walked_to(open_page):
    tab = open_page()
    reached = tab.run("""() => {
        const seen = new Set(["x.1"]), waiting = ["x.1"];
        while (waiting.length) {
            const point = facts.points[waiting.pop()];
            for (const next of Object.values(point.walk)) {
                if (!seen.has(next)) { seen.add(next); waiting.push(next); }
            }
        }
        return [...seen];
    }""")
    assert set(reached) == set(tab.run(DRAWN))


FORMULAS = """() => [...document.querySelectorAll(".formula[data-point]")]
    .filter(each => each.checkVisibility())
    .map(each => [each.tabIndex, each.getAttribute("aria-label")])"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("notation", [CODE, "ng"])
def test_formulas_are_one_stop_and_told_apart(open_page, notation, language):
    tab = open_page("2-3-3-1")
    tab.page.select_option("#notation", notation)
    tab.page.click(f"[data-speak={language}]")
    found = tab.run(FORMULAS)
    assert len(found) > 10
    assert sum(stop == 0 for stop, _ in found) == 1
    assert len({name for _, name in found}) == len(found)


def test_arrows_go_from_formula_to_formula(open_page):
    tab = open_page()
    name = "() => document.activeElement.getAttribute('aria-label')"
    tab.run("() => document.querySelector('.formula[tabindex=\"0\"]').focus()")
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowDown")
    names = [each for _, each in tab.run(FORMULAS)]
    assert tab.run(name) == names[2]
    tab.page.keyboard.press("ArrowUp")
    assert tab.run(name) == names[1]
    assert [stop for stop, _ in tab.run(FORMULAS)].index(0) == 1
    tab.page.keyboard.press("Tab")
    assert not tab.run("() => document.activeElement.matches('.formula')")


def test_focus_is_seen(open_page):
    tab = open_page()
    for _ in range(14):
        tab.page.keyboard.press("Tab")
        style = tab.run("""() => {
            const each = document.activeElement, drawn = each.closest(".network");
            const shape = drawn ? each.querySelector(".hit") : each;
            const style = getComputedStyle(shape);
            return drawn ? style.stroke : style.outlineStyle + style.outlineWidth;
        }""")
        assert style not in ("none", "none0px", "rgba(0, 0, 0, 0)"), style


NAMELESS = """() => {
    const wanted = "button, select, [role=button], [role=group], [role=region], [tabindex='0']";
    const name = each => each.getAttribute("aria-label")
        || document.getElementById(each.getAttribute("aria-labelledby"))?.textContent
        || each.labels?.[0]?.textContent
        || (each.matches("button") && each.textContent);
    return [...document.querySelectorAll(wanted)]
        .filter(each => each.checkVisibility() && !(name(each) || "").trim())
        .map(each => each.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("spec", ["2-3-3-1", "residual", "any-depth"])
def test_every_control_has_a_name(open_page, spec, language):
    tab = open_page(spec)
    tab.page.click(f"[data-speak={language}]")
    assert tab.run(NAMELESS) == []
    ids = tab.run("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_a_control_without_a_name_would_be_seen(open_page):
    tab = open_page(text=page_text().replace("<main", "<button></button><main"))
    assert len(tab.run(NAMELESS)) == 1


def test_names_are_said_in_words(open_page):
    tab = open_page()
    name = tab.point("W1[2,1]").get_attribute("aria-label")
    assert name.startswith("Weight from input 1 to neuron 2 of layer 1, ")
    assert tab.page.locator("[aria-live=polite] #sheet-title").count() == 1
    tab.page.keyboard.press("Tab")
    assert tab.run("() => document.activeElement.className") == "skip"


# Colours

CONTRAST = """() => {
    const channels = text => (text.match(/[0-9.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const over = (top, below) => top.slice(0, 3).map(
        (v, at) => v * (top[3] ?? 1) + below[at] * (1 - (top[3] ?? 1)));
    const behind = each => {
        const layers = [];
        for (let node = each; node; node = node.parentElement)
            layers.push(channels(getComputedStyle(node).backgroundColor));
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
    };
    const bad = [];
    for (const each of document.querySelectorAll("body *")) {
        const own = [...each.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || !each.checkVisibility() || each.closest(":disabled, script, .skip")) continue;
        const style = getComputedStyle(each), ground = behind(each);
        const drawn = each.closest("svg");
        const ink = over(channels(drawn ? style.fill : style.color), ground);
        const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        let opacity = 1;
        for (let node = each; node; node = node.parentElement)
            opacity *= Number(getComputedStyle(node).opacity);
        if (ratio < 4.5 || opacity < 1)
            bad.push(`${each.textContent.slice(0, 30)} ${ratio.toFixed(2)} ${opacity}`);
    }
    return bad;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page, scheme):
    tab = open_page(scheme=scheme)
    assert tab.run(CONTRAST) == []
    tab.point("W1[2,1]").dispatch_event("click")
    assert tab.run(CONTRAST) == []
    tab.page.click("[data-phase=deltas]")
    assert tab.run(CONTRAST) == []
    assert tab.page.locator("#theme").get_attribute("aria-pressed") == str(scheme == "dark").lower()


def test_the_switch_wins_over_the_scheme_of_the_system(open_page):
    tab = open_page(scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = tab.run(ground)
    tab.page.click("#theme")
    assert tab.run(ground) != light
    assert tab.run(CONTRAST) == []
    tab.page.click("#theme")
    assert tab.run(ground) == light


def test_pale_text_would_be_seen(open_page):
    text = page_text().replace("</style>", ".caption { fill: #bbb !important; }</style>", 1)
    assert open_page(text=text).run(CONTRAST)


# Screens and paper

OVERFLOW = "() => document.scrollingElement.scrollWidth - window.innerWidth"


@pytest.mark.parametrize("spec", SHOWN)
def test_a_small_screen_needs_no_scrolling_aside(open_page, spec):
    tab = open_page(spec, size=NARROW)
    notations = tab.run(
        "() => [...document.querySelectorAll('#notation option')].map(e => e.value)"
    )
    for notation in notations:
        tab.page.select_option("#notation", notation)
        for language in ("en", "zh"):
            tab.page.click(f"[data-speak={language}]")
            assert tab.run(OVERFLOW) <= 0, (notation, language)
    while tab.page.locator("#next").count() and tab.page.locator("#next").is_enabled():
        tab.page.click("#next")
        assert tab.run(OVERFLOW) <= 0


def test_something_too_wide_would_be_seen(open_page):
    wide = '<main><p style="width: 40rem">wide</p>'
    text = page_text().replace('<main id="derivation" tabindex="-1">', wide)
    assert open_page(text=text, size=NARROW).run(OVERFLOW) > 0


def test_units_can_be_hit_with_a_finger(open_page):
    tab = open_page(size=NARROW)
    for key in ("x.1", "1.2", "3.1"):
        box = tab.page.locator(f'[data-point="{key}"] .hit').bounding_box()
        assert min(box["width"], box["height"]) >= 24


@pytest.mark.parametrize("notation", [CODE, "ng"])
def test_paper_has_the_derivation_and_no_controls(open_page, notation):
    tab = open_page(scheme="dark")
    tab.page.select_option("#notation", notation)
    tab.point("W1[2,1]").dispatch_event("click")
    tab.page.emulate_media(media="print")
    for control in (".switches", ".stepper", ".sheet", ".skip"):
        assert not tab.page.locator(control).is_visible()
    sections = tab.page.locator(f'article[data-notation="{notation}"] section')
    assert sections.count() >= 7
    assert all(each.is_visible() for each in sections.all())
    assert tab.page.locator(".network").is_visible()
    assert tab.run("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run(CONTRAST) == []


def test_without_a_script_the_derivation_is_there(chromium_context, tmp_path):
    file = tmp_path / "page.html"
    cut = page_text().index("<script>")
    file.write_text(page_text()[:cut] + "</body></html>", encoding="utf-8")
    page = chromium_context.new_page()
    page.goto(file.as_uri())
    assert page.locator("article:visible").count() == 1
    assert not page.locator(".switches").is_visible()
    page.close()
