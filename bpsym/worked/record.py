"""The record of a worked network: every value, every adjoint, one step of gradient descent.

Nothing leaves this module unchecked: each gradient, and in small networks the adjoint of each
element of each tensor, is compared with a difference quotient of the cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bpsym.calculus.system import Role
from bpsym.errors import Problem
from bpsym.network.build import BuiltNetwork
from bpsym.worked.data import Numbers
from bpsym.worked.differences import check
from bpsym.worked.problems import NumbersError
from bpsym.worked.values import COST, Array, Evaluator


@dataclass(frozen=True, eq=False)
class Worked:
    """A network at given numbers.

    values: every tensor by its name, samples first, its adjoint dC/dT by the name of that
    (``delta1``, ``adj_a1``, ``dW1``), and ``C``. updated: every parameter after one step with
    ``rate``; those in ``frozen`` are as they were. cost, cost_after: before and after that step.
    checked: how many derivatives were compared with difference quotients.
    """

    built: BuiltNetwork
    numbers: Numbers
    values: Mapping[str, Array]
    updated: Mapping[str, Array]
    cost: float
    cost_after: float
    checked: int

    @property
    def samples(self) -> int:
        """m."""
        return self.numbers.samples

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self.numbers.rate

    @property
    def frozen(self) -> tuple[str, ...]:
        """The parameters that are not changed."""
        return self.numbers.frozen

    @property
    def digits(self) -> int:
        """Significant digits of results."""
        return self.numbers.digits

    @property
    def gradients(self) -> Mapping[str, Array]:
        """The gradient of the cost in each parameter, by its name."""
        tensors = self.built.system.of_role(Role.PARAMETER)
        return {each.name: self.values[each.adjoint] for each in tensors}

    def elements(self) -> Mapping[str, float]:
        """The weights by element, ``"W1[2,1]"``, as the picture of a network takes them."""
        tensors = self.built.system.of_role(Role.PARAMETER)
        return Elements({each.name: self.values[each.name] for each in tensors})


class Elements(Mapping[str, float]):
    """The elements of arrays by name; of a hundred thousand the few that are drawn are read."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = arrays

    def __getitem__(self, name: str) -> float:
        tensor, _, places = name.partition("[")
        array = self.arrays[tensor]
        place = tuple(int(each) - 1 for each in places.rstrip("]").split(",") if each)
        if len(place) != array.ndim or any(
            not 0 <= at < size for at, size in zip(place, array.shape, strict=True)
        ):
            raise KeyError(name)
        return float(array[place])

    def __iter__(self) -> Iterator[str]:
        for tensor, array in self.arrays.items():
            for place in np.ndindex(array.shape):
                yield element_name(tensor, place)

    def __len__(self) -> int:
        return sum(each.size for each in self.arrays.values())


def element_name(tensor: str, place: tuple[int, ...]) -> str:
    """``W1[2,1]`` for the place (1, 0), which counts from 0."""
    return f"{tensor}[{','.join(str(each + 1) for each in place)}]" if place else tensor


def worked(built: BuiltNetwork, numbers: Numbers) -> Worked:
    """Compute a network at given numbers, and check all of its derivatives.

    Raises NumbersError if a value is not finite, ProofError if a gradient is not the slope of the
    cost.
    """
    evaluator = Evaluator(built.system)
    given = {name: np.asarray(array, dtype=float) for name, array in numbers.values.items()}
    with np.errstate(all="ignore"):
        forward = evaluator.forward(given)
        adjoints = evaluator.adjoints(forward)
        values = {**forward, **adjoints}
        _require_finite(values)
        checked = check(evaluator, given, values)
        updated = dict[str, Array]()
        for tensor in built.system.of_role(Role.PARAMETER):
            step = numbers.rate * values[tensor.adjoint]
            moves = tensor.name not in numbers.frozen
            updated[tensor.name] = given[tensor.name] - step if moves else given[tensor.name]
        after = evaluator.forward({**given, **updated})
    cost_after = float(after[COST])
    if not np.isfinite(cost_after):
        raise NumbersError.single(
            where="one step of gradient descent",
            what="the cost after it is not finite",
            expected="a finite cost",
            got=f"{cost_after:g} with the rate {numbers.rate:g}",
            way_out="take a smaller rate",
        )
    return Worked(built, numbers, values, updated, float(forward[COST]), cost_after, checked)


def _require_finite(values: Mapping[str, Array]) -> None:
    wrong = [name for name, array in values.items() if not np.all(np.isfinite(array))]
    if wrong:
        raise NumbersError(
            *(
                Problem(
                    "the given numbers",
                    f"{name} is not finite there",
                    "numbers at which everything has a value",
                    str(float(values[name][~np.isfinite(values[name])].flat[0])),
                    "take smaller weights or inputs",
                )
                for name in wrong[:1]
            )
        )
