"""One browser for all tests of the page, and a tab for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.page.browser import WIDE, Tab, browser, opened
from tests.page.pages import USUAL, page_text

Open = Callable[..., Tab]


@pytest.fixture(scope="session")
def chromium_context() -> Iterator[Any]:
    with browser() as context:
        yield context


@pytest.fixture
def open_page(chromium_context: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a network, or a page that is given as a text."""
    tabs: list[Tab] = []

    def opening(
        spec: str = USUAL,
        *,
        text: str | None = None,
        size: tuple[int, int] = WIDE,
        scheme: str = "light",
    ) -> Tab:
        file = tmp_path / f"page{len(tabs)}.html"
        file.write_text(text or page_text(spec), encoding="utf-8")
        tabs.append(opened(chromium_context, file, size, scheme))
        return tabs[-1]

    yield opening
    for tab in tabs:
        tab.page.close()
