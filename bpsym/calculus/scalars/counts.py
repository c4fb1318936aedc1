"""What a gradient costs: the raw derivatives, the delta form, and finite differences.

Every one of n parameters has a raw derivative of its own, and each repeats most of the others.
Finite differences evaluate the loss n + 1 times. The delta form evaluates it once, then every
adjoint once, then every gradient: a small multiple of the loss, whatever n is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.scalars.cost import LARGEST, growth, leaf, plain, raw_derivative, unroll
from bpsym.calculus.scalars.steps import needed_operations
from bpsym.calculus.scalars.unroll import Unrolled
from bpsym.calculus.slopes.activation import OpaqueSlope
from bpsym.calculus.system import SAMPLES, Role
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import index, size, top_sums
from bpsym.errors import EmitError

if TYPE_CHECKING:
    from bpsym.calculus.derivation import Adjoint, Derivation

# Counting a derivative visits every unit once.
_MOST_VISITS = 200_000


@dataclass(frozen=True)
class OperationCounts:
    """Operations as sympy counts them: one for each sum, product, quotient, power and function.

    parameters: how many numbers are differentiated by. loss: of one evaluation of the cost, every
    unit computed once. raw: of all raw derivatives together, None where they are too many to be
    counted; raw_is_exact: whether they were counted in sympy's expressions, or estimated from
    their parts (to within a factor of two). delta: of all gradients in delta form, the forward
    pass included. finite_differences: of the loss at every shifted parameter and the quotients.
    """

    parameters: int
    samples: int
    loss: int
    raw: int | None
    raw_is_exact: bool
    delta: int
    finite_differences: int


def operation_counts(
    derivation: Derivation, target: str | None = None, samples: int = 1
) -> OperationCounts:
    """Count for all parameters, or for one element such as ``"W1[2,1]"``.

    Raises ExpressionError if there is no such element, EmitError if a network is too large to be
    counted element by element.
    """
    loss = _loss(derivation, samples)
    if target is not None:
        unrolled = unroll(derivation.system, samples)
        symbol = leaf(unrolled, target)
        raw, delta = raw_derivative(unrolled, symbol), _delta_of(derivation, unrolled, symbol)
        return OperationCounts(
            1, samples, loss, int(sp.count_ops(raw)), True, delta, _differences(1, loss)
        )
    sizes = _sizes(derivation, samples)
    parameters = sum(
        prod(int(size(label).xreplace(sizes)) for label in each.sizes)
        for each in derivation.system.of_role(Role.PARAMETER)
    )
    raw_count, exact = _raw(derivation, samples, parameters)
    delta = loss + sum(_adjoint(derivation, each, sizes) for each in derivation.adjoints)
    return OperationCounts(
        parameters, samples, loss, raw_count, exact, delta, _differences(parameters, loss)
    )


def _differences(parameters: int, loss: int) -> int:
    """C at the point and at every parameter plus a step; a difference and a quotient for each."""
    return (parameters + 1) * loss + 3 * parameters


def _sizes(derivation: Derivation, samples: int) -> Mapping[sp.Basic, sp.Basic]:
    sizes = {size(label): sp.Integer(number) for label, number in derivation.system.sizes.items()}
    return {**sizes, size(SAMPLES): sp.Integer(samples)}


def _loss(derivation: Derivation, samples: int) -> int:
    """Every equation of the system, once for each element that it defines."""
    sizes = _sizes(derivation, samples)
    system = derivation.system
    total = sum(weight != 1 for _, weight in system.objective) + len(system.objective) - 1
    for relation in system.relations:
        formal = relation.formal()
        known = {
            symbol: size(system.tensors[formal[name]].sizes[at])
            for symbol, (name, at) in relation.schema.size_of.items()
        }
        total += _equation(relation.schema.instance(formal, known), sizes)
    return total


def _equation(equation: Equation, sizes: Mapping[sp.Basic, sp.Basic]) -> int:
    elements = prod(
        int((each.last - each.first + 1).xreplace(sizes)) for each in equation.ranges.values()
    )
    return elements * _operations(plain(equation.rhs), sizes)


def _adjoint(derivation: Derivation, adjoint: Adjoint, sizes: Mapping[sp.Basic, sp.Basic]) -> int:
    labels = derivation.system.tensors[adjoint.tensor].sizes
    elements = prod(int(size(label).xreplace(sizes)) for label in labels)
    _, formula = adjoint.equation
    return elements * _operations(_with_slopes(formula), sizes)


def _raw(derivation: Derivation, samples: int, parameters: int) -> tuple[int | None, bool]:
    """The operations of all raw derivatives, in sympy's expressions if they are not too large."""
    try:
        unrolled = unroll(derivation.system, samples)
    except EmitError:
        return None, False
    if parameters * len(unrolled.rows) > _MOST_VISITS:
        return None, False
    sizes = growth(unrolled)
    symbols = unrolled.elements(Role.PARAMETER)
    estimate = sum(sizes.derivative(symbol) for symbol in symbols)
    if estimate > LARGEST:
        return estimate, False
    return sum(int(sp.count_ops(raw_derivative(unrolled, symbol))) for symbol in symbols), True


def _delta_of(derivation: Derivation, unrolled: Unrolled, symbol: sp.Symbol) -> int:
    """The operations of one gradient in delta form and of all names it needs, each once."""
    system = derivation.system
    tensor, place = unrolled.elements(Role.PARAMETER, Role.INPUT)[symbol]
    meanings = {row.symbol: plain(row.rhs) for row in unrolled.rows.values()}
    for adjoint in derivation.adjoints:
        if system.tensors[adjoint.tensor].role is Role.HIDDEN:
            for each in unrolled.places(adjoint.tensor):
                name = unrolled.symbol(adjoint.name, each)
                meanings[name] = delta_instance(derivation, unrolled, adjoint.tensor, each)
    gradient = delta_instance(derivation, unrolled, tensor, place)
    return int(sp.count_ops(gradient)) + needed_operations(gradient, meanings)


def delta_instance(
    derivation: Derivation, unrolled: Unrolled, tensor: str, place: tuple[int, ...]
) -> sp.Expr:
    """One element of an adjoint by its formula, in scalars."""
    letters, formula = derivation.by_tensor[tensor].equation
    values = {index(letter): number for letter, number in zip(letters, place, strict=True)}
    return unrolled.write_out(_with_slopes(formula), values)


def _with_slopes(formula: sp.Expr) -> sp.Expr:
    """A formula with f'(z) written out where it stands."""
    return formula.xreplace({node: _slope(node) for node in formula.atoms(OpaqueSlope)})


def _slope(node: OpaqueSlope) -> sp.Expr:
    activation = node.activation
    values = dict(zip((U, *activation.learned), node.args, strict=True))
    if node.position == 0:
        return activation.slope.xreplace(values)
    return activation.learned_slope(activation.learned[node.position - 1]).xreplace(values)


def _operations(expr: sp.Expr, sizes: Mapping[sp.Basic, sp.Basic]) -> int:
    """The operations of one element, a sum counted as so many terms and the signs between."""
    total = 0
    stand_ins: dict[sp.Basic, sp.Basic] = {}
    for each in top_sums(expr):
        terms = prod(int((hi - lo + 1).xreplace(sizes)) for _, lo, hi in each.limits)
        total += terms * _operations(each.function, sizes) + terms - 1
        stand_ins[each] = sp.Dummy("S", real=True)
    for node in expr.atoms(sp.Indexed):
        stand_ins[node] = sp.Symbol(str(node), real=True)
    flat = expr.xreplace(stand_ins).xreplace(sizes)
    return total + int(sp.count_ops(flat))
