"""What the letters of a document stand for, as arrays that its reader would write down.

A notation has its own storage: one sample or samples as columns, weights from-to, deltas that are
minus dC/dz or m times that. ``Reading`` arranges the values of a worked network accordingly; with
it the formulas of the document can be evaluated as they are printed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from bpsym.arrays.index_values import Array, Scope, compiled
from bpsym.calculus.delta import SAMPLE_COUNT
from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import SAMPLES, Role, Tensor
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.typeset.formulas.evaluate import FLOAT_FUNCTIONS, Values, evaluate, slope_name
from bpsym.typeset.formulas.tree import Apply, Partial, Symbol
from bpsym.typeset.matrices.algebra import sizes_of_ones
from bpsym.typeset.notations.hops import scale_of
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.notations.scaling import factor_of
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.updates import RATE, STEP
from bpsym.worked.record import Worked

# The name of a parameter after the step.
NEXT = "next_"
_MATRIX = 2


class Reading:
    """The values of a worked network in the storage of a document.

    context: of the document; ``worked`` has been computed for its system.
    """

    def __init__(self, context: Context, worked: Worked) -> None:
        self.context = context
        self.worked = worked
        self.system = context.built.system
        self.notation = context.notation
        self.of_adjoint = {each.adjoint: each.name for each in self.system.tensors.values()}

    @property
    def digits(self) -> int:
        """Significant digits of results."""
        return self.worked.digits

    def knows(self, name: str) -> bool:
        """Whether a symbol of that name has a value."""
        return sizes_of_ones(name) is not None or name in self.raw or name == RATE.name

    @cached_property
    def raw(self) -> Mapping[str, Array]:
        """All values in the storage of the code, corrections and corrected parameters included."""
        worked = self.worked
        found = dict(worked.values)
        for name, gradient in worked.gradients.items():
            if name not in worked.frozen:
                found[STEP + name] = -worked.rate * gradient
                found[NEXT + name] = worked.updated[name]
        return found

    def tensor_of(self, name: str) -> str:
        """The tensor that a name belongs to: itself, or that of its adjoint or correction."""
        bare = name.removeprefix(STEP).removeprefix(NEXT)
        return self.of_adjoint.get(bare, bare)

    def labels(self, name: str, *, matrix: bool = False) -> tuple[str, ...]:
        """The size label of each dimension as the notation stores a tensor; "" for a size of 1."""
        tensor = self.system.tensors.get(self.tensor_of(name))
        sizes = tensor.sizes if tensor is not None else ()
        if tensor is None or not sizes:
            return ()
        if self._samples is Samples.ROWS:
            return (*sizes, "") if matrix and sizes == (SAMPLES,) else sizes
        if tensor.role is Role.PARAMETER:
            if len(sizes) == _MATRIX:
                return sizes[::-1] if self._from_to else sizes
            return (*sizes, "") if matrix else sizes
        if self._samples is Samples.COLUMNS or matrix:
            return (*sizes[1:], SAMPLES)
        return sizes[1:]

    def array(self, name: str, *, matrix: bool = False, partial: bool = False) -> Array:
        """The values of a name. matrix: vectors as columns, where the notation has columns.

        partial: the derivative of the cost itself, not the delta that the notation makes of it.
        """
        array = np.asarray(self.raw[name], dtype=float)
        tensor = self.system.tensors.get(self.tensor_of(name))
        if tensor is None or array.ndim == 0:
            return array
        if name in self.of_adjoint and tensor.role is Role.HIDDEN and not partial:
            array = array * self._factor(tensor)
        if self._samples is Samples.ROWS:
            return array[:, None] if matrix and tensor.sizes == (SAMPLES,) else array
        if tensor.role is Role.PARAMETER:
            if array.ndim == _MATRIX:
                return array.T if self._from_to else array
            return array[:, None] if matrix else array
        if self._samples is Samples.COLUMNS or matrix:
            return array.T if array.ndim == _MATRIX else array[None, :]
        return np.asarray(array[0])

    @property
    def _samples(self) -> Samples:
        return Samples.ROWS if self.notation is None else self.notation.samples

    @property
    def _from_to(self) -> bool:
        return self.notation is not None and self.notation.from_to

    def _factor(self, tensor: Tensor) -> float:
        factor = factor_of(tensor, scale_of(self.context.built, self.notation))
        return float(factor.subs(SAMPLE_COUNT, self.worked.samples))

    # For the evaluator of formulas

    def values(self, *, matrix: bool = False) -> Values:
        """What the symbols of a formula stand for. matrix: of one without indices."""
        tensors = _Arrays(self, matrix=matrix)
        numbers = {**self.system.sizes, SAMPLES: self.worked.samples}
        table = self.context.table.sizes
        shown = {shown: numbers[label] for label, shown in table.items() if label in numbers}
        sizes = {**numbers, **shown}
        sizes[SAMPLES] = self.worked.samples

        def partial(node: Partial, at: Values) -> Any:
            match node:
                case Partial(Apply(str(function), arguments), by) if by in arguments:
                    name = slope_name(function, arguments.index(by))
                    return values.functions[name](*(evaluate(each, at) for each in arguments))
            assert isinstance(node.by, Symbol)
            array = self.partial(node, matrix=matrix)
            places = tuple(int(evaluate(each, at)) - 1 for each in node.by.subscripts)
            return float(array[places]) if places else array

        functions = self.vectorized if matrix else self.functions
        values = Values(tensors, sizes, {}, functions, partial, exactly=True, matrix=np.block)
        return values

    def partial(self, node: Partial, *, matrix: bool = False) -> Array:
        """The derivative of the cost in a tensor. Raises KeyError for any other derivative."""
        if not isinstance(node.by, Symbol) or not isinstance(node.of, Symbol):
            raise KeyError(str(node))
        if node.of.name != self.context.cost.name:
            raise KeyError(node.of.name)
        adjoint = self.system.tensors[node.by.name].adjoint
        return self.array(adjoint, matrix=matrix, partial=True)

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Every function that formulas may have, and the slopes of activations as ``f'``."""
        found: dict[str, Callable[..., Any]] = dict(FLOAT_FUNCTIONS)
        arguments = (U,)
        found["xlogx"] = lambda u: u * math.log(u) if u else 0.0
        for name, row in PRIMITIVES.items():
            if name not in found:
                found[name] = _callable(row.definition(U), arguments)
        for activation, called in self.context.table.functions.items():
            found[called] = _of_activation(activation, activation.expression)
            found[slope_name(called, 0)] = _of_activation(activation, activation.slope)
            for position, learned in enumerate(activation.learned, 1):
                slope = activation.learned_slope(learned)
                found[slope_name(called, position)] = _of_activation(activation, slope)
        return found

    @cached_property
    def vectorized(self) -> Mapping[str, Callable[..., Any]]:
        """The same for arrays, and what only arrays have."""
        found = {
            name: np.vectorize(function, otypes=[float])
            for name, function in self.functions.items()
        }
        axis = 1 if self._samples is Samples.ROWS else 0

        def softmax(z: Array) -> Array:
            shifted = np.exp(z - z.max(axis=axis, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=axis, keepdims=True))

        def total(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
            return np.asarray(np.sum(x, axis=axis, keepdims=keepdims))

        def concat(*blocks: Array) -> Array:
            return np.concatenate(blocks, axis=axis)

        return {**found, "softmax": softmax, "np.sum": total, "concat": concat}


class _Arrays(Mapping[str, Any]):
    """The arrays by name, arranged when they are asked for."""

    def __init__(self, reading: Reading, *, matrix: bool) -> None:
        self.reading = reading
        self.matrix = matrix

    def __getitem__(self, name: str) -> Any:
        if name == RATE.name:
            return self.reading.worked.rate
        counted = sizes_of_ones(name)
        if counted is not None:
            sizes = {**self.reading.system.sizes, SAMPLES: self.reading.worked.samples}
            return np.ones([1 if each == "1" else sizes[each] for each in counted])
        return self.reading.array(name, matrix=self.matrix)

    def __iter__(self) -> Any:
        return iter(self.reading.raw)

    def __len__(self) -> int:
        return len(self.reading.raw)


def _of_activation(activation: Activation, expr: sp.Expr) -> Callable[..., float]:
    return _callable(expr, (U, *activation.learned))


def _callable(expr: sp.Expr, arguments: tuple[sp.Symbol, ...]) -> Callable[..., float]:
    compute = compiled(expr, (), ())
    names = [each.name for each in arguments]

    def call(*numbers: float) -> float:
        values = {name: np.asarray(float(v)) for name, v in zip(names, numbers, strict=True)}
        return float(compute(Scope(values, {})))

    return call


__all__ = ["NEXT", "Reading"]
