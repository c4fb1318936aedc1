"""The functions of formulas on arrays: activations and their slopes, primitives, reductions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from bpsym.arrays.evaluate import kernel_functions
from bpsym.arrays.index_values import Scope, compiled
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.calculus.terms.indexed import element, index, size

if TYPE_CHECKING:
    import numpy.typing as npt

    from bpsym.calculus.slopes.activation import Activation
    from bpsym.typeset.formulas.symbols import SymbolTable

    Array = npt.NDArray[Any]
    Function = Callable[..., Array]

_ELEMENTARY: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "abs": np.abs,
        "arctan": np.arctan,
        "cos": np.cos,
        "cosh": np.cosh,
        "exp": np.exp,
        "log": np.log,
        "sign": np.sign,
        "sin": np.sin,
        "sinh": np.sinh,
        "tanh": np.tanh,
        "max": lambda *parts: np.maximum.reduce(np.broadcast_arrays(*parts)),
        "min": lambda *parts: np.minimum.reduce(np.broadcast_arrays(*parts)),
        "erf": lambda u: 2 * kernel_functions()["normal_cdf"](np.sqrt(2) * u) - 1,
        "huber": lambda u, c: kernel_functions()["huber"](u, c),
    }
)

# Those that are differentiable wherever they have a value.
_SMOOTH: Mapping[str, type[sp.Function]] = MappingProxyType(
    {
        "arctan": sp.atan,
        "cos": sp.cos,
        "cosh": sp.cosh,
        "exp": sp.exp,
        "log": sp.log,
        "sin": sp.sin,
        "sinh": sp.sinh,
        "tanh": sp.tanh,
    }
)
_BOUND = sp.Symbol("c", positive=True)


class FunctionValues:
    """The functions of one network by the names in its symbol table."""

    def __init__(self, table: SymbolTable) -> None:
        self.table = table

    @cached_property
    def activations(self) -> Mapping[str, Activation]:
        """By name."""
        return {name: activation for activation, name in self.table.functions.items()}

    def value(self, name: str) -> Function:
        """The function; raises ValueError for one that is not known."""
        activation = self.activations.get(name)
        if activation is not None:
            return self._computed(activation.expression, activation.learned)
        if name in _ELEMENTARY:
            return _ELEMENTARY[name]
        if name in PRIMITIVES:
            return self._computed(PRIMITIVES[name].definition(U), ())
        raise ValueError(f"the function {name} has no value here")

    def slope(self, name: str, position: int = 0) -> Function:
        """Its derivative in one of its arguments."""
        activation = self.activations.get(name)
        if activation is not None:
            if position == 0:
                return self._computed(activation.slope, activation.learned)
            learned = activation.learned[position - 1]
            return self._computed(activation.learned_slope(learned), activation.learned)
        if name == "huber":
            return self._computed(PRIMITIVES[name](U, _BOUND).fdiff(1), (_BOUND,))
        if name in PRIMITIVES:
            return self._computed(PRIMITIVES[name](U).fdiff(), ())
        if name in _SMOOTH:
            return self._computed(sp.diff(_SMOOTH[name](U), U), ())
        raise ValueError(f"the function {name} has no derivative here")

    def _computed(self, expr: sp.Expr, learned: tuple[sp.Symbol, ...]) -> Function:
        i = index("i")
        symbols = (U, *learned)
        placed = {each: element(f"u{at}", i) for at, each in enumerate(symbols)}
        compute = compiled(expr.xreplace(placed), (i,), (size("n"),))

        def apply(*arguments: Array) -> Array:
            if len(arguments) != len(symbols):
                raise ValueError(f"a function of {len(symbols)} got {len(arguments)} arguments")
            parts = np.broadcast_arrays(*arguments)
            values = {f"u{at}": np.ravel(each) for at, each in enumerate(parts)}
            flat = compute(Scope(values, {"n": parts[0].size}))
            return np.reshape(flat, parts[0].shape)

        return apply
