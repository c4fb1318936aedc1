"""What is true of the layers of one network: what the sentences of the page have to follow.

A weight that two layers use has two terms in its gradient, a softmax has no slope of one unit, a
layer that adds has no weights. All of it is read off the equations and who reads what.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bpsym.calculus.system import Role
from bpsym.network.build import BuiltNetwork
from bpsym.network.build.schemas import softmax_schema
from bpsym.network.catalogue.kinds import KINDS
from bpsym.typeset.languages.en.page import Slope
from bpsym.typeset.sections.parts import Part, parts_of

_IDENTITY = "identity"


@dataclass(frozen=True)
class Flow:
    """The facts of one network at numbers for that many samples."""

    built: BuiltNetwork
    samples: int = 1

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All layers, those too that are not drawn."""
        return parts_of(self.built)

    def readers(self, label: str) -> list[Part]:
        """The layers that read a layer or an input."""
        return [part for part in self.parts if label in part.layer.inputs]

    def multiplies(self, parts: Iterable[Part]) -> bool:
        """Whether all of them take what they read times weights."""
        return all(is_dense(part) for part in parts)

    def slope(self, part: Part) -> Slope:
        """What an error signal meets on its way from the outputs of a layer into it."""
        last = part.relations[-1].schema
        if last is softmax_schema() or last.label == softmax_schema().label:
            return Slope.ROW
        if len(part.relations) > 1 + (last.activation is not None):
            return Slope.EQUATIONS
        if last.activation is not None:
            return Slope.NONE if last.label == _IDENTITY else Slope.UNIT
        return Slope.NONE if part.layer.kind in ("add", "concat") else Slope.EQUATIONS

    def remains_a_difference(self, part: Part) -> bool:
        """Whether softmax and its cost leave output minus target: targets sum to one."""
        tensors, schema = self.built.system.tensors, softmax_schema()
        if part.relations[-1].schema.label != schema.label:
            return False
        readers = self.built.system.readers[part.output]
        return len(readers) == 1 and all(
            each.schema.label in ("cross_entropy", "kl_divergence")
            and any(tensors[name].sums_to_one for name in each.reads)
            for each in readers
        )

    def uses(self, parameter: str) -> int:
        """In how many equations of layers a parameter stands."""
        tensors = self.built.system.tensors
        readers = self.built.system.readers[parameter]
        return sum(tensors[each.defines].role is not Role.LOSS for each in readers)

    def decays(self, parameter: str) -> bool:
        """Whether the cost counts its square."""
        tensors = self.built.system.tensors
        readers = self.built.system.readers[parameter]
        return any(tensors[each.defines].role is Role.LOSS for each in readers)

    @property
    def cost_decays(self) -> bool:
        """Whether the cost counts squares of weights."""
        return any(self.decays(each.name) for each in self.built.system.of_role(Role.PARAMETER))

    @property
    def has_targets(self) -> bool:
        """Whether every loss has a target."""
        return all(loss.target is not None for loss in self.built.network.losses)


def is_dense(part: Part) -> bool:
    """Whether each unit sums what it reads times weights."""
    row = KINDS.get(part.layer.kind)
    return row is not None and row.units
