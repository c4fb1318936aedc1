"""Equations that a text writes in another way: thresholds, error signals, scores.

Each is a change of the system itself, made before anything is derived. What a notation prints is
then derived and proven like everything else, and no formula of it is written by hand.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import sympy as sp

from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.system import Relation, Role, Schema, System, Tensor
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.notations.notation import Notation

# The tensor of the errors ``y - a``, where a notation has a letter for it.
ERROR = "error"


def as_noted(built: BuiltNetwork, notation: Notation | None) -> System:
    """The system of a network as a notation writes its equations."""
    system = built.system
    if notation is None:
        return system
    if notation.thresholds:
        system = with_thresholds(system)
    if notation.errors:
        system = with_errors(system)
    if notation.error_signals:
        system = with_named(system, {name for pair in compared(built) for name in pair})
    return system


def compared(built: BuiltNetwork) -> list[tuple[str, str]]:
    """The pairs of tensors that a loss compares with each other and not with a target."""
    return [
        (built.outputs[loss.of[0]], built.outputs[loss.of[1]])
        for loss in built.network.losses
        if loss.target is None and len(loss.of) == _PAIR
    ]


def with_named(system: System, names: set[str]) -> System:
    """The system with an adjoint of its own for each of these tensors."""
    if not names:
        return system
    tensors = {
        name: replace(tensor, named=True) if name in names else tensor
        for name, tensor in system.tensors.items()
    }
    return replace(system, tensors=tensors)


@lru_cache(maxsize=64)
def hop_by_hop(system: System) -> System:
    """The system with an adjoint for every hidden tensor, so that no two hops are taken at once."""
    return with_named(system, {each.name for each in system.of_role(Role.HIDDEN)})


def is_error(system: System, name: str) -> bool:
    """Whether a tensor is the error of the outputs, and not one that a user has called so."""
    return any(each.schema.label == ERROR for each in system.definitions.get(name, ()))


# Thresholds


def with_thresholds(system: System) -> System:
    """``z = sum_j W x - b`` for ``z = sum_j W x + b``: with b = -theta nothing else changes."""

    def changed(relation: Relation) -> Relation:
        vectors = tuple(
            formal
            for formal, name in relation.formal().items()
            if system.tensors[name].role is Role.PARAMETER and len(system.tensors[name].sizes) == 1
        )
        if not vectors or relation.schema.activation is not None:
            return relation
        return replace(relation, schema=_subtracting(relation.schema, vectors))

    return replace(system, relations=tuple(map(changed, system.relations)))


@lru_cache(maxsize=256)
def _subtracting(schema: Schema, names: tuple[str, ...]) -> Schema:
    """The schema with the sign of these tensors turned; one object for each, as layers share it."""
    equation = schema.equation
    nodes = [node for node in equation.rhs.atoms(sp.Indexed) if name_of(node) in names]
    return _rewritten(schema, equation.rhs.xreplace({node: -node for node in nodes}))


def _rewritten(schema: Schema, rhs: sp.Expr) -> Schema:
    return Schema(
        schema.label,
        replace(schema.equation, rhs=rhs),
        schema.tensors,
        schema.size_of,
        schema.activation,
    )


# Errors


def with_errors(system: System) -> System:
    """``e = y - a`` as a tensor between the output and a loss that is a function of it alone.

    Losses that are no function of the difference (cross-entropy) leave the system as it is.
    """
    if len(system.objective) == 0:
        return system
    for at, relation in enumerate(system.relations):
        if relation.defines not in system.weights:
            continue
        roles = [system.tensors[name].role for name in relation.reads]
        if sorted(roles, key=str) != sorted((Role.HIDDEN, Role.TARGET), key=str):
            continue
        output, target = (relation.reads[roles.index(role)] for role in (Role.HIDDEN, Role.TARGET))
        found = _split(relation, output, target)
        if found is None:
            continue
        error, loss = found
        sizes, axes = system.tensors[output].sizes, system.tensors[output].axes
        tensor = Tensor(ERROR, Role.HIDDEN, sizes, f"adj_{ERROR}", axes)
        relations = (*system.relations[:at], error, loss, *system.relations[at + 1 :])
        return replace(
            system, tensors=_before(system, relation.defines, tensor), relations=relations
        )
    return system


def _before(system: System, name: str, tensor: Tensor) -> dict[str, Tensor]:
    """The tensors with one more before the one of that name."""
    found: dict[str, Tensor] = {}
    for each in system.tensors.values():
        if each.name == name:
            found[tensor.name] = tensor
        found[each.name] = each
    return found


def _split(relation: Relation, output: str, target: str) -> tuple[Relation, Relation] | None:
    """The error and the loss in it, None if the loss has more in it than the difference."""
    formal_of = {name: formal for formal, name in relation.formal().items()}
    schemas = _split_schema(relation.schema, formal_of[output], formal_of[target])
    if schemas is None:
        return None
    error, loss = schemas
    names = relation.formal() | {ERROR: ERROR}
    return (
        Relation(error, tuple(names[each] for each in error.tensors)),
        Relation(loss, tuple(names[each] for each in loss.tensors)),
    )


@lru_cache(maxsize=64)
def _split_schema(schema: Schema, output: str, target: str) -> tuple[Schema, Schema] | None:
    rhs = schema.equation.rhs
    nodes = [node for node in rhs.atoms(sp.Indexed) if name_of(node) == output]
    if not nodes:
        return None

    def of_error(node: sp.Indexed) -> sp.Expr:
        return element(target, *node.indices) - element(ERROR, *node.indices)

    changed = rhs.xreplace({node: of_error(node) for node in nodes})
    if any(name_of(node) in (output, target) for node in changed.atoms(sp.Indexed)):
        return None
    indices = nodes[0].indices
    ranges = {i: Range.upto(upper) for node in rhs.atoms(sp.Sum) for i, _, upper in node.limits}
    sizes = {ranges[i].last: (output, at) for at, i in enumerate(indices)}
    difference = Equation(
        element(ERROR, *indices),
        element(target, *indices) - element(output, *indices),
        {i: ranges[i] for i in indices},
    )
    known = {symbol: place for symbol, place in sizes.items() if symbol in schema.size_of}
    error = Schema(ERROR, difference, (ERROR, output, target), known)
    places = {symbol: (ERROR, at) for symbol, (_, at) in schema.size_of.items()}
    whole = replace(schema.equation, rhs=changed)
    return error, Schema(schema.label, whole, (schema.tensors[0], ERROR), places)


_PAIR = 2
