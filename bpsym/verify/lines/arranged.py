"""The numbers of a point as a reader of formulas arranges them.

The derivation computes with samples as rows, W (out, in), b (out,). A text has columns, or one
sample; weights from-to; deltas times m. Here is one array for each name in the text's own layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.calculus.system import SAMPLES, Role
from bpsym.calculus.terms.from_text import rational
from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.lines.convention import Convention
from bpsym.verify.lines.derivatives import adjoint_of_input, jacobian

if TYPE_CHECKING:
    from bpsym.calculus.system import Tensor
    from bpsym.verify.diagnosis.cases import Array

STEP = "Delta_"
RATE = 0.1
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Arranged:
    """One point in one convention.

    instead: values in the layout of the code that stand in for those of the derivation.
    own: values of the names that earlier lines define.
    """

    case: Case
    convention: Convention
    of_adjoint: Mapping[str, str]
    instead: Mapping[str, Array] = field(default_factory=lambda: NOTHING)
    own: dict[str, Array] = field(default_factory=dict)

    @property
    def m(self) -> int:
        """The number of samples."""
        return self.case.m

    def size(self, label: str) -> int:
        """The number behind a size label."""
        return self.case.scope.sizes[label]

    def is_size(self, name: str) -> bool:
        """Whether a name is that of a size."""
        return name in self.case.scope.sizes

    def instead_of(self, name: str, value: Array) -> Arranged:
        """The same with another value of one tensor or adjoint."""
        return Arranged(self.case, self.convention, self.of_adjoint, {name: value}, self.own)

    def tensor(self, name: str) -> Tensor:
        """The tensor of a name, or that of an adjoint; that of a loss for the cost."""
        if name == "C" and name not in self.case.chain.system.tensors:
            return self.case.chain.system.tensors[next(iter(self.case.chain.system.weights))]
        return self.case.chain.system.tensors[self.of_adjoint.get(name, name)]

    def in_code(self, name: str) -> Array:
        """A tensor or adjoint in the layout of the code, before deltas are scaled."""
        if name in self.instead:
            return self.instead[name]
        known = self.case.scope.values
        if name in known:
            return np.asarray(known[name])
        if name in self.of_adjoint:
            return adjoint_of_input(self.case, self.of_adjoint[name])
        weights = self.case.chain.system.weights
        return np.asarray(sum(float(rational(w)) * known[loss] for loss, w in weights.items()))

    def element(self, name: str) -> Array:
        """Indexed as the text's subscripts are."""
        return self._turned(self.in_code(name) * self.scale(name), self.tensor(name))

    def matrix(self, name: str) -> Array:
        """Stored as the text's matrices are; a step is that of gradient descent."""
        if name.startswith(STEP):
            return -RATE * self.matrix(self.tensor(name.removeprefix(STEP)).adjoint)
        return self._stored(self.in_code(name) * self.scale(name), self.tensor(name))

    def derivative(self, tensor: str, *, matrix: bool) -> Array:
        """dC/dT itself, whatever the deltas of the text are, unless it is written for them."""
        of = self.case.chain.system.tensors[tensor]
        scale = self.scale(of.adjoint) if self.convention.partials else 1.0
        array = self.in_code(of.adjoint) * scale
        return self._stored(array, of) if matrix else self._turned(array, of)

    def step(self, tensor: str) -> Array:
        """Minus the rate times dC/dT, indexed."""
        return -RATE * self.derivative(tensor, matrix=False)

    def between(self, of: str, by: str) -> Array:
        """The derivatives of all elements of one tensor in all of another, indexed."""
        array = jacobian(self.case, of, by)
        one, other = self.tensor(of), self.tensor(by)
        axes = self._axes(one)
        axes += tuple(len(one.sizes) + at for at in self._axes(other))
        dropped = [at for at in range(array.ndim) if at not in axes]
        kept = array[tuple(0 if at in dropped else slice(None) for at in range(array.ndim))]
        order = sorted(axes)
        return np.transpose(kept, [order.index(at) for at in axes])

    def scale(self, name: str) -> float:
        """What the text's error signal is times: m, or -1."""
        if name not in self.of_adjoint or self.tensor(name).role is not Role.HIDDEN:
            return 1.0
        factors = {"plain": 1.0, "samples": float(self.m), "minus": -1.0}
        return factors[self.convention.deltas]

    def _axes(self, tensor: Tensor) -> tuple[int, ...]:
        """Which axes of the code's array the subscripts run over, in order."""
        sizes = tensor.sizes
        if SAMPLES not in sizes:
            turned = self.convention.weights == "in,out" and self._is_weight(tensor)
            return tuple(reversed(range(len(sizes)))) if turned else tuple(range(len(sizes)))
        match self.convention.samples:
            case "rows":
                return tuple(range(len(sizes)))
            case "columns":
                return (*range(1, len(sizes)), 0)
            case _:
                return tuple(range(1, len(sizes)))

    def _turned(self, array: Array, tensor: Tensor) -> Array:
        axes = self._axes(tensor)
        if len(axes) < array.ndim:
            return np.asarray(array[0])
        return np.transpose(array, axes)

    def _stored(self, array: Array, tensor: Tensor) -> Array:
        if array.ndim == 0:
            return array
        if SAMPLES in tensor.sizes:
            if array.ndim == 1:
                array = array[:, None]
            return array if self.convention.samples == "rows" else array.T
        if array.ndim == 1:
            shapes = {"flat": array, "row": array[None, :], "column": array[:, None]}
            return shapes[self.convention.bias]
        turned = self.convention.weights == "in,out" and self._is_weight(tensor)
        return array.T if turned else array

    @staticmethod
    def _is_weight(tensor: Tensor) -> bool:
        return tensor.role is Role.PARAMETER and len(tensor.sizes) == 2

    @cached_property
    def errors(self) -> Mapping[str, Array]:
        """The error estimate of every value in units of the unit roundoff."""
        return self.case.reference.errors(self.case.observation.point)
