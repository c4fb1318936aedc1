"""Gradients in test suites.

    from bpsym.testing import assert_gradients_match

    def test_backprop():
        assert_gradients_match("2-3-1", my_function)

The fixture ``gradients_match`` of the pytest plugin is the same function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpsym.network.model import Network
    from bpsym.verify.report import Report


def assert_gradients_match(
    network: Network | str | Mapping[str, object], target: Any, **options: Any
) -> Report:
    """Raise AssertionError, with the diagnosis, unless the gradients are right.

    network, target and options: those of ``bpsym.verify``.
    Returns the report. Raises UserCodeError if the code raises, ReadingError if it is not clear
    how the code is to be called.
    """
    from bpsym.errors import BpsymError
    from bpsym.verify.judge import verify

    __tracebackhide__ = True
    try:
        report = verify(network, target, **options)
    except BpsymError as error:
        # The way through bpsym is of no use to who reads the failure.
        raise error.with_traceback(None) from None
    if not report.ok:
        raise AssertionError(str(report))
    return report
