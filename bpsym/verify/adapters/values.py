"""What is passed for each role of an argument."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.verify.adapters.arguments import INPUT, TARGET, UPSTREAM, VALUE, WIDTH
from bpsym.verify.adapters.bundles import Bundle, weights_and_biases
from bpsym.verify.adapters.widths import width_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpsym.verify.adapters.arguments import Argument
    from bpsym.verify.adapters.declared import Declared
    from bpsym.verify.adapters.forms import Given

# How a role is written where it is told what a variable or attribute is set to.
FED = MappingProxyType({"batch size": "m", "epochs": "1"})
_WANT_VALUES = (VALUE, UPSTREAM)


def wants_values(arguments: Sequence[Argument]) -> bool:
    """Whether values of the forward pass are passed."""
    return any(each.role.startswith(_WANT_VALUES) for each in arguments)


def passed(
    role: str, given: Given, rate: float, network: Declared, bundle: Bundle, *, divided: bool
) -> Any:
    """The value of an argument.

    divided: the code divides the strength of decay by the number of samples.
    """
    weights, biases = weights_and_biases(network)
    params = given.params
    match role:
        case "params":
            return bundle.pack(params, network)
        case "weights":
            return bundle.group([params[name] for name in weights])
        case "biases":
            return bundle.group([params[name] for name in biases])
        case "X":
            return given.X
        case "Y":
            return given.Y
        case "pairs":
            return given.pairs()
        case "batch":
            return given.X, given.Y
        case "rate":
            return rate
        case "decay":
            return network.decay * (given.m if divided else 1)
        case "count" | "batch size":
            return given.m
        case "epochs":
            return 1
        case "cache":
            return {"ref": "cache"}
        case "shapes":
            return [np.shape(params[name]) for name in bundle.order(network)]
        case "upstream":
            return given.value(f"delta{network.output[1:]}")
    kind, colon, name = role.partition(":")
    kind += colon
    if kind == VALUE:
        return given.value(name)
    if kind == WIDTH:
        return width_roles([name], network.widths)[name]
    if kind == INPUT:
        return given.X[name]
    if kind == TARGET:
        return given.Y[name]
    return params[role]
