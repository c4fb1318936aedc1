"""Derivatives that the backward pass does not need: between two tensors, and in the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bpsym.arrays.index_values import Scope, compiled
from bpsym.calculus.adjoint import pull_back
from bpsym.calculus.equations import Range
from bpsym.calculus.terms.from_text import rational
from bpsym.calculus.terms.indexed import element
from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import dict_of

if TYPE_CHECKING:
    import sympy as sp

    from bpsym.calculus.system import Relation
    from bpsym.verify.diagnosis.cases import Array

LARGEST = 4_000_000
_ONE_HOT = "one_hot."


class TooLargeError(ValueError):
    """A value with more entries than are worth computing."""

    def __init__(self, entries: int) -> None:
        super().__init__(f"it has {entries} entries; {LARGEST} are computed at most")


def jacobian(case: Case, of: str, by: str) -> Array:
    """d of / d by: the axes of the one, then those of the other, in the layout of the code.

    Raises TooLargeError; ValueError if no equation for the one reads the other.
    """
    shape, by_shape = _shape(case, of), _shape(case, by)
    entries = int(np.prod(shape) * np.prod(by_shape))
    if entries * max(int(np.prod(shape)), 1) > 100 * LARGEST or entries > LARGEST:
        raise TooLargeError(entries)
    terms = [
        each
        for relation in case.chain.system.relations
        if relation.defines == of and by in relation.reads
        for each in _pulled(case, relation, by, None)
    ]
    if not terms:
        raise ValueError(f"{by} does not stand in the equation of {of}")
    letters, ranges = case.chain.letters(by), case.chain.ranges(by)
    result = np.zeros((*shape, *by_shape))
    values = dict_of(case.scope)
    for place in np.ndindex(*shape):
        one_hot = np.zeros(shape)
        one_hot[place] = 1
        scope = Scope({**values, _ONE_HOT: one_hot}, case.scope.sizes)
        result[place] = sum(compiled(each, letters, ranges)(scope) for each in terms)
    return result


def adjoint_of_input(case: Case, tensor: str) -> Array:
    """dC/dT of a tensor that no parameter reaches the cost through, an input or a target."""
    chain = case.chain
    total = np.zeros(_shape(case, tensor))
    for relation in chain.system.relations:
        if tensor in relation.reads:
            adjoint = chain.system.tensors[relation.defines].adjoint
            for expr in _pulled(case, relation, tensor, adjoint):
                total = total + compiled(expr, chain.letters(tensor), chain.ranges(tensor))(
                    case.scope
                )
    return total


def _pulled(case: Case, relation: Relation, by: str, adjoint: str | None) -> list[sp.Expr]:
    """The terms that a relation adds to the adjoint of a tensor."""
    chain = case.chain
    equation = chain.equation(relation)
    name = adjoint or _ONE_HOT
    weight = chain.system.weights.get(relation.defines) if adjoint else None
    upstream = rational(weight) if weight is not None else element(name, *equation.subscripts())
    ranges = [Range.upto(last) for last in chain.ranges(by)]
    found = pull_back(equation, upstream, by, chain.letters(by), ranges)
    return [each.solved for each in found]


def _shape(case: Case, tensor: str) -> tuple[int, ...]:
    return tuple(case.scope.sizes[label] for label in case.chain.system.tensors[tensor].sizes)
