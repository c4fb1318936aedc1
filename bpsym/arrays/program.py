"""The array program of a derivation: what is computed, in which order, from which equation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bpsym.arrays.activations import Helper, Helpers
from bpsym.arrays.layout import Layout
from bpsym.arrays.nodes import Concatenate, Node, Read, reads, rebuild
from bpsym.arrays.numbered import Lowered, key_of, lower_adjoint, lower_relation, renamed
from bpsym.arrays.squares import squares_in_range
from bpsym.calculus.derivation import Adjoint, Derivation
from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import SAMPLES, Relation, Role, System, Tensor


@dataclass(frozen=True)
class Statement:
    """``name = node``, and the equation that it computes.

    tensor: the tensor that the value is, or whose adjoint it is. shape: size labels as stored.
    lowered: the equation in numbered names; names, sizes: what the numbers stand for.
    """

    name: str
    node: Node
    shape: tuple[str, ...]
    tensor: str
    lowered: Lowered
    names: Mapping[str, str]
    sizes: Mapping[str, str]

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The names of the arrays that are read, once for each place."""
        return tuple(reads(self.node))


@dataclass(frozen=True)
class Program:
    """Statements in order, and the functions that they call.

    assumptions: the targets whose rows the derivation assumes to sum to one.
    activations: what the activations are called that have helpers.
    """

    forward: tuple[Statement, ...]
    cost: tuple[Statement, ...]
    backward: tuple[Statement, ...]
    gradients: tuple[Statement, ...]
    helpers: tuple[Helper, ...]
    system: System
    layout: Layout
    assumptions: frozenset[str]
    activations: Mapping[Activation, str]

    @property
    def later(self) -> tuple[Statement, ...]:
        """What comes after the forward pass."""
        return (*self.cost, *self.backward, *self.gradients)


def lower_derivation(derivation: Derivation, layout: Layout) -> Program:
    """The array program of a derivation in a layout.

    Raises EmitError where an equation has no array form yet.
    """
    program = _Program(derivation, layout)
    system = derivation.system
    backward: list[Statement] = []
    gradients: list[Statement] = []
    forward = program.forward()
    cost = [program.cost(each) for each in system.relations if program.is_loss(each)]
    for adjoint in derivation.adjoints:
        role = system.tensors[adjoint.tensor].role
        statements = gradients if role in (Role.PARAMETER, Role.INPUT) else backward
        statements.append(program.adjoint(adjoint))
    later = [*cost, *backward, *gradients]
    return Program(
        tuple(_inlined(forward, later, system)),
        tuple(cost),
        tuple(backward),
        tuple(gradients),
        tuple(program.helpers.found.values()),
        system,
        layout,
        frozenset(derivation.assumptions),
        program.helpers.names,
    )


class _Program:
    def __init__(self, derivation: Derivation, layout: Layout) -> None:
        self.system = derivation.system
        self.layout = layout
        self.helpers = Helpers()

    def is_loss(self, relation: Relation) -> bool:
        """Whether a relation gives a term of the cost."""
        return self.system.tensors[relation.defines].role is Role.LOSS

    def forward(self) -> list[Statement]:
        """One statement for each hidden tensor."""
        done = dict.fromkeys(
            relation.defines
            for relation in self.system.relations
            if self.system.tensors[relation.defines].role is Role.HIDDEN
        )
        statements = []
        for name in done:
            blocks = self.system.definitions[name]
            make = self._blocks if len(blocks) > 1 else self._whole
            statement = make(self.system.tensors[name], blocks)
            node = squares_in_range(statement.node, self._length, self.system.sizes.get)
            statements.append(replace(statement, node=node))
        return statements

    def _length(self, read: Read, position: int) -> int:
        """How long a stored array is; samples have no number."""
        label = self.shape(self.system.tensors[read.name])[position]
        return self.system.sizes.get(label, 0)

    def cost(self, relation: Relation) -> Statement:
        """The statement of a term of the cost."""
        return self._relation(self.system.tensors[relation.defines], relation, definitions=True)

    def _whole(self, tensor: Tensor, relations: Sequence[Relation]) -> Statement:
        return self._relation(tensor, relations[0])

    def _relation(
        self,
        tensor: Tensor,
        relation: Relation,
        *,
        definitions: bool = False,
        partly: bool = False,
    ) -> Statement:
        key, tensors, labels = key_of(self.system, relation, definitions=definitions)
        lowered = lower_relation(key, self.layout.name, partly=partly)
        names = {f"t{number}": name for number, name in enumerate(tensors)}
        sizes = {f"s{number}": label for number, label in enumerate(labels)}
        node = renamed(lowered.node, names, sizes, self.helpers)
        return Statement(tensor.name, node, self.shape(tensor), tensor.name, lowered, names, sizes)

    def _blocks(self, tensor: Tensor, relations: Sequence[Relation]) -> Statement:
        """A tensor that several equations fill block by block is a concatenation."""
        blocks = [self._relation(tensor, relation, partly=True) for relation in relations]
        place = self.layout.store(tensor.axes, tensor.axes[tensor.sizes.index(SAMPLES)])
        position = place.index(tensor.axes[1])
        node = Concatenate(tuple(each.node for each in blocks), position, place)
        return replace(blocks[0], node=node)

    def adjoint(self, adjoint: Adjoint) -> Statement:
        """The statement of an adjoint."""
        lowered = lower_adjoint(adjoint.formal, self.layout.name)
        sizes = {f"s{number}": label for number, label in enumerate(adjoint.sizes)}
        node = renamed(lowered.node, adjoint.names, sizes, self.helpers)
        tensor = self.system.tensors[adjoint.tensor]
        return Statement(
            adjoint.name, node, self.shape(tensor), tensor.name, lowered, adjoint.names, sizes
        )

    def shape(self, tensor: Tensor) -> tuple[str, ...]:
        """The size labels of a tensor as it is stored."""
        places = tuple(str(at) for at in range(len(tensor.sizes)))
        sample = places[tensor.sizes.index(SAMPLES)] if SAMPLES in tensor.sizes else None
        stored = self.layout.store(places, sample)
        return tuple("1" if at is None else tensor.sizes[int(at)] for at in stored)


def _inlined(
    forward: Iterable[Statement], later: Iterable[Statement], system: System
) -> list[Statement]:
    """Write a pre-activation that only its activation reads into that line."""
    forward = list(forward)
    needed = {name for statement in later for name in statement.reads}
    uses = Counter(name for statement in forward for name in statement.reads)
    values: dict[str, Node] = {}

    def inline(node: Node) -> Node:
        return values.get(node.name, node) if isinstance(node, Read) else node

    kept = []
    for statement in forward:
        touched = any(name in values for name in statement.reads)
        node = rebuild(statement.node, inline) if touched else statement.node
        once = uses[statement.name] == 1 and statement.name not in needed
        if once and system.tensors[statement.name].named:
            values[statement.name] = node
        else:
            changed = node is not statement.node
            kept.append(replace(statement, node=node) if changed else statement)
    return kept
