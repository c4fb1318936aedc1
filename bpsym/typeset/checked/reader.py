"""The numbers that a reader of a document has: all tensors at a random point, at small sizes.

Widths do not enter any formula, so a network with hundreds of units is read at sizes of a few.
Sizes are pairwise distinct as far as that goes, so that no transpose can hide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from bpsym.calculus.derivation import Derivation
from bpsym.calculus.system import SAMPLES, Role, System
from bpsym.calculus.terms.indexed import size
from bpsym.proof.evaluate.sizes import fitted
from bpsym.typeset.formulas.evaluate import Values, evaluate, slope_name
from bpsym.typeset.formulas.tree import Apply, Partial, Symbol
from bpsym.typeset.notations.notation import Samples
from bpsym.typeset.sections.context import Context
from bpsym.typeset.worked.reading import Reading
from bpsym.worked.data import RATE, Numbers
from bpsym.worked.record import Worked
from bpsym.worked.seeds import seeded
from bpsym.worked.values import COST, Array, Evaluator, equation_of

SMALL = (2, 4, 5, 6, 7)
# Points that are tried until everything is finite, as a logarithm may be asked for a negative one.
_MOST_POINTS = 8
# The step of a difference quotient of fourth order: its error is of the order of 1e-13.
_STEP = 1e-3


class NoPointError(Exception):
    """No random numbers that were tried give finite values."""


def small_sizes(system: System) -> dict[str, int]:
    """A small number for each size label, the same for sizes that the equations make equal."""
    same = system.representative
    roots = list(dict.fromkeys(same[label] for label in system.sizes))
    equal = {size(label): size(root) for label, root in same.items()}
    chosen = {size(root): SMALL[k % len(SMALL)] for k, root in enumerate(roots)}
    chosen.setdefault(size(SAMPLES), SMALL[0])
    equations = []
    for relation in system.relations:
        equation = equation_of(relation, system)
        equations.append(
            replace(
                equation,
                lhs=equation.lhs.xreplace(equal),
                rhs=equation.rhs.xreplace(equal),
                ranges={
                    i: replace(
                        each, first=each.first.xreplace(equal), last=each.last.xreplace(equal)
                    )
                    for i, each in equation.ranges.items()
                },
            )
        )
        for at, subscript in enumerate(equation.subscripts()):
            if not isinstance(subscript, sp.Symbol):
                chosen[size(same[system.tensors[relation.defines].sizes[at]])] = 1
    shapes = {name: [size(x) for x in labels] for name, labels in system.equal_sizes.items()}
    found = fitted(chosen, equations, shapes)
    return {label: found[size(same[label])] for label in system.sizes}


class Reader(Reading):
    """Values for the formulas of a document, and the derivatives between neighbouring tensors.

    seed: of the point. sizes: the number behind each size label. samples: m, unless the notation
    is that of one sample.
    """

    def __init__(self, context: Context, seed: int, sizes: Mapping[str, int], samples: int) -> None:
        """Raises NoPointError if nothing near the seed gives finite values."""
        system = replace(context.built.system, sizes=dict(sizes))
        twin = replace(context, derivation=Derivation(system, context.derivation.adjoints))
        one = context.is_of_one_sample
        super().__init__(twin, _point(twin, seed, 1 if one else samples))
        self.evaluator = Evaluator(system)
        self._slopes: dict[tuple[str, str, tuple[int, ...]], Array] = {}

    def define(self, name: str, value: Array) -> None:
        """Learn what a letter stands for that the document brings in itself."""
        self.defined[name] = value

    @cached_property
    def defined(self) -> dict[str, Array]:
        """What the document has brought in so far."""
        return {}

    @cached_property
    def _known(self) -> Mapping[str, Array]:
        return super().raw

    @property
    def raw(self) -> Mapping[str, Array]:
        return {**self._known, **self.defined}

    def local(self, node: Partial, at: Values) -> float:
        """The derivative of a tensor's equation in an element that it reads, by differences."""
        of, by = node.of, node.by
        assert isinstance(of, Symbol)
        assert isinstance(by, Symbol)
        place = self._stored(by, at)
        key = (of.name, by.name, place)
        if key not in self._slopes:
            self._slopes[key] = self._slope(*key)
        return float(self._slopes[key][self._stored(of, at)])

    def _slope(self, of: str, by: str, place: tuple[int, ...]) -> Array:
        def moved(steps: int) -> Array:
            array = np.array(self.worked.values[by], dtype=float)
            array[place] += steps * _STEP
            return self.evaluator.of(of, {**self.worked.values, by: array})

        near, far = moved(1) - moved(-1), moved(2) - moved(-2)
        return np.asarray((8 * near - far) / (12 * _STEP))

    def _stored(self, symbol: Symbol, at: Values) -> tuple[int, ...]:
        """The place of an element in the layout of the code, counted from 0."""
        numbers = [int(evaluate(each, at)) - 1 for each in symbol.subscripts]
        tensor = self.system.tensors[symbol.name]
        if not tensor.sizes or self._samples is Samples.ROWS:
            return tuple(numbers)
        if tensor.role is Role.PARAMETER:
            return tuple(numbers[::-1] if self._from_to else numbers)
        if self._samples is Samples.ONE:
            return (0, *numbers)
        return (numbers[-1], *numbers[:-1])

    def values(self, *, matrix: bool = False) -> Values:
        """What the symbols of a formula stand for. matrix: of one without indices."""
        found = super().values(matrix=matrix)

        def partial(node: Partial, at: Values) -> Any:
            is_of_cost = isinstance(node.of, Symbol) and node.of.name == self.context.cost.name
            if matrix or is_of_cost or isinstance(node.of, Apply):
                assert found.partials is not None
                return found.partials(node, at)
            return self.local(node, at)

        functions = dict(found.functions)
        for name, function in found.functions.items():
            functions.setdefault(slope_name(name, 0), _slope_of(function))
        return replace(found, partials=partial, functions=functions)


def _slope_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """The slope of a function in its first argument, by differences."""

    def slope(first: Any, *rest: Any) -> Any:
        def moved(steps: int) -> Any:
            return function(first + steps * _STEP, *rest)

        return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * _STEP)

    return slope


def _point(context: Context, seed: int, samples: int) -> Worked:
    """A network at a random point, with one step of gradient descent."""
    built = context.built
    evaluator = Evaluator(built.system)
    for number in range(seed, seed + _MOST_POINTS):
        given = {
            name: np.asarray(each, dtype=float)
            for name, each in seeded(built, number, samples, rounded=False).items()
        }
        with np.errstate(all="ignore"):
            forward = evaluator.forward(given)
            values = {**forward, **evaluator.adjoints(forward)}
        if not all(np.all(np.isfinite(each)) for each in values.values()):
            continue
        updated = {
            each.name: values[each.name] - RATE * values[each.adjoint]
            for each in built.system.of_role(Role.PARAMETER)
        }
        cost = float(forward[COST])
        return Worked(built, Numbers(given, samples), values, updated, cost, cost, 0)
    raise NoPointError


__all__ = ["NoPointError", "Reader", "small_sizes"]
