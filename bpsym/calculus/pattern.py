"""What the adjoint of a tensor depends on, with the names taken out.

Two tensors with the same pattern have the same derivation: it is made once and renamed. A pattern
is a hashable tree of readers; tensors and sizes in it are numbered in the order of first meeting.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from bpsym.calculus.system import Relation, Role, Schema, System


class Shape(NamedTuple):
    """A numbered tensor: its size numbers, its role, what is assumed of it.

    axes: its index letters if its adjoint is derived; of other tensors they do not matter, nor does
    it whether one is an input or hidden.
    """

    sizes: tuple[int, ...]
    axes: tuple[str, ...]
    role: Role
    sums_to_one: bool


class Reading(NamedTuple):
    """One reader: a schema between numbered tensors, and where its own adjoint comes from.

    upstream: a Pattern to be substituted, a weight (a term of the objective), or None where the
    adjoint of the reader's left side has a name.
    """

    schema: Schema
    tensors: tuple[int, ...]
    upstream: Pattern | Fraction | None


class Pattern(NamedTuple):
    """The readers of tensor ``tensor``, and the relation that defines it where it is hidden."""

    tensor: int
    readings: tuple[Reading, ...]


class Key(NamedTuple):
    """Everything that a derivation depends on.

    definitions: the forward relations of the tensors that are read.
    """

    pattern: Pattern
    shapes: tuple[Shape, ...]
    definitions: tuple[tuple[Schema, tuple[int, ...]], ...]


@dataclass
class Numbering:
    """Numbers tensors and sizes in the order in which they are met."""

    system: System
    tensors: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def tensor(self, name: str) -> int:
        """The number of a tensor."""
        return self.tensors.setdefault(name, len(self.tensors))

    def relation(self, relation: Relation) -> tuple[int, ...]:
        """The numbers of all tensors of a relation."""
        return tuple([self.tensor(name) for name in relation.names])

    def shapes(self, derived: Collection[str] = ()) -> tuple[Shape, ...]:
        """The shapes of all tensors met so far; derived: those whose adjoints are derived."""
        labels, sizes, tensors = self.system.equal_sizes, self.sizes, self.system.tensors
        found = []
        for name in self.tensors:
            tensor = tensors[name]
            numbers = tuple([sizes.setdefault(each, len(sizes)) for each in labels[name]])
            axes = tensor.axes if name in derived else ()
            role = Role.HIDDEN if tensor.role is Role.INPUT else tensor.role
            found.append(Shape(numbers, axes, role, tensor.sums_to_one))
        return tuple(found)


def pattern_of(
    system: System, tensor: str, named: Collection[str]
) -> tuple[Key, tuple[str, ...], tuple[str, ...]]:
    """The key of a tensor's adjoint, the actual tensors by number, the size labels by number.

    named: the tensors whose adjoints have a name; the others are substituted where they occur.
    """
    numbering = Numbering(system)
    relations: dict[int, Relation] = {}
    derived: set[str] = set()

    def visit(name: str) -> Pattern:
        derived.add(name)
        readings = []
        number = numbering.tensor(name)
        for relation in system.readers[name]:
            relations[id(relation)] = relation
            numbers = numbering.relation(relation)
            upstream: Pattern | Fraction | None = None
            if relation.defines in system.weights:
                upstream = system.weights[relation.defines]
            elif relation.defines not in named:
                upstream = visit(relation.defines)
            readings.append(Reading(relation.schema, numbers, upstream))
        return Pattern(number, tuple(readings))

    pattern = visit(tensor)
    for relation in system.definitions.get(tensor, ()):
        relations.setdefault(id(relation), relation)
    definitions = tuple(
        (relation.schema, numbering.relation(relation)) for relation in relations.values()
    )
    key = Key(pattern, numbering.shapes(derived), definitions)
    return key, tuple(numbering.tensors), tuple(numbering.sizes)
