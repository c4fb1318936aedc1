"""The whole network at its full depth, its gradients against a derivative of numbers.

With dual numbers the forward pass alone gives the derivative of the cost in a random direction of
all parameters at once; the gradients of the derivation, evaluated at the same point, must give the
same number. Where a gradient is wrong at the point, the two agree with a probability of 1/2^59.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import sympy as sp

from bpsym.calculus.derivation import Derivation
from bpsym.calculus.system import Role, Schema, System, Tensor
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.evaluate.passes import Passes, Table
from bpsym.proof.evaluate.small import small_sizes
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.dual import Dual, DualNumbers
from bpsym.proof.values.field import DRAWN, Field

RULE = "derivative in a random direction"


class Effort(NamedTuple):
    """How a network is evaluated: points, layer widths, samples."""

    points: int
    widths: tuple[int, ...]
    samples: int


# Up to so many equations: this effort. The longer, the narrower, to keep the time in bounds.
EFFORTS = (
    (60, Effort(2, (3, 4, 5), 2)),
    (600, Effort(1, (2, 3), 2)),
    (sys.maxsize, Effort(1, (1, 2), 1)),
)
# Roots exist for half of all radicands: fewer of them per equation.
WITH_ROOTS = Effort(1, (2, 3), 1)


def prove_directional(derivation: Derivation, seed: int = 0) -> list[Equality]:
    """Compare at two points; one equality, or one for each parameter that is wrong."""
    system = derivation.system
    effort = next(each for most, each in EFFORTS if len(system.relations) <= most)
    if _has_roots(system):
        effort = min(effort, WITH_ROOTS, key=lambda each: (each.samples, each.points, each.widths))
    points, widths, samples = effort
    sizes = small_sizes(system, widths, samples)
    if sizes is None:
        return []
    wanted = [each.tensor for each in derivation.adjoints if _is_wanted(derivation, each.tensor)]
    field = Field()
    for k in range(points):
        field.restart((seed, "direction", k))
        try:
            attempt = _Attempt(derivation, sizes, field)
            wrong = attempt.wrong(wanted)
        except (RedrawError, UndefinedError) as reason:
            return [Equality(RULE, "all parameters", "exact", None, False, str(reason))]
        except LookupError as reason:
            note = f"reads an element that is not there: {reason}"
            return [Equality(RULE, "all parameters", "exact", None, False, note)]
        if wrong:
            return [
                Equality(RULE, name, "exact", None, False, "", Counterexample(sizes, (), *sides))
                for name, sides in wrong.items()
            ]
    note = (
        f"{len(system.relations)} equations, widths {', '.join(map(str, widths))}, "
        f"{samples} sample{'s' * (samples != 1)}, {points} point{'s' * (points != 1)}"
    )
    return [Equality(RULE, "all parameters", "exact", (1 / DRAWN) ** points, True, note)]


def _has_roots(system: System) -> bool:
    return any(_takes_roots(schema) for schema in {each.schema for each in system.relations})


@lru_cache(maxsize=1024)
def _takes_roots(schema: Schema) -> bool:
    expressions = [schema.equation.rhs]
    if schema.activation is not None:
        expressions.append(schema.activation.expression)
    return any(not power.exp.is_integer for each in expressions for power in each.atoms(sp.Pow))


def _is_wanted(derivation: Derivation, tensor: str) -> bool:
    return derivation.system.tensors[tensor].role in (Role.PARAMETER, Role.INPUT)


class _Attempt:
    """One random point: the forward pass in dual numbers, the backward pass in residues."""

    def __init__(self, derivation: Derivation, sizes: Mapping[str, int], field: Field) -> None:
        self.derivation = derivation
        self.field = field
        self.forward = Passes(derivation.system, sizes, DualNumbers(field))
        self.wanted = {
            each.tensor for each in derivation.adjoints if _is_wanted(derivation, each.tensor)
        }
        self.forward.forward(self._draw)

    def wrong(self, wanted: list[str]) -> dict[str, tuple[str, str]]:
        """The parameters whose gradient is wrong, with both derivatives; none if all is right."""
        system = self.derivation.system
        backward = Passes(system, self.forward.sizes, self.field)
        backward.tables = {
            name: {place: dual.value for place, dual in table.items()}
            for name, table in self.forward.tables.items()
        }
        gradients = backward.backward(self.derivation.adjoints)
        claimed = {
            name: self._along(name, gradients[system.tensors[name].adjoint]) for name in wanted
        }
        if self.forward.cost().slope == self.field.total(list(claimed.values())):
            return {}
        found = {}
        directions = {name: self.forward.tables[name] for name in wanted}
        for name in wanted:
            for other, table in directions.items():
                self.forward.tables[other] = {
                    place: dual if other == name else Dual(dual.value, 0)
                    for place, dual in table.items()
                }
            self.forward.evaluate_all()
            slope = self.forward.cost().slope
            if slope != claimed[name]:
                found[name] = (str(slope), str(claimed[name]))
        return found or {"all parameters": ("the derivatives add up to another number", "")}

    def _along(self, name: str, gradient: Table[int]) -> int:
        """The derivative along the direction of one parameter that its gradient claims."""
        table = self.forward.tables[name]
        if set(gradient) != set(table):
            raise LookupError(f"the gradient of {name} has another shape")
        return self.field.total([gradient[place] * dual.slope for place, dual in table.items()])

    def _draw(self, tensors: Iterable[Tensor]) -> None:
        """Random values, and a random direction for what the gradients are in."""
        tensors = tuple(tensors)
        self.forward.draw(tensors)
        for tensor in tensors:
            if tensor.name in self.wanted:
                table = self.forward.tables[tensor.name]
                for place, dual in table.items():
                    table[place] = Dual(dual.value, self.field.draw())
