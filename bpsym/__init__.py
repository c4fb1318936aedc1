"""bpsym derives backpropagation instead of remembering it.

    net = bpsym.parse("2-3-3-1")            what is declared
    derivation = bpsym.derive(net)          every gradient, derived step by step
    derivation.prove()                      every equals sign, proven
    print(bpsym.generate(net))              a numpy module that needs nothing else
    module = bpsym.load(net)                the same, imported
    bpsym.verify(net, my_backprop)          which mistake a hand-written gradient makes, and where

Importing bpsym loads neither sympy nor numpy: each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpsym import verify
    from bpsym.api import Derivation, derive, generate, load, parse
    from bpsym.errors import BpsymError, EmitError, ExpressionError, NetworkError, ProofError
    from bpsym.network import to_json, to_toml
    from bpsym.network.declare.layers import (
        activation,
        add,
        concat,
        dense,
        equation,
        layer_norm,
        loss_term,
        multiply,
        softmax,
    )
    from bpsym.network.model import ActivationUse, Layer, Loss, Network

__version__ = "0.1.0"

_HOME = {
    **dict.fromkeys(("Derivation", "derive", "generate", "load", "parse"), "bpsym.api"),
    **dict.fromkeys(
        ("BpsymError", "EmitError", "ExpressionError", "NetworkError", "ProofError"),
        "bpsym.errors",
    ),
    **dict.fromkeys(("ActivationUse", "Layer", "Loss", "Network"), "bpsym.network.model"),
    **dict.fromkeys(("to_json", "to_toml"), "bpsym.network"),
    **dict.fromkeys(
        (
            "activation",
            "add",
            "concat",
            "dense",
            "equation",
            "layer_norm",
            "loss_term",
            "multiply",
            "softmax",
        ),
        "bpsym.network.declare.layers",
    ),
}

__all__ = [
    "ActivationUse",
    "BpsymError",
    "Derivation",
    "EmitError",
    "ExpressionError",
    "Layer",
    "Loss",
    "Network",
    "NetworkError",
    "ProofError",
    "__version__",
    "activation",
    "add",
    "concat",
    "dense",
    "derive",
    "equation",
    "generate",
    "layer_norm",
    "load",
    "loss_term",
    "multiply",
    "parse",
    "softmax",
    "to_json",
    "to_toml",
    "verify",
]


def __getattr__(name: str) -> object:
    """Fetch a public name from its module on first use."""
    if name == "verify":  # the package itself is the function: bpsym.verify(net, target)
        return import_module("bpsym.verify")
    if name not in _HOME:
        raise AttributeError(f"module 'bpsym' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
