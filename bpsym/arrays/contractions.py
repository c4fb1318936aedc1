"""Sums over indices: matrix products, reductions, and einsum for all others.

A sum over one index of two groups of factors with one further index each is a matrix product; a
sum of entries of one array is a reduction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from bpsym.arrays.axes import broadcasts, squeezed
from bpsym.arrays.nodes import Einsum, MatMul, Node, Reduce, Transpose
from bpsym.arrays.order import by_role
from bpsym.arrays.refusal import not_yet
from bpsym.calculus.system import SAMPLES
from bpsym.errors import EmitError

if TYPE_CHECKING:
    from bpsym.arrays.lower import Lowering

_SAMPLE_COUNT = sp.Symbol(SAMPLES, integer=True, positive=True)


@dataclass(frozen=True)
class Contractions:
    """Lowers the sums of one equation."""

    lowering: Lowering

    def lower(self, expr: sp.Sum, order: tuple[str, ...]) -> Node:
        """A matrix product, else a reduction, else an einsum."""
        bound = [limit[0].name for limit in expr.limits]
        body = expr.function
        idle = [limit for limit in expr.limits if limit[0] not in body.free_symbols]
        if idle:
            # Over an index that the body does not have, the sum is a multiple.
            body *= sp.Mul(*(limit[2] for limit in idle))
            running = [limit for limit in expr.limits if limit not in idle]
            return self.lowering.lower(sp.Sum(body, *running) if running else body, order)
        samples = frozenset(limit[0].name for limit in expr.limits if limit[2] == _SAMPLE_COUNT)
        bounds = {limit[0].name: str(limit[2]) for limit in expr.limits}
        inner = Contractions(self.lowering.within(samples, bounds))
        product = inner._matrix_product(body, bound, order)
        if product is not None:
            return product
        letters = (*order, *reversed(bound))
        inside = self.lowering.storage.layout.order(letters, inner.lowering.samples)
        try:
            node = inner.lowering.lower(body, inside)
        except EmitError:
            node = None
        if node is None or not set(bound) <= set(node.axes):
            return inner._einsum(body, bound, order)
        left = [axis for axis in node.axes if axis is not None and axis not in bound]
        positions = tuple(
            at for at, axis in enumerate(node.axes) if axis in bound or (axis is None and not left)
        )
        kept = Reduce(node, positions, keep=True)
        # A dimension of length one stays where it makes the result broadcast as it stands.
        full = self.lowering.target if self.lowering.target_letters == order else order
        fits = any(axis is not None for axis in kept.axes) and broadcasts(kept.axes, full)
        return kept if fits else Reduce(node, positions, keep=False)

    def _matrix_product(
        self, body: sp.Expr, bound: Sequence[str], order: tuple[str, ...]
    ) -> Node | None:
        """``sum_b A[x,b] B[b,y]`` as ``A @ B``, if the body is of this form."""
        if len(bound) != 1 or not isinstance(body, sp.Mul):
            return None
        b = bound[0]
        groups: dict[str | None, list[sp.Expr]] = {}
        for factor in body.args:
            others = sorted(_letters(factor) - {b})
            if len(others) > 1:
                return None
            groups.setdefault(others[0] if others else None, []).append(factor)
        outer = [axis for axis in order if axis in groups]
        if len(outer) != 2 or any(
            not any(b in _letters(factor) for factor in groups[axis]) for axis in outer
        ):
            return None
        x, y = outer
        groups[x] += groups.pop(None, [])
        left = self._matrix(groups[x], x, b)
        right = self._matrix(groups[y], b, y)
        if left is None or right is None:
            return None
        return MatMul(left, right)

    def _matrix(self, factors: Sequence[sp.Expr], row: str, column: str) -> Node | None:
        order = self.lowering.storage.layout.order((row, column), self.lowering.samples)
        node = self.lowering.lower(sp.Mul(*factors), order)
        if None in node.axes or len(node.axes) != 2:
            return None
        return node if node.axes == (row, column) else Transpose(node)

    def _einsum(self, body: sp.Expr, bound: Sequence[str], order: tuple[str, ...]) -> Node:
        """The general contraction of a product of arrays."""
        arguments: list[Node] = []
        scalars: list[sp.Expr] = []
        for factor in by_role(sp.Mul.make_args(body), self.lowering.storage.ranks):
            letters = _letters(factor)
            if not letters:
                scalars.append(factor)
                continue
            arguments.append(squeezed(self.lowering.lower(factor, (*order, *bound))))
        if not arguments:
            raise not_yet(body)
        contraction = Einsum(tuple(arguments), order)
        if not scalars:
            return contraction
        return self.lowering.combine(
            "*", [self.lowering.lower(sp.Mul(*scalars), ()), contraction], order
        )


def _letters(expr: sp.Expr) -> set[str]:
    return {
        s.name
        for s in expr.free_symbols
        if isinstance(s, sp.Symbol) and s.is_integer and not s.is_positive
    }
