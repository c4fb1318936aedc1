"""Judging hand-written gradients: which mistake it is, where, how it knows, what mends it.

    report = bpsym.verify("2-3-1", my_function)
    print(report)

The package is what one calls: ``bpsym.verify(...)`` is ``bpsym.verify.judge.verify(...)``.
Nothing heavy is loaded here: the worker that runs the user's code imports this package too.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpsym.verify.judge import verify
    from bpsym.verify.report import Diagnosis, ParameterResult, Report, Verdict

_HOME = {
    "verify": "bpsym.verify.judge",
    **dict.fromkeys(("Diagnosis", "ParameterResult", "Report", "Verdict"), "bpsym.verify.report"),
}

__all__ = ["Diagnosis", "ParameterResult", "Report", "Verdict", "verify"]


def __getattr__(name: str) -> object:
    """Fetch a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'bpsym.verify' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


class _Callable(ModuleType):
    """A module that can be called: the function and the package have one name."""

    def __call__(self, *args: Any, **options: Any) -> Report:
        """Judge hand-written gradients; see ``bpsym.verify.judge.verify``."""
        from bpsym.verify.judge import verify

        return verify(*args, **options)


sys.modules[__name__].__class__ = _Callable
