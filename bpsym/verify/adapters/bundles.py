"""Parameters in one argument or two: a dict, lists, pairs, a flat vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bpsym.verify.adapters.names import WEIGHT, letter_of, tag_of

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Declared
    from bpsym.verify.observe import Array

Kind = Literal["dict", "list", "pairs", "dicts", "lists", "flat"]
KINDS: tuple[Kind, ...] = ("dict", "list", "pairs", "dicts", "lists", "flat")


def layers_of(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The parameters grouped by layer, in order."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(tag_of(name), []).append(name)
    return tuple(tuple(each) for each in found.values())


def weights_and_biases(network: Declared) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters that are matrices, and the others."""
    weights = tuple(name for name in network.names if letter_of(name) == WEIGHT)
    return weights, tuple(name for name in network.names if name not in weights)


@dataclass(frozen=True)
class Bundle:
    """A way to hand over all parameters at once.

    aliases: the user's own key -> declared name, for a dict.
    """

    kind: Kind
    aliases: Mapping[str, str] = field(default_factory=dict)

    def pack(self, params: Mapping[str, Array], network: Declared) -> Any:
        """The value of the argument."""
        layers = layers_of(network.names)
        if self.kind == "dict":
            own = {key: params[name] for key, name in self.aliases.items()}
            return {**params, **own}
        if self.kind == "list":
            return [params[name] for name in network.names]
        if self.kind == "pairs":
            return [tuple(params[name] for name in layer) for layer in layers]
        if self.kind == "dicts":
            return [{letter_of(name): params[name] for name in layer} for layer in layers]
        if self.kind == "lists":
            weights, biases = weights_and_biases(network)
            return ([params[name] for name in weights], [params[name] for name in biases])
        return np.concatenate([np.ravel(params[name]) for name in network.names])

    def sentence(self) -> str:
        """What is assumed, for the report."""
        return {
            "dict": "parameters come as a dict by name",
            "list": "parameters come as one list, in order",
            "pairs": "parameters come as a list with a tuple for each layer",
            "dicts": "parameters come as a list with a dict for each layer",
            "lists": "parameters come as (weights, biases), two lists",
            "flat": "parameters come as one flat vector, in order, each in C order",
        }[self.kind]
