"""Index expressions computed with numpy as they stand, axis by axis.

    value = compiled(sum_k W2[k, i] delta2[n, k], (n, i))
    value(Scope({"W2": W2, "delta2": delta2}, {"n2": 3, "m": 8}))       # shape (m, n1)

No choice of storage is made and nothing is recognised, so whatever can be derived can be computed,
a wrong formula too. Arrays have the axes of their tensors, the sample axis where the equation has
it. Speed is that of einsum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from bpsym.arrays.evaluate import kernel_functions
from bpsym.arrays.stable import KERNEL_NAMES, NUMPY_NAMES
from bpsym.calculus.slopes.activation import Opaque, OpaqueSlope
from bpsym.calculus.terms.functions import U, huber
from bpsym.calculus.terms.indexed import Iverson, name_of

Array = npt.NDArray[Any]
Letters = tuple[sp.Symbol, ...]

_LARGE = 20_000  # entries from which a contraction is worth handing to BLAS


@dataclass(frozen=True)
class Scope:
    """The arrays by tensor name, and the number behind each size label, that of m included."""

    values: Mapping[str, Array]
    sizes: Mapping[str, int]


Compute = Callable[[Scope], Array]


@dataclass(frozen=True)
class Piece:
    """A part of an expression: the indices that its array runs over, in order, and the array."""

    axes: Letters
    compute: Compute


@lru_cache(maxsize=16384)
def compiled(expr: sp.Expr, letters: Letters, ranges: tuple[sp.Expr, ...]) -> Compute:
    """A function that computes ``expr`` for all values of ``letters``, in that order of axes.

    ranges: the last value of each letter, an expression in sizes.
    """
    compiler = _Compiler(dict(zip(letters, ranges, strict=True)))
    piece = compiler.piece(expr)
    lasts = tuple(ranges)

    def compute(scope: Scope) -> Array:
        array = _spread(piece.compute(scope), piece.axes, letters)
        shape = tuple(_size(last, scope) for last in lasts)
        return np.broadcast_to(array, shape)

    return compute


def _size(expr: sp.Expr, scope: Scope) -> int:
    if expr.is_Integer:
        return int(expr)
    if isinstance(expr, sp.Symbol):
        return scope.sizes[expr.name]
    return int(expr.xreplace({s: sp.Integer(scope.sizes[s.name]) for s in expr.free_symbols}))


def _spread(array: Array, axes: Letters, target: Sequence[sp.Symbol]) -> Array:
    """The array with its axes in the order of ``target``, of length one where it has none."""
    present = [axis for axis in target if axis in axes]
    if list(axes) != present:
        array = np.transpose(array, [axes.index(axis) for axis in present])
    if len(present) == len(target):
        return array
    return array[tuple(slice(None) if axis in axes else None for axis in target)]


class _Compiler:
    """Compiles one expression; ``ranges`` holds the last value of each index in scope."""

    def __init__(self, ranges: Mapping[sp.Symbol, sp.Expr]) -> None:
        self.ranges = dict(ranges)

    def piece(self, expr: sp.Basic) -> Piece:
        """The array of an expression."""
        if isinstance(expr, sp.Indexed):
            return self._read(expr)
        if isinstance(expr, sp.Sum):
            return self._sum(expr)
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr)
        if expr in (sp.true, sp.false):
            truth = np.asarray(expr == sp.true)
            return Piece((), lambda _: truth)
        if isinstance(expr, sp.Expr) and expr.is_number and not expr.has(sp.Piecewise):
            number = np.asarray(float(expr))
            return Piece((), lambda _: number)
        if isinstance(expr, Opaque):
            return self._activation(expr, expr.activation.expression)
        if isinstance(expr, OpaqueSlope):
            return self._slope(expr)
        if isinstance(expr, Iverson):
            inner = self.piece(expr.args[0])
            return Piece(inner.axes, lambda scope: inner.compute(scope).astype(float))
        if isinstance(expr, sp.KroneckerDelta):
            return self._combined(lambda i, j: np.equal(i, j).astype(float), expr.args)
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr)
        return self._function(expr)

    def _combined(self, function: Callable[..., Array], parts: Sequence[sp.Basic]) -> Piece:
        pieces = [self.piece(each) for each in parts]
        axes = tuple(dict.fromkeys(axis for each in pieces for axis in each.axes))

        def compute(scope: Scope) -> Array:
            return function(*(_spread(p.compute(scope), p.axes, axes) for p in pieces))

        return Piece(axes, compute)

    def _symbol(self, symbol: sp.Symbol) -> Piece:
        if symbol in self.ranges:
            last = self.ranges[symbol]
            return Piece((symbol,), lambda scope: np.arange(1, _size(last, scope) + 1))
        name = symbol.name
        if symbol.is_integer:
            return Piece((), lambda scope: np.asarray(float(scope.sizes[name])))
        return Piece((), lambda scope: np.asarray(scope.values[name]))

    def _read(self, expr: sp.Indexed) -> Piece:
        name = name_of(expr)
        plain = all(isinstance(s, sp.Symbol) and s in self.ranges for s in expr.indices)
        if plain and len(set(expr.indices)) == len(expr.indices):
            letters = tuple(expr.indices)
            lasts = tuple(self.ranges[letter] for letter in letters)

            def whole(scope: Scope) -> Array:
                array = scope.values[name]
                shape = tuple(_size(last, scope) for last in lasts)
                if array.shape == shape:
                    return array
                return array[tuple(slice(0, length) for length in shape)]

            return Piece(letters, whole)
        letters = tuple(
            dict.fromkeys(
                s
                for place in expr.indices
                for s in sorted(place.free_symbols, key=str)
                if s in self.ranges
            )
        )
        places = [self.piece(place) for place in expr.indices]

        def gather(scope: Scope) -> Array:
            array = scope.values[name]
            subscripts = []
            for length, place in zip(array.shape, places, strict=True):
                at = _spread(np.asarray(place.compute(scope)), place.axes, letters)
                # What lies outside is multiplied by a bracket that is zero there.
                subscripts.append(np.clip(np.rint(at).astype(int) - 1, 0, length - 1))
            return np.asarray(array[tuple(np.broadcast_arrays(*subscripts))])

        return Piece(letters, gather)

    def _sum(self, expr: sp.Sum) -> Piece:
        piece_of: Piece | None = None
        outside = dict(self.ranges)
        for bound, _, last in expr.limits:
            self.ranges[bound] = last
        bounds = [limit[0] for limit in expr.limits]
        lasts = [limit[2] for limit in expr.limits]
        body = expr.function
        if isinstance(body, sp.Mul):
            piece_of = self._contraction(body, bounds, lasts)
        else:
            piece_of = self._reduction(self.piece(body), bounds, lasts)
        self.ranges = outside
        return piece_of

    def _reduction(
        self, body: Piece, bounds: Sequence[sp.Symbol], lasts: Sequence[sp.Expr]
    ) -> Piece:
        positions = tuple(at for at, axis in enumerate(body.axes) if axis in bounds)
        missing = [
            last for bound, last in zip(bounds, lasts, strict=True) if bound not in body.axes
        ]
        axes = tuple(axis for axis in body.axes if axis not in bounds)

        def compute(scope: Scope) -> Array:
            total = np.sum(body.compute(scope), axis=positions)
            for last in missing:
                total = total * _size(last, scope)
            return np.asarray(total)

        return Piece(axes, compute)

    def _contraction(
        self, body: sp.Mul, bounds: Sequence[sp.Symbol], lasts: Sequence[sp.Expr]
    ) -> Piece:
        pieces = [self.piece(factor) for factor in body.args]
        used = {axis for each in pieces for axis in each.axes}
        missing = [last for bound, last in zip(bounds, lasts, strict=True) if bound not in used]
        axes = tuple(
            dict.fromkeys(axis for each in pieces for axis in each.axes if axis not in bounds)
        )
        names = {axis: chr(ord("a") + at) for at, axis in enumerate(sorted(used, key=str))}
        inputs = ",".join("".join(names[axis] for axis in each.axes) for each in pieces)
        subscripts = f"{inputs}->{''.join(names[axis] for axis in axes)}"

        def compute(scope: Scope) -> Array:
            arrays = [each.compute(scope) for each in pieces]
            large = sum(array.size for array in arrays) > _LARGE
            total = np.einsum(subscripts, *arrays, optimize=large)
            for last in missing:
                total = total * _size(last, scope)
            return np.asarray(total)

        return Piece(axes, compute)

    def _activation(self, expr: sp.Expr, formula: sp.Expr) -> Piece:
        z, *learned = expr.args
        values = {U: z, **dict(zip(expr.activation.learned, learned, strict=True))}
        return self.piece(formula.xreplace(values))

    def _slope(self, expr: sp.Expr) -> Piece:
        activation = expr.activation
        if expr.position == 0:
            return self._activation(expr, activation.slope)
        return self._activation(
            expr, activation.learned_slope(activation.learned[expr.position - 1])
        )

    def _piecewise(self, expr: sp.Piecewise) -> Piece:
        parts = [part for branch, test in expr.args for part in (branch, test)]

        def choose(*arrays: Array) -> Array:
            shape = np.broadcast_shapes(*(array.shape for array in arrays))
            branches, tests = arrays[::2], arrays[1::2]
            return np.select(
                [np.broadcast_to(test, shape).astype(bool) for test in tests],
                [np.broadcast_to(branch, shape) for branch in branches],
            )

        return self._combined(choose, parts)

    def _function(self, expr: sp.Basic) -> Piece:
        if isinstance(expr, sp.Add):
            return self._combined(_added, expr.args)
        if isinstance(expr, sp.Mul):
            return self._combined(_multiplied, expr.args)
        if isinstance(expr, sp.Pow):
            return self._power(expr)
        if isinstance(expr, huber):
            return self._combined(kernel_functions()["huber"], expr.args)
        function = _RELATIONS.get(expr.func) or _LOGIC.get(expr.func)
        if function is not None:
            return self._combined(function, expr.args)
        if isinstance(expr, sp.erf):
            cdf = kernel_functions()["normal_cdf"]
            return self._combined(lambda u: 2 * cdf(np.sqrt(2) * u) - 1, expr.args)
        if expr.func in KERNEL_NAMES:
            return self._combined(kernel_functions()[KERNEL_NAMES[expr.func]], expr.args)
        name = NUMPY_NAMES[expr.func]
        return self._combined(getattr(np, name), expr.args)

    def _power(self, expr: sp.Pow) -> Piece:
        if not expr.exp.is_number:
            return self._combined(np.power, expr.args)
        exponent = float(expr.exp)
        if exponent == -1:
            return self._combined(lambda base: 1 / base, expr.args[:1])
        if exponent == 2:
            return self._combined(np.square, expr.args[:1])
        return self._combined(lambda base: np.power(base, exponent), expr.args[:1])


def _added(*arrays: Array) -> Array:
    total = arrays[0]
    for each in arrays[1:]:
        total = total + each
    return total


def _multiplied(*arrays: Array) -> Array:
    product = arrays[0]
    for each in arrays[1:]:
        product = product * each
    return product


_RELATIONS: Mapping[type[sp.Basic], Callable[..., Array]] = {
    sp.StrictGreaterThan: np.greater,
    sp.GreaterThan: np.greater_equal,
    sp.StrictLessThan: np.less,
    sp.LessThan: np.less_equal,
    sp.Equality: np.equal,
    sp.Unequality: np.not_equal,
}

_LOGIC: Mapping[type[sp.Basic], Callable[..., Array]] = {
    sp.And: lambda *tests: np.logical_and.reduce(np.broadcast_arrays(*tests)),
    sp.Or: lambda *tests: np.logical_or.reduce(np.broadcast_arrays(*tests)),
    sp.Not: np.logical_not,
    sp.Max: lambda *values: np.maximum.reduce(np.broadcast_arrays(*values)),
    sp.Min: lambda *values: np.minimum.reduce(np.broadcast_arrays(*values)),
}
