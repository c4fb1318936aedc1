"""A system of equations: what a network is once its layer kinds are forgotten.

A ``Schema`` is an equation between formal tensors. A ``Relation`` is a schema with the names of
actual tensors in place of the formal ones. Two layers of one kind are two relations of one schema,
so whatever is derived for a schema is derived once, whatever the widths and however deep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property

import sympy as sp

from bpsym.calculus.adjoint import partials
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.terms.indexed import base, name_of, scalar, subscripts_of

SAMPLES = "m"


class Role(Enum):
    """What a tensor is to the network."""

    INPUT = "input"
    TARGET = "target"
    PARAMETER = "parameter"
    HIDDEN = "hidden"
    LOSS = "loss"


@dataclass(frozen=True)
class Tensor:
    """A tensor by name, with the label of each dimension's size.

    adjoint: the name of dC/dT. named: whether the derivation always gives it a line of its own.
    sums_to_one: a target whose rows are assumed to sum to one. axes: an index letter per dimension.
    """

    name: str
    role: Role
    sizes: tuple[str, ...]
    adjoint: str
    axes: tuple[str, ...] = ()
    named: bool = False
    sums_to_one: bool = False


@dataclass(frozen=True, eq=False)
class Schema:
    """An equation between formal tensors, ``tensors[0]`` being defined by the others.

    size_of: for each size symbol of the equation, a formal tensor and the dimension that has it.
    activation: set if the equation is ``a = f(z, ...)`` with this f.
    """

    label: str
    equation: Equation
    tensors: tuple[str, ...]
    size_of: Mapping[sp.Symbol, tuple[str, int]]
    activation: Activation | None = None

    @cached_property
    def uses(self) -> Mapping[str, int]:
        """In how many places the adjoint of the left side enters each input's adjoint."""
        return {name: len(partials(self.equation.rhs, name)) for name in self.tensors[1:]}

    @cached_property
    def elements(self) -> tuple[sp.Indexed, ...]:
        """The elements that the right side reads, in a fixed order."""
        found = self.equation.rhs.atoms(sp.Indexed)
        return tuple(sorted(found, key=sp.default_sort_key))

    @cached_property
    def places(self) -> Mapping[sp.Symbol, tuple[tuple[str, int], ...]]:
        """For each index the tensor dimensions over which it alone runs."""
        found: dict[sp.Symbol, dict[tuple[str, int], None]] = {}
        for node in (*self.elements, self.equation.lhs):
            for position, subscript in enumerate(subscripts_of(node)):
                if isinstance(subscript, sp.Symbol):
                    found.setdefault(subscript, {})[name_of(node), position] = None
        return {i: tuple(places) for i, places in found.items()}

    def instance(self, names: Mapping[str, str], sizes: Mapping[sp.Symbol, sp.Expr]) -> Equation:
        """The equation with actual names and sizes."""
        replacement: dict[sp.Basic, sp.Basic] = dict(sizes)
        for formal, actual in names.items():
            replacement[base(formal)] = base(actual)
            replacement[scalar(formal)] = scalar(actual)
        return Equation(
            self.equation.lhs.xreplace(replacement),
            self.equation.rhs.xreplace(replacement),
            {
                i: Range(each.first.xreplace(replacement), each.last.xreplace(replacement))
                for i, each in self.equation.ranges.items()
            },
        )


@dataclass(frozen=True)
class Relation:
    """A schema between actual tensors, ``names[0]`` being defined."""

    schema: Schema
    names: tuple[str, ...]

    @property
    def defines(self) -> str:
        """The tensor on the left side."""
        return self.names[0]

    @property
    def reads(self) -> tuple[str, ...]:
        """The tensors on the right side."""
        return self.names[1:]

    def formal(self) -> dict[str, str]:
        """Formal name -> actual name."""
        return dict(zip(self.schema.tensors, self.names, strict=True))


@dataclass(frozen=True, eq=False)
class System:
    """Relations in an order in which they can be evaluated, and the objective.

    objective: the cost is the weighted sum of these scalar tensors.
    sizes: the number behind each size label; the number of samples has none.
    """

    tensors: Mapping[str, Tensor]
    relations: tuple[Relation, ...]
    objective: tuple[tuple[str, Fraction], ...]
    sizes: Mapping[str, int]

    @cached_property
    def readers(self) -> Mapping[str, tuple[Relation, ...]]:
        """For each tensor the relations that read it, in forward order."""
        found: dict[str, list[Relation]] = {name: [] for name in self.tensors}
        for relation in self.relations:
            for name in dict.fromkeys(relation.reads):
                found[name].append(relation)
        return {name: tuple(each) for name, each in found.items()}

    @cached_property
    def definitions(self) -> Mapping[str, tuple[Relation, ...]]:
        """For each hidden tensor the relations that define it."""
        found: dict[str, list[Relation]] = {}
        for relation in self.relations:
            found.setdefault(relation.defines, []).append(relation)
        return {name: tuple(each) for name, each in found.items()}

    @cached_property
    def weights(self) -> Mapping[str, Fraction]:
        """The weight of each term of the objective."""
        return dict(self.objective)

    @cached_property
    def adjoint_names(self) -> frozenset[str]:
        """The names of all adjoints."""
        return frozenset(tensor.adjoint for tensor in self.tensors.values())

    def of_role(self, *roles: Role) -> tuple[Tensor, ...]:
        """The tensors of these roles, in the order of the table."""
        return tuple(each for each in self.tensors.values() if each.role in roles)

    @cached_property
    def equal_sizes(self) -> Mapping[str, tuple[str, ...]]:
        """The size labels of each tensor, one label standing for all that must be equal."""
        same = self.representative
        return {
            name: tuple([same[label] for label in tensor.sizes])
            for name, tensor in self.tensors.items()
        }

    @cached_property
    def representative(self) -> Mapping[str, str]:
        """One label for all size labels that the equations force to be equal (union-find)."""
        parent = {label: label for each in self.tensors.values() for label in each.sizes}

        def root(label: str) -> str:
            while parent[label] != label:
                parent[label] = parent[parent[label]]
                label = parent[label]
            return label

        for relation in self.relations:
            formal = relation.formal()
            # One of several equations that fill a tensor runs over a block of it only.
            block = len(self.definitions[relation.defines]) > 1
            for places in relation.schema.places.values():
                labels = [
                    self.tensors[formal[name]].sizes[at]
                    for name, at in places
                    if not (block and formal[name] == relation.defines)
                ]
                for other in labels[1:]:
                    parent[root(other)] = root(labels[0])
        return {label: root(label) for label in parent}
