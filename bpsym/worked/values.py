"""All values of a system at a point: forward, and the adjoint of every tensor.

The formulas are those of the calculus, computed as they stand by ``arrays.index_values``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bpsym.arrays.index_values import Scope, compiled
from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.calculus.equations import Equation
from bpsym.calculus.system import SAMPLES, Relation, Role, System
from bpsym.calculus.terms.indexed import index, size

Array = npt.NDArray[Any]
COST = "C"


def equation_of(relation: Relation, system: System) -> Equation:
    """A relation in the names of the system."""
    formal = relation.formal()
    sizes = {
        symbol: size(system.tensors[formal[name]].sizes[position])
        for symbol, (name, position) in relation.schema.size_of.items()
    }
    return relation.schema.instance(formal, sizes)


@lru_cache(maxsize=8)
def every_adjoint(system: System) -> Derivation:
    """The adjoints of all tensors, each with a name of its own."""
    tensors = {
        name: replace(tensor, named=tensor.role is Role.HIDDEN)
        for name, tensor in system.tensors.items()
    }
    return derive_system(replace(system, tensors=tensors), inputs=True)


class Evaluator:
    """Computes a system at points.

    given: parameters, inputs and targets by name, the sample axis first. Their floating type is
    that of all results.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.equations = [(each, equation_of(each, system)) for each in system.relations]

    def forward(self, given: Mapping[str, Array]) -> dict[str, Array]:
        """All forward values, the terms of the cost, and the cost as ``C``."""
        values: dict[str, Array] = {**given}
        scope = Scope(values, self.sizes(given))
        for relation, equation in self.equations:
            self._add(relation, equation, scope, values)
        values[COST] = self._cost(values)
        return values

    def of(self, name: str, values: Mapping[str, Array]) -> Array:
        """What the equations of one tensor give where the tensors that they read are these."""
        found = {each: array for each, array in values.items() if each != name}
        scope = Scope(found, self.sizes(values))
        for relation, equation in self.equations:
            if relation.defines == name:
                self._add(relation, equation, scope, found)
        return found[name]

    def moved(self, values: Mapping[str, Array], changes: Mapping[str, Array]) -> dict[str, Array]:
        """All forward values where some tensors change: what reads them is computed again.

        values: all of them before. changes: tensors that have these values, whatever their
        equation says.
        """
        found = {**values, **changes}
        scope = Scope(found, self.sizes(values))
        changed = set(changes)
        for relation, equation in self.equations:
            if relation.defines in changes or changed.isdisjoint(relation.reads):
                continue
            if len(self.system.definitions[relation.defines]) > 1:
                # Its other blocks stay as they are in an array of its own.
                found[relation.defines] = found[relation.defines].copy()
            self._add(relation, equation, scope, found)
            changed.add(relation.defines)
        found[COST] = self._cost(found)
        return found

    def _cost(self, values: Mapping[str, Array]) -> Array:
        total: Any = 0
        for name, weight in self.system.objective:
            total = total + values[name] * weight.numerator / weight.denominator
        return np.asarray(total)

    def sizes(self, given: Mapping[str, Array]) -> dict[str, int]:
        """The number behind each size label, m included."""
        tensor = self.system.of_role(Role.INPUT)[0]
        at = tensor.sizes.index(SAMPLES)
        return {**self.system.sizes, SAMPLES: int(given[tensor.name].shape[at])}

    def _add(
        self, relation: Relation, equation: Equation, scope: Scope, values: dict[str, Array]
    ) -> None:
        letters = tuple(equation.ranges)
        lasts = tuple(each.last for each in equation.ranges.values())
        array = np.array(compiled(equation.rhs, letters, lasts)(scope))
        name = relation.defines
        if len(self.system.definitions[name]) == 1:
            values[name] = array
            return
        # One block of a concatenation: a subscript on the left is shifted.
        shape = tuple(scope.sizes[label] for label in self.system.tensors[name].sizes)
        whole = values.setdefault(name, np.zeros(shape, array.dtype))
        places = []
        for subscript in equation.subscripts():
            (letter,) = (each for each in subscript.free_symbols if each in equation.ranges)
            shift = subscript - letter
            start = int(
                shift.xreplace({each: scope.sizes[each.name] for each in shift.free_symbols})
            )
            length = array.shape[letters.index(letter)]
            places.append(slice(start, start + length))
        whole[tuple(places)] = array

    def adjoints(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """dC/dT for every tensor T that has one, by the name of the adjoint."""
        known: dict[str, Array] = dict(values)
        scope = Scope(known, self.sizes(values))
        found = {}
        for adjoint in every_adjoint(self.system).adjoints:
            letters, expr = adjoint.equation
            free = tuple(index(letter) for letter in letters)
            lasts = tuple(size(label) for label in self.system.tensors[adjoint.tensor].sizes)
            array = np.array(compiled(expr, free, lasts)(scope))
            known[adjoint.name] = found[adjoint.name] = array
        return found


__all__ = ["COST", "Array", "Evaluator", "equation_of", "every_adjoint"]
