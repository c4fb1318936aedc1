"""A real Chromium, headless, with a new profile and without a network of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = (1400, 900), (360, 740)


def _missing(what: str) -> NoReturn:
    """Tests are skipped then, but where there must be a browser they fail."""
    if os.environ.get("BPSYM_NEEDS_BROWSER"):
        pytest.fail(what)
    pytest.skip(what)


def chromium() -> str:
    """The program."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _missing("there is no Chromium on the PATH: apt install chromium")


def driver() -> Any:
    """What drives it."""
    try:
        from playwright import sync_api
    except ImportError:
        _missing("there is no playwright: pip install playwright")
    return sync_api


@dataclass
class Tab:
    """An opened page. noise: console messages and errors; requests: all but that of the file."""

    page: Any
    noise: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def run(self, script: str, value: object = None) -> Any:
        """What a function of the page gives."""
        return self.page.evaluate(script, value)

    def parts(self, *classes: str) -> set[str]:
        """The parts of the drawing that have one of these classes."""
        script = """classes => [...document.querySelectorAll("[data-part]")]
            .filter(each => classes.some(name => each.classList.contains(name)))
            .map(each => each.dataset.part)"""
        return set(self.run(script, list(classes)))

    def point(self, key: str) -> Any:
        """A weight, unit or bias of the drawing."""
        return self.page.locator(f'.network [data-point="{key}"]').first

    def hover(self, key: str) -> None:
        """Move the mouse onto a line or circle, at a place where nothing lies above it."""
        script = """([key, part]) => {
            const each = document.querySelector(`.network [data-point="${key}"] ${part}`);
            const box = each.getScreenCTM();
            const at = share => each.tagName === "line"
                ? [each.x1.baseVal.value * (1 - share) + each.x2.baseVal.value * share,
                   each.y1.baseVal.value * (1 - share) + each.y2.baseVal.value * share]
                : [each.cx.baseVal.value, each.cy.baseVal.value];
            for (const share of [0.3, 0.4, 0.2, 0.6, 0.7, 0.8, 0.5]) {
                const [x, y] = at(share), where = new DOMPoint(x, y).matrixTransform(box);
                const found = document.elementFromPoint(where.x, where.y);
                if (found?.closest("[data-point]")?.dataset.point === key)
                    return [where.x, where.y];
            }
        }"""
        place = self.run(script, [key, ".hit"])
        assert place is not None, f"{key} is covered everywhere"
        self.page.mouse.move(*place)

    def shown_lines(self) -> list[str]:
        """The formulas with numbers that are to be seen, as text."""
        script = """() => [...document.querySelectorAll(".line")]
            .filter(each => each.checkVisibility()).map(each => each.textContent)"""
        return list(self.run(script))

    def text(self, selector: str) -> str:
        """The text of an element as it is seen."""
        return str(self.page.locator(selector).first.inner_text())


@contextmanager
def browser() -> Iterator[Any]:
    """A browser with an empty profile."""
    program, tools_of = chromium(), driver()
    with TemporaryDirectory() as profile, tools_of.sync_playwright() as tools:
        context = tools.chromium.launch_persistent_context(
            profile, executable_path=program, args=list(FLAGS), headless=True
        )
        try:
            yield context
        finally:
            context.close()


def opened(context: Any, file: Path, size: tuple[int, int] = WIDE, scheme: str = "light") -> Tab:
    """A file in a new tab."""
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    tab = Tab(page)
    page.on("console", lambda message: tab.noise.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: tab.noise.append(str(error)))
    url = file.as_uri()
    page.on("request", lambda each: tab.requests.append(each.url) if each.url != url else None)
    page.goto(url)
    return tab
