"""One observation made ready for matching: what is right, what was given, when two agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bpsym.arrays.index_values import Scope
from bpsym.calculus.system import Role
from bpsym.verify.diagnosis.chain import Chain, Edit
from bpsym.verify.diagnosis.laws import Situation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpsym.verify.diagnosis.observe import Observation
    from bpsym.verify.numbers.reference import Reference

Array = npt.NDArray[Any]

# A prediction explains a gradient if it leaves at most this part of the deviation ...
LEFT_OVER = 1e-3
# ... and agrees with it to this many units of roundoff of the largest entry.
ROUNDOFFS = 3e4


@dataclass(frozen=True, eq=False)
class Case:
    """An observation, the forward values there, and the right gradients."""

    chain: Chain
    observation: Observation
    epsilon: float
    reference: Reference

    @cached_property
    def scope(self) -> Scope:
        return self.chain.scope(self.observation.point)

    @property
    def m(self) -> int:
        return self.observation.point.m

    @property
    def given(self) -> Mapping[str, Array]:
        return self.observation.grads

    @cached_property
    def right(self) -> dict[str, Array]:
        return self.chain.gradients(self.scope, ())

    @cached_property
    def tolerance(self) -> Mapping[str, Array]:
        return self.reference.tolerance(self.observation.point, self.epsilon)

    @cached_property
    def situation(self) -> Situation:
        system = self.chain.system
        inputs = [system.sizes[each.sizes[1]] for each in system.of_role(Role.INPUT)]
        outputs = [
            system.sizes[each.sizes[1]]
            for each in system.of_role(Role.TARGET)
            if len(each.sizes) == 2
        ]
        widths = tuple(dict.fromkeys(system.sizes.values()))
        return Situation(self.m, inputs[0], outputs[0] if outputs else 1, widths)

    @cached_property
    def wrong(self) -> frozenset[str]:
        """The parameters whose gradient is out of its tolerance."""
        return frozenset(
            name
            for name, given in self.given.items()
            if not np.all(np.abs(given - self.right[name]) <= self.bar(name))
        )

    def bar(self, name: str) -> Array:
        """Twice the judge's tolerance: what it lets pass is not explained as a mistake."""
        return self._bars[name]

    @cached_property
    def _bars(self) -> Mapping[str, Array]:
        tiny = np.finfo(float).tiny
        slack = self.observation.slack
        return {n: 2 * (self.tolerance[n] + slack.get(n, 0.0)) + tiny for n in self.given}

    def predicted(self, edits: Sequence[Edit]) -> dict[str, Array]:
        """The gradients with these mistakes made."""
        return self.chain.gradients(self.scope, edits)

    def agrees(self, name: str, predicted: Array, slack: float = 1.0) -> bool:
        """Whether a gradient is the predicted one, and not the right one by chance."""
        given = self.given[name]
        off = np.abs(given - predicted)
        if not np.all(np.isfinite(off)):
            return False
        if np.all(off <= self.bar(name)):
            return True
        deviation = float(np.max(np.abs(given - self.right[name])))
        scale = max(float(np.max(np.abs(predicted))), float(np.max(np.abs(self.right[name]))))
        allowed = min(LEFT_OVER * deviation, slack * min(ROUNDOFFS * self.epsilon, 3e-4) * scale)
        return float(np.max(off)) <= allowed

    def disagreeing(self, edits: Sequence[Edit], slack: float = 1.0) -> frozenset[str]:
        """The parameters whose given gradient is not the one predicted."""
        changed = dict(self.chain.walk(self.scope, edits))
        return frozenset(
            name
            for name in self.given
            if not (
                self.agrees(name, changed[name], slack) if name in changed else self.is_right(name)
            )
        )

    def consistent(
        self, edits: Sequence[Edit], ignored: frozenset[str] = frozenset(), slack: float = 1.0
    ) -> bool:
        """Whether the mistakes explain every gradient but the ignored; stops at the first no."""
        seen = set(ignored)
        for name, predicted in self.chain.walk(self.scope, edits):
            seen.add(name)
            if name in ignored or name not in self.given:
                continue
            if not self.agrees(name, predicted, slack):
                return False
        return all(name in seen or self.is_right(name) for name in self.given)

    def is_right(self, name: str) -> bool:
        """Whether a gradient is within the tolerance of the right one."""
        return name not in self.wrong
