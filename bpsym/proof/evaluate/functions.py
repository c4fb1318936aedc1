"""Values of activations at a point: the function by its expression, its slope by dual numbers.

Formulas name an activation f and its derivative f' without looking into them. Here both are
computed from the expression of f alone; the derivative that the calculus found plays no part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sympy as sp

from bpsym.calculus.slopes.activation import A, Activation, Opaque, OpaqueSlope
from bpsym.calculus.terms.functions import U
from bpsym.proof.evaluate.compiled import Compiler
from bpsym.proof.values.algebra import Algebra
from bpsym.proof.values.dual import Dual, DualNumbers

V = TypeVar("V")

Program = Callable[[tuple[V, ...]], V]


class Activations(Generic[V]):
    """Gives ``f(z, ...)`` and its partial derivatives for the closures of a ``Compiler``.

    A function that is no activation is an unknown: a random value for each list of arguments.
    """

    def __init__(self, algebra: Algebra[V]) -> None:
        self.algebra = algebra
        self._programs: dict[type[sp.Function], Program[V]] = {}

    def __call__(self, function: type[sp.Function], arguments: tuple[Any, ...]) -> V:
        program = self._programs.get(function)
        if program is None:
            program = self._programs[function] = self._program(function)
        return program(arguments)

    def _program(self, function: type[sp.Function]) -> Program[V]:
        if issubclass(function, Opaque):
            return with_kinks(function.activation, self.algebra)
        if issubclass(function, OpaqueSlope):
            return slope_program(function.activation, function.position, self.algebra)
        unknown = self.algebra.unknown
        return lambda arguments: unknown((function, arguments))


def value_program(
    activation: Activation, algebra: Algebra[V], formula: sp.Expr | None = None
) -> Program[V]:
    """Evaluates the expression of an activation, or another formula in the same variables.

    The arguments are z, the learned parameters and, where the formula has it, the output.
    """
    names = [U.name, *(each.name for each in activation.learned), A.name]
    given: dict[str, V] = {}
    compiler = Compiler(algebra, lambda name, _: given[name])
    closure = compiler.value(activation.expression if formula is None else formula)

    def run(arguments: tuple[V, ...]) -> V:
        given.update(zip(names, arguments, strict=False))
        return closure([0] * compiler.width)

    return run


def slope_program(activation: Activation, position: int, algebra: Algebra[V]) -> Program[V]:
    """The derivative in argument ``position``, by dual numbers."""
    dual = DualNumbers(algebra)
    program = value_program(activation, dual)

    def run(arguments: tuple[V, ...]) -> V:
        seeded = tuple(
            Dual(value, algebra.one if at == position else algebra.zero)
            for at, value in enumerate(arguments)
        )
        return program(seeded).slope

    return run


def with_kinks(activation: Activation, algebra: Algebra[V]) -> Program[V]:
    """The expression; the sign of ``a - f(kink)`` is made that of ``z - kink``.

    The output decides a case distinction of the slope for elu and its like, where no algebra
    leads from one sign to the other; the row of the activation proves that it may.
    """
    program = value_program(activation, algebra)
    kink = kink_of(activation)
    if kink is None:
        return program
    constants = Compiler(algebra, lambda name, _: algebra.zero)
    place, level = (constants.value(each) for each in kink)

    def run(arguments: tuple[V, ...]) -> V:
        value = program(arguments)
        above = algebra.positive(algebra.difference(arguments[0], place([])))
        algebra.decide(algebra.difference(value, level([])), above)
        return value

    return run


def kink_of(activation: Activation) -> tuple[sp.Expr, sp.Expr] | None:
    """z and a at the kink, if the slope in the output is a case distinction on the output."""
    in_output, in_z = activation.slope_in_output, activation.slope
    if not (isinstance(in_output, sp.Piecewise) and isinstance(in_z, sp.Piecewise)):
        return None
    test, original = in_output.args[0][1], in_z.args[0][1]
    if not (isinstance(test, sp.StrictLessThan | sp.StrictGreaterThan) and test.has(A)):
        return None
    return original.rhs, test.lhs if test.rhs == A else test.rhs
