"""What is said of code that cannot be read: its own error, or what came instead of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from bpsym.verify.adapters.arguments import ADAPTER
from bpsym.verify.running.sandbox import UserCodeError

if TYPE_CHECKING:
    from bpsym.verify.adapters.trials import AnyRoute, Search

# What code raises however it is read.
NO_READING = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError")
# What code raises that takes its arguments in another shape.
OF_ARGUMENTS = ("AttributeError", "KeyError", "TypeError", "IndexError", "ValueError")


def give_up(search: Search, routes: Sequence[AnyRoute]) -> NoReturn:
    """Say why no reading fits: the code's own error, or what came back.

    Raises UserCodeError.
    """
    if search.errors and not search.returned_nothing:
        error = _telling(search.errors)
        # What it takes its arguments for is a guess of ours where it fails on one of them.
        raise error.otherwise_called(ADAPTER) if error.type in OF_ARGUMENTS else error
    call = routes[0].call() if routes else "the target"
    came = search.came or "nothing"
    names = ", ".join(f'"{name}": d{name}' for name in search.network.names[:2])
    raise UserCodeError.told(
        "result",
        call,
        "it gives no gradients",
        got=f"it returned {came}",
        expected=f"gradients of {', '.join(search.network.names)}, by name or in this order",
        way_out=f"end it with return {{{names}, ...}}"
        + ("; a function without return gives None" if came == "None" else ""),
        output=search.runner.output,
    )


def _telling(errors: Sequence[UserCodeError]) -> UserCodeError:
    """The error of the reading that got furthest; of several, the one that most of them end in.

    Where shapes clash early, it is the reading that is wrong. No reading makes a name unknown.
    """
    errors = [each for each in errors if each.kind != "own"] or errors
    errors = [each for each in errors if each.type in NO_READING] or errors
    furthest = max(each.reached for each in errors)
    errors = [each for each in errors if each.reached == furthest]
    ends = [(each.traceback.strip().splitlines() or [""])[-1] for each in errors]
    return errors[ends.index(max(ends, key=ends.count))]
