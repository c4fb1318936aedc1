"""How an activation and its slopes are computed: in place, by a kernel, or by a helper function.

A helper is written into the module under a name that is unique there. Until then it goes by a
token, ``@3:slope``, so that what is lowered once serves every module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from bpsym.arrays.calls import emitted
from bpsym.arrays.kernels import KERNELS
from bpsym.arrays.logarithms import logarithmic_slope
from bpsym.arrays.stable import in_place
from bpsym.calculus.slopes.activation import A, Activation, Opaque, OpaqueSlope
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, name_of, scalar, subscripts_of

TOKEN = "@"
# Slopes that are kernels of another name than ``tanh_slope``.
SLOPE_KERNELS = {"arctan": "reciprocal_one_plus_square"}

VALUE, SLOPE, LEARNED = "value", "slope", "learned"
LOG_SLOPE, LOG_SLOPE_OF_COMPLEMENT = "log_slope", "log_slope_of_complement"


@dataclass(frozen=True)
class Helper:
    """A function that the emitted module defines.

    kind: ``value``, ``slope``, ``learned`` (the slope in a learned parameter), ``log_slope`` or
        ``log_slope_of_complement`` (the slope of log f, of log(1 - f)).
    of: the activation's name in the module; arguments: ``a`` for a slope computed from the output.
    """

    name: str
    kind: str
    of: str
    arguments: tuple[str, ...]
    expression: sp.Expr
    learned: str = ""

    @property
    def body(self) -> sp.Expr:
        """What is computed: an array, also where the expression is one number for all z."""
        if self.expression.free_symbols:
            return self.expression
        return emitted("full_like")(scalar(self.arguments[0]), self.expression)


_TOKENS: dict[str, tuple[Activation, str, int]] = {}
_NUMBERS: dict[Activation, int] = {}


def token(activation: Activation, kind: str, position: int = 0) -> str:
    """What a helper goes by until it has a name."""
    number = _NUMBERS.setdefault(activation, len(_NUMBERS))
    name = f"{TOKEN}{number}:{kind}:{position}"
    _TOKENS[name] = (activation, kind, position)
    return name


def computed(expr: sp.Expr, outputs: Mapping[tuple[str, Activation], str]) -> sp.Expr:
    """What is computed for ``f(z, ...)`` or ``f'(z, ...)``: an expression or a call by token.

    outputs: for each pre-activation and activation the tensor that holds the result.
    """
    z, *learned = expr.args
    activation: Activation = expr.activation
    if isinstance(expr, Opaque):
        expression = in_place(activation)
        if expression is not None:
            return expression.xreplace({U: z})
        if activation.catalogued and activation.name in KERNELS:
            return emitted(activation.name)(z)
        return emitted(token(activation, VALUE))(z, *learned)
    assert isinstance(expr, OpaqueSlope)
    if expr.position:
        return emitted(token(activation, LEARNED, expr.position))(z, *learned)
    kernel = SLOPE_KERNELS.get(activation.name, f"{activation.name}_slope")
    if activation.catalogued and kernel in KERNELS:
        return emitted(kernel)(z)
    helper = emitted(token(activation, SLOPE))
    if _from_output(activation):
        return helper(element(outputs[name_of(z), activation], *subscripts_of(z)))
    return helper(z, *learned)


def _from_output(activation: Activation) -> bool:
    form = activation.slope_in_output
    return form is not None and not form.has(U)


class Helpers:
    """The helpers of one module, named as they are met."""

    def __init__(self) -> None:
        self.found: dict[str, Helper] = {}
        self.names: dict[Activation, str] = {}

    def name(self, known: str) -> str:
        """The name in this module of the function behind a token."""
        if known not in self.found:
            self.found[known] = self._helper(*_TOKENS[known])
        return self.found[known].name

    def _helper(self, activation: Activation, kind: str, position: int) -> Helper:
        of = self._name(activation)
        learned = tuple(symbol.name for symbol in activation.learned)
        arguments: tuple[str, ...] = ("z", *learned)
        if kind == VALUE:
            name, expression = of, activation.expression
        elif kind == LEARNED:
            symbol = activation.learned[position - 1]
            name = f"{of}_slope_in_{symbol.name}"
            expression = activation.learned_slope(symbol)
        elif kind in (LOG_SLOPE, LOG_SLOPE_OF_COMPLEMENT):
            complement = kind == LOG_SLOPE_OF_COMPLEMENT
            name = f"log_one_minus_{of}_slope" if complement else f"log_{of}_slope"
            expression = logarithmic_slope(activation, complement=complement)
        else:
            name, expression = f"{of}_slope", activation.slope
            if _from_output(activation):
                arguments, expression = ("a",), activation.slope_in_output
        values = {U: scalar("z"), A: scalar("a")}
        which = activation.learned[position - 1].name if kind == LEARNED else ""
        return Helper(name, kind, of, arguments, expression.xreplace(values), which)

    def _name(self, activation: Activation) -> str:
        if activation not in self.names:
            taken = {*self.names.values(), *KERNELS}
            name, number = activation.name, 1
            while name in taken:
                number += 1
                name = f"{activation.name}{number}"
            self.names[activation] = name
        return self.names[activation]
