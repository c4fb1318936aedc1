"""The functions that a formula in numpy notation may call, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def _sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, e) / (1 + e))


# Elementwise functions by name, with and without ``np.``.
ELEMENTWISE: Mapping[str, Callable[[Array], Array]] = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "cosh": np.cosh,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "square": np.square,
    "abs": np.abs,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "arctan": np.arctan,
    "sigmoid": _sigmoid,
    "relu": lambda z: np.maximum(z, 0),
    "transpose": np.transpose,
    "ones_like": np.ones_like,
    "zeros_like": np.zeros_like,
}
SLOPES: Mapping[str, Callable[[Array], Array]] = {
    "sigmoid": lambda z: _sigmoid(z) * (1 - _sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(float),
}
PAIRS: Mapping[str, Callable[[Array, Array], Array]] = {
    "dot": np.dot,
    "matmul": np.matmul,
    "multiply": np.multiply,
    "divide": np.divide,
    "add": np.add,
    "subtract": np.subtract,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "outer": np.outer,
}
REDUCTIONS: Mapping[str, Callable[..., Array]] = {"sum": np.sum, "mean": np.mean}
_SLOPE_NAMES = re.compile(r"(?:d_?|)(\w+?)(?:_prime|_derivative|_deriv|_grad|_backward|)")


def slope(name: str) -> Callable[[Array], Array] | None:
    """The derivative that a name stands for: ``sigmoid_prime``, ``dsigmoid``, ..."""
    if name in SLOPES:
        return None
    match = _SLOPE_NAMES.fullmatch(name)
    return SLOPES.get(match[1]) if match else None
