"""What is right in a file already, in its own scaling, and must not be changed to cancel a mistake.

Some code divides by the number of samples at the gradients: its adjoints are m times those of the
derivation, and right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bpsym.verify.mending.scene import equal, located

if TYPE_CHECKING:
    from bpsym.arrays.index_values import Scope
    from bpsym.verify.diagnosis.chain import Chain
    from bpsym.verify.diagnosis.search import Finding
    from bpsym.verify.mending.runs import Runs

Array = npt.NDArray[Any]
Values = Sequence[tuple[int, Any]]


@dataclass(frozen=True, eq=False)
class Sound:
    """What is right of what one run gave. left: the parameters whose gradients come out wrong."""

    runs: Runs
    chain: Chain
    values: Values
    left: frozenset[str]

    def doubtful(self) -> list[int]:
        """The places that gave nothing that is known to be right, in the order of the run."""
        system, scale = self.chain.system, self._scale()
        gradients = {system.tensors[name].adjoint for name in self.chain.parameters}
        right: list[Array] = []
        for name, value in self._scope.values.items():
            array = np.asarray(value)
            if name in gradients:  # turned round it is not right
                right.append(self.runs.reading.form.parameter(array))
            else:
                right += [array, array.T] + ([scale * array, scale * array.T] if scale != 1 else [])
        order = dict.fromkeys(number for number, _ in self.values)
        new = {n for n, v in self.values if not any(equal(np.asarray(v), one) for one in right)}
        return [n for n in order if n in new]

    def places(self, finding: Finding) -> set[int]:
        """The places that give what is right there, whatever is done with it afterwards.

        They give the right gradient in a parameter whose gradient comes out wrong, or the adjoint
        that the mistake is said to spoil.
        """
        tensors, form = self.chain.system.tensors, self.runs.reading.form
        found: set[int] = set()
        for name in self.left & set(tensors):
            gradient = np.asarray(self._scope.values[tensors[name].adjoint])
            found |= self._giving(gradient, form.parameter(gradient))
        here = {name for name, place in self.chain.place.items() if place == finding.where}
        here |= {each.tensor for each in finding.edits} - set(self.chain.parameters)
        right = {name: np.asarray(self._scope.values[tensors[name].adjoint]) for name in here}
        with np.errstate(all="ignore"):
            made = {
                name: self.chain.adjoint_with(self._scope, finding.edits, name) for name in here
            }
        spoiled = [np.asarray(a) for n, a in made.items() if not equal(np.asarray(a), right[n])]
        scale = self._scale()
        for each in right.values() if spoiled else ():
            if not any(equal(one, each) for one in spoiled):  # what lacks a factor is not right
                held = form.samples_of(each) if each.ndim == 2 else each
                found |= self._giving(scale * each, scale * held)
        return found

    @property
    def _scope(self) -> Scope:
        return self.chain.scope(self.runs.looked_at)

    def _giving(self, wanted: Array, held: Array) -> set[int]:
        """The places that give an array as the code holds it, whole or number by number."""
        numbers = [(n, v) for n, v in self.values if np.ndim(v) == 0]
        whole = {n for n, v in self.values if np.ndim(v) and equal(np.asarray(v), held)}
        return whole | set(located(numbers, wanted))

    def _scale(self) -> float:
        """m if adjoints whose gradients come out right are m times theirs in the code, else 1."""
        m = self.runs.looked_at.m
        system, parameters = self.chain.system, set(self.chain.parameters)
        for relation in system.relations:
            mine = parameters & set(relation.reads)
            adjoint = system.tensors[relation.defines].adjoint
            if m > 1 and mine and not mine & self.left and adjoint in self._scope.values:
                wanted = np.asarray(self._scope.values[adjoint])
                if wanted.ndim and any(True for _ in located(self.values, m * wanted)):
                    return float(m)
        return 1.0
