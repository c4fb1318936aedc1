"""Which equations and parameters belong to which layer, and how tensors reach the cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bpsym.calculus.equations import Equation
from bpsym.calculus.system import Relation, Role, System
from bpsym.calculus.terms.indexed import size
from bpsym.network.build import BuiltNetwork
from bpsym.network.build.naming import suffixes
from bpsym.network.model import Layer


@dataclass(frozen=True)
class Part:
    """One layer in the system.

    number: the layer number in the names of its tensors, None if the layer has a name.
    parameters: those that no layer before it has.
    """

    label: str
    layer: Layer
    number: int | None
    output: str
    relations: tuple[Relation, ...]
    parameters: tuple[str, ...]


def parts_of(built: BuiltNetwork) -> tuple[Part, ...]:
    """The layers in their order; the relations of the losses belong to none."""
    network, system = built.network, built.system
    last = {relation.defines: at for at, relation in enumerate(system.relations)}
    start, seen, parts = 0, set[str](), []
    labelled = zip(network.labels, network.layers, suffixes(network), strict=True)
    for label, layer, suffix in labelled:
        output = built.outputs[label]
        end = last[output] + 1
        relations = system.relations[start:end]
        read = dict.fromkeys(name for relation in relations for name in relation.reads)
        own = tuple(
            name
            for name in read
            if name not in seen and system.tensors[name].role is Role.PARAMETER
        )
        number = int(suffix.tensors) if suffix.tensors.isdigit() else None
        parts.append(Part(label, layer, number, output, relations, own))
        seen.update(own)
        start = end
    return tuple(parts)


def equation_of(relation: Relation, system: System) -> Equation:
    """A relation's equation in the names of the network."""
    formal = relation.formal()
    sizes = {
        symbol: size(system.tensors[formal[name]].sizes[position])
        for symbol, (name, position) in relation.schema.size_of.items()
    }
    return relation.schema.instance(formal, sizes)


@dataclass(frozen=True)
class Hop:
    """A tensor and what is computed from it, in forward order."""

    tensor: str
    readers: tuple[str, ...]


class Routes:
    """How tensors reach the cost of a system.

    named: the tensors whose adjoint has a name: there a route ends, the rest is known.
    """

    def __init__(self, system: System, named: Collection[str]) -> None:
        self.system = system
        self.named = named

    def from_tensor(self, tensor: str) -> tuple[Hop, ...]:
        """The hops from a tensor to where the adjoint is known or the cost is reached."""
        found: dict[str, Hop] = {}
        waiting = [tensor]
        while waiting:
            name = waiting.pop(0)
            if name in found:
                continue
            defined = (relation.defines for relation in self.system.readers[name])
            readers = tuple(dict.fromkeys(defined))
            found[name] = Hop(name, readers)
            waiting += [
                each
                for each in readers
                if each not in self.named and each not in self.system.weights
            ]
        return tuple(found.values())
