"""What a judgement is about, and what all its parts ask: how code is read, what is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bpsym.verify.adapters.choose import Reading, read_target
from bpsym.verify.adapters.declared import Declared, declared
from bpsym.verify.adapters.route import Options
from bpsym.verify.numbers.compare import judged
from bpsym.verify.numbers.points import Points, one_hot
from bpsym.verify.numbers.reference import Reference
from bpsym.verify.running.sandbox import Runner

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.diagnosis.observe import Language, Observation, Point


@dataclass(frozen=True, eq=False)
class Inquiry:
    """The network with its right gradients and points, the code, and what was asked.

    name: of the code. source: where it comes from, as ``verify`` took it. labelled: whether it is
    given integer labels for targets that the network has as rows of zeros and ones.
    """

    derivation: Derivation
    reference: Reference
    points: Points
    runner: Runner
    options: Options
    name: str
    lang: Language
    check_loss: bool
    source: Any = None
    mend: bool = True
    labelled: bool = False

    def with_labels(self) -> Inquiry | None:
        """The same for code that takes integer labels where the network does not ask for them."""
        points = one_hot(self.reference, self.points)
        return None if points is None else replace(self, points=points, labelled=True)

    def declared_network(self) -> Declared:
        """The network as adapters know it, with every target one-hot where labels are tried."""
        network = declared(self.derivation)
        if not self.labelled:
            return network
        return replace(network, classes=frozenset(network.targets))

    def read(self, description: Mapping[str, Any], *, fresh: bool) -> Reading:
        """How the code is to be called; fresh: nothing of earlier calls is left in it."""
        return read_target(
            self.runner,
            description,
            self.reference,
            self.declared_network(),
            self.points.generic[0],
            self.options,
            description.get("method"),
            fresh=fresh,
        )

    def is_right(self, seen: Observation, epsilon: float) -> bool:
        """Whether all gradients are right where they were seen."""
        return self.agrees(seen, seen.point, dict.fromkeys(self.reference.parameters, epsilon))

    def agrees(self, seen: Observation, point: Point, epsilons: Mapping[str, float]) -> bool:
        """Whether what was seen is right at a point."""
        moved = replace(seen, point=point)
        return all(
            judged(self.reference, name, moved, epsilons[name]).result.ok
            for name in self.reference.parameters
        )
