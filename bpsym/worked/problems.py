"""What is said where numbers do not fit the network that they are for."""

from __future__ import annotations

from bpsym.errors import BpsymError


class NumbersError(BpsymError):
    """Numbers that do not fit a network, or that none can be computed from."""
