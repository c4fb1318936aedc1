"""Derivatives held against difference quotients of the cost, which share nothing with them.

Central differences of fourth order in extended precision. At a kink the quotients from the left
and from the right differ; a derivative there has to lie between them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpsym.calculus.system import Role
from bpsym.errors import ProofError
from bpsym.worked.values import COST, Array, Evaluator

STEP = 1e-4
TOLERANCE = 1e-7
# Every element is shifted in networks of no more numbers than this; of larger ones some elements
# of each tensor, and each tensor as a whole in random directions.
MOST_ELEMENTS = 600
SOME, DIRECTIONS = 3, 2


def check(evaluator: Evaluator, given: Mapping[str, Array], values: Mapping[str, Array]) -> int:
    """Compare the adjoints of all tensors with difference quotients; how many were compared.

    given: parameters, inputs and targets. values: all values and adjoints there.
    Raises ProofError if one is not the slope of the cost.
    """
    quotients = _Quotients(evaluator, given)
    system = evaluator.system
    tensors = [
        each
        for each in system.tensors.values()
        if each.adjoint in values and each.role is not Role.LOSS
    ]
    in_all = sum(values[each.name].size for each in tensors)
    rng = np.random.default_rng(0)
    checked = 0
    for tensor in tensors:
        adjoint = values[tensor.adjoint]
        scale = float(np.max(np.abs(adjoint), initial=0.0))
        for direction in _directions(adjoint.shape, rng, whole=in_all <= MOST_ELEMENTS):
            claimed = float(np.sum(adjoint * direction))
            quotients.require(tensor.name, direction, claimed, scale)
            checked += 1
    return checked


def _directions(shape: tuple[int, ...], rng: np.random.Generator, *, whole: bool) -> list[Array]:
    size = int(np.prod(shape, dtype=int))
    places = list(range(size))
    if not whole and size > SOME:
        places = sorted(rng.choice(size, SOME, replace=False).tolist())
    found = []
    for place in places:
        direction = np.zeros(size)
        direction[place] = 1.0
        found.append(direction.reshape(shape))
    if len(places) < size:
        found += [rng.choice([-1.0, 1.0], shape) / np.sqrt(size) for _ in range(DIRECTIONS)]
    return found


class _Quotients:
    """Difference quotients of the cost at one point."""

    def __init__(self, evaluator: Evaluator, given: Mapping[str, Array]) -> None:
        self.evaluator = evaluator
        self.forward = evaluator.forward(
            {name: np.asarray(array, np.longdouble) for name, array in given.items()}
        )
        self.cost = np.longdouble(self.forward[COST])

    def _cost_at(self, name: str, direction: Array, step: float) -> np.longdouble:
        moved = {name: self.forward[name] + np.longdouble(step) * direction}
        return np.longdouble(self.evaluator.moved(self.forward, moved)[COST])

    def require(self, name: str, direction: Array, claimed: float, scale: float) -> None:
        size = float(np.max(np.abs(self.forward[name]), initial=0.0))
        h = STEP * max(1.0, size) if size < 1 else STEP * size
        near = [self._cost_at(name, direction, sign * h) for sign in (1, -1)]
        far = [self._cost_at(name, direction, 2 * sign * h) for sign in (1, -1)]
        quotient = float((8 * (near[0] - near[1]) - (far[0] - far[1])) / (12 * h))
        allowed = TOLERANCE * max(scale, abs(claimed), 1e-3 * abs(float(self.cost)), 1e-12)
        if abs(quotient - claimed) <= allowed:
            return
        if self._at_a_kink(name, direction, claimed, allowed):
            return
        raise ProofError.single(
            where=f"the derivative of the cost in {name}",
            what="it is not the slope of the cost at the given numbers",
            expected=f"{quotient:.10g}, a difference quotient",
            got=f"{claimed:.10g}",
            way_out="this is a fault of bpsym: please report the network and its numbers",
        )

    def _at_a_kink(self, name: str, direction: Array, claimed: float, allowed: float) -> bool:
        """Whether the slopes to both sides differ, and the claimed one is not outside of them."""
        h = 1e-7
        right = float((self._cost_at(name, direction, h) - self.cost) / h)
        left = float((self.cost - self._cost_at(name, direction, -h)) / h)
        coarse = 1e-5 * max(abs(left), abs(right), abs(claimed)) + allowed
        near = min(abs(claimed - left), abs(claimed - right)) <= coarse
        between = min(left, right) - coarse <= claimed <= max(left, right) + coarse
        return near or (between and abs(left - right) > coarse)
