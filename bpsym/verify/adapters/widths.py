"""Numbers of units by their usual names: input_size, n_hidden, num_classes, sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_SIZES = re.compile(
    r"^(?:layers?|sizes?|dims?|nodes|neurons|units|shape|architecture|topology|structure"
    r"|n_?units|(?:net(?:work)?|layers?|nn|mlp)_?(?:sizes?|dims?|shape|structure|units|nodes"
    r"|architecture|config))$",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"hid|^n_?h\d*$|^h\d*$|^h_?dims?$|^q$", re.IGNORECASE)
_OUTPUT = re.compile(r"out|class|label|^n_?y$|^o$|^k$|^c$|^n_?o$|^d_?out$|^l$", re.IGNORECASE)
_INPUT = re.compile(r"in(?:put)?s?(?:_|$|[A-Z]|n|l|s|d|f)|feature|^n_?x$|^i$|^d$|^n_?i$|^d_?in$")
_MANY = re.compile(r"(?:dims|sizes|layers|widths)$", re.IGNORECASE)


def width_roles(names: Sequence[str], widths: Sequence[int]) -> Mapping[str, Any]:
    """What each name is, of those that name a width: a number, or a list of them.

    widths: of the input and of every layer. Names of several hidden layers come in order.
    """
    inner = list(widths[1:-1])
    hidden = [name for name in names if _HIDDEN.search(name)]
    found: dict[str, Any] = {}
    for name in names:
        if _SIZES.match(name):
            found[name] = list(widths)
        elif name in hidden:
            if len(hidden) > 1 and len(hidden) == len(inner):
                found[name] = inner[hidden.index(name)]
            elif len(hidden) == 1:
                found[name] = inner if _MANY.search(name) or len(inner) != 1 else inner[0]
        elif _OUTPUT.search(name):
            found[name] = widths[-1]
        elif _INPUT.search(name) or name in ("input", "inputs", "n_in", "nin"):
            found[name] = widths[0]
    return found
