"""Calls of functions of the emitted module inside sympy expressions."""

from __future__ import annotations

from functools import cache

import sympy as sp


class Emitted(sp.Function):
    """A call of a function of the emitted module, by name."""

    emitted_name: str

    def _eval_is_real(self) -> bool:
        return True


@cache
def emitted(name: str) -> type[Emitted]:
    """The sympy function that stands for calls of ``name``."""
    return type(name, (Emitted,), {"emitted_name": name})
