"""Whether a system is a chain of layers, so that the proof for any depth is a proof for it."""

from __future__ import annotations

import sympy as sp

from bpsym.calculus.system import Relation, Role, Schema, System
from bpsym.calculus.terms.indexed import subscripts_of

NO_CHAIN = "the network is no chain of dense layers"


def is_layered(system: System) -> bool:
    """Whether there is no reason against it."""
    return not_layered(system) is None


def not_layered(system: System) -> str | None:
    """Why the proof for any depth is none for this network, None if it is one.

    It is for ``a[0]`` an input, ``z[l] = W[l] a[l-1] + b[l]``, ``a[l] = f_l(z[l])``, then a cost
    of a[L]. No weight serves two layers, and what follows a[L] has no parameters but its decay.
    """
    inputs = system.of_role(Role.INPUT)
    if len(inputs) != 1:
        return NO_CHAIN
    current, depth = inputs[0].name, 0
    rest = list(system.relations)
    while True:
        readers = system.readers[current]
        if len(readers) != 1 or not _is_dense(system, readers[0], current):
            break
        pre_activation = readers[0].defines
        rest.remove(readers[0])
        depth += 1
        current = pre_activation
        following = system.readers[pre_activation]
        if len(following) == 1 and _is_elementwise(following[0], pre_activation):
            rest.remove(following[0])
            current = following[0].defines
    if depth > 0 and all(_is_cost(system, relation) for relation in rest):
        return None
    return _obstacle(system, current) or NO_CHAIN


def _obstacle(system: System, current: str) -> str | None:
    """What is done to a layer of a chain that the proof does not know, None if it is no chain."""
    readers = system.readers[current]
    if len(readers) != 1 or _is_dense_schema(readers[0].schema):
        return None
    (reader,) = readers
    others = [name for name in reader.reads if name != current]
    if any(system.tensors[name].role is not Role.PARAMETER for name in others):
        return None
    if reader.schema.activation is None:
        return f"each output of {reader.schema.label} depends on all units of its layer"
    return f"{reader.schema.label} has a parameter that is learned"


def _is_dense(system: System, relation: Relation, current: str) -> bool:
    parameters = [name for name in relation.reads if name != current]
    return _is_dense_schema(relation.schema) and all(
        system.tensors[name].role is Role.PARAMETER
        and [reader for reader in system.readers[name] if not _is_decay(system, reader)]
        == [relation]
        for name in parameters
    )


def _is_dense_schema(schema: Schema) -> bool:
    """``z[n,i] = sum_j W[i,j] x[n,j]``, or the same with ``+ b[i]`` or ``- b[i]``."""
    equation = schema.equation
    if len(equation.subscripts()) != 2:
        return False
    n, i = equation.subscripts()
    sums = [term for term in sp.Add.make_args(equation.rhs) if isinstance(term, sp.Sum)]
    others = [term for term in sp.Add.make_args(equation.rhs) if term not in sums]
    if len(sums) != 1 or len(sums[0].limits) != 1 or len(others) > 1:
        return False
    j = sums[0].limits[0][0]
    factors = {subscripts_of(factor) for factor in sp.Mul.make_args(sums[0].function)}
    # A threshold is a bias with its sign turned.
    biases = [term.as_coeff_Mul() for term in others]
    return factors == {(i, j), (n, j)} and all(
        sign in (1, -1) and subscripts_of(term) == (i,) for sign, term in biases
    )


def _is_elementwise(relation: Relation, pre_activation: str) -> bool:
    return relation.schema.activation is not None and relation.reads == (pre_activation,)


def _is_decay(system: System, relation: Relation) -> bool:
    return relation.defines in system.weights and all(
        system.tensors[name].role is Role.PARAMETER for name in relation.reads
    )


def _is_cost(system: System, relation: Relation) -> bool:
    return _is_decay(system, relation) or all(
        system.tensors[name].role is not Role.PARAMETER for name in relation.reads
    )
