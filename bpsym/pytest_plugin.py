"""The pytest plugin: the fixture ``gradients_match``. Nothing is loaded before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def gradients_match() -> Callable[..., Any]:
    """``bpsym.testing.assert_gradients_match``."""
    from bpsym.testing import assert_gradients_match

    return assert_gradients_match
