"""What is right: forward values, deltas and gradients of the derivation, with error bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bpsym.arrays.evaluate import run
from bpsym.arrays.program import Program
from bpsym.calculus.system import Role
from bpsym.verify.numbers.tolerance import SAFETY, error_estimates
from bpsym.verify.numbers.whole import whole_program

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.diagnosis.observe import Array, Arrays, Point

# Products of weights and samples up to which longdouble, which has no fast matrix product, is used.
LONG_WORK = 300_000


@dataclass(frozen=True, eq=False)
class Evaluated:
    """All values at a point.

    values: every tensor and every adjoint by name, ``z1``, ``a1``, ``delta1``, ``dW1``, ``C``.
    grads: by parameter name, ``W1``.
    """

    values: Arrays
    grads: Arrays
    loss: float


class Reference:
    """The derivation of a network, computed at points; every result is kept."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.system = derivation.record.system
        self.parameters = tuple(each.name for each in self.system.of_role(Role.PARAMETER))
        self._found: dict[tuple[int, Any], Evaluated] = {}
        self._errors: dict[int, dict[str, Array]] = {}
        self._points: list[Point] = []  # keeps every id that is used as a key alive

    @cached_property
    def program(self) -> Program:
        """The array program, rows, every tensor with a line of its own."""
        return whole_program(self.derivation.record)

    @cached_property
    def columns(self) -> Program:
        """The same with samples as columns."""
        return whole_program(self.derivation.record, "columns")

    def at(self, point: Point, dtype: type[np.floating[Any]] = np.float64) -> Evaluated:
        """All values at a point, computed in a floating type."""
        key = id(point), dtype
        if key not in self._found:
            self._points.append(point)
            given = {name: np.asarray(each, dtype) for name, each in point.values.items()}
            with np.errstate(all="ignore"):
                values = run(self.program, given)
            adjoint = self.system.tensors
            grads = {name: values[adjoint[name].adjoint] for name in self.parameters}
            self._found[key] = Evaluated(values, grads, float(values["C"]))
        return self._found[key]

    def best(self, point: Point) -> Evaluated:
        """In the widest type that the network's size allows."""
        sizes = [int(np.prod(each.shape)) for each in point.params.values()]
        work = 3 * point.m * sum(sizes)
        return self.at(point, np.longdouble if work <= LONG_WORK else np.float64)

    def errors(self, point: Point) -> Mapping[str, Array]:
        """The error estimate of every value in units of the unit roundoff, by tensor name."""
        if id(point) not in self._errors:
            self._points.append(point)
            given = {name: np.asarray(each, np.float64) for name, each in point.values.items()}
            self._errors[id(point)] = error_estimates(self.program, given, point.m)
        return self._errors[id(point)]

    def tolerance(self, point: Point, epsilon: float = 2.0**-53) -> dict[str, Array]:
        """How far a right gradient computed with unit roundoff ``epsilon`` may be off, by entry.

        By parameter name; at ``C`` that of the loss.
        """
        errors = self.errors(point)
        tensors = self.system.tensors
        unit = SAFETY * epsilon
        found = {name: unit * errors[tensors[name].adjoint] for name in self.parameters}
        return {**found, "C": unit * errors["C"]}

    def guard(self, point: Point) -> None:
        """Hold the reference against differences that share nothing with the derivation.

        Raises ProofError if they do not agree, which would be a fault of bpsym.
        """
        from bpsym.verify.numbers.crosscheck import crosscheck

        crosscheck(self, point)
