"""Gradients that a call leaves in attributes of an object, or in global variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.bindings import nested_names
from bpsym.verify.adapters.containers import readings
from bpsym.verify.adapters.names import letter_of, matched, spoken
from bpsym.verify.adapters.returned import Returned

if TYPE_CHECKING:
    from bpsym.verify.adapters.declared import Declared


def from_attributes(state: Mapping[str, Any], network: Declared, owner: str) -> Iterator[Returned]:
    """Gradients in attributes or variables of their own: ``self.dW1``, or lists ``self.dW``.

    owner: what is written before such a name, ``self.`` or nothing.
    """
    letters = [letter_of(name) for name in network.names]
    plain = {
        path: value
        for path, value in state.items()
        if isinstance(value, np.ndarray)
        and (said := spoken(path.split(".")[-1], letters)) is not None
        and said.gradient
    }
    nested = [path for path in plain if "." in path]
    if nested and len(nested) == len(plain):
        found = nested_names(plain, network, gradient=True)
    else:
        found = matched(plain, network.names, gradient=True)
    if found:
        yield Returned(
            {name: plain[path] for path, name in found.items()},
            None,
            {name: owner + spelled_path(path) for path, name in found.items()},
            "gradients are attributes of the object" if owner else "gradients are global variables",
        )
    lists = {path: value for path, value in state.items() if isinstance(value, list | tuple)}
    for each in readings(dict(lists), network):
        spelling = {
            name: owner + text.removeprefix('grads["').replace('"]', "", 1)
            for name, text in each.spelling.items()
        }
        yield Returned(each.grads, None, spelling, each.sentence)


def spelled_path(path: str) -> str:
    """``layers.0.W`` as one writes it: ``layers[0].W``."""
    first, *rest = path.split(".")
    return first + "".join(f"[{each}]" if each.isdigit() else f".{each}" for each in rest)
