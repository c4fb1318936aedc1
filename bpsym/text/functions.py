"""The functions that a formula may call, by name; to add one, add a row and teach the calculus."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Name -> number of arguments.
FUNCTIONS: Mapping[str, int] = MappingProxyType(
    {
        "abs": 1,
        "arctan": 1,
        "cos": 1,
        "cosh": 1,
        "erf": 1,
        "exp": 1,
        "expm1": 1,
        "huber": 2,
        "log": 1,
        "log1p": 1,
        "log_cosh": 1,
        "max": 2,
        "min": 2,
        "normal_cdf": 1,
        "normal_pdf": 1,
        "sign": 1,
        "sin": 1,
        "sinh": 1,
        "sqrt": 1,
        "tanh": 1,
        "xlogx": 1,
        # The activations of the catalogue that have neither options nor parameters.
        "gaussian": 1,
        "gelu": 1,
        "gelu_tanh": 1,
        "hard_sigmoid": 1,
        "hard_tanh": 1,
        "identity": 1,
        "mish": 1,
        "relu": 1,
        "relu6": 1,
        "sigmoid": 1,
        "silu": 1,
        "softplus": 1,
        "softsign": 1,
    }
)

# Other spellings; the tree holds the name on the right.
ALIASES: Mapping[str, str] = MappingProxyType(
    {"atan": "arctan", "linear": "identity", "ln": "log", "swish": "silu"}
)

# These bind an index or take a condition, and have a node of their own in the tree.
SUM = "sum"
WHERE = "where"
SPECIAL_FORMS = (SUM, WHERE)
