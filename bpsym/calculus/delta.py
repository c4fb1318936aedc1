"""From a pattern to its derivation: the rule, the substitutions, the rewrites to delta form.

The result holds for every tensor with that pattern. Tensors in it are called ``t0, t1, ...``, their
adjoints ``d0, d1, ...``, sizes ``s0, s1, ...``; ``t0`` is the tensor whose adjoint is derived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import cycle

import sympy as sp

from bpsym.calculus.adjoint import pull_back
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.pattern import Key, Pattern, Reading, Shape
from bpsym.calculus.rewrites import REWRITES, Context
from bpsym.calculus.system import SAMPLES, Schema
from bpsym.calculus.terms.from_text import rational
from bpsym.calculus.terms.indexed import (
    base,
    element,
    index,
    name_of,
    places,
    scalar,
    size,
    subscripts_of,
    tensors_in,
)


@dataclass(frozen=True)
class Step:
    """One equality of a derivation, ``left = right`` for all values of ``free``.

    rule: the name of the rule or rewrite. of: the number of the tensor whose adjoint is rewritten.
    """

    rule: str
    of: int
    left: sp.Expr
    right: sp.Expr
    free: tuple[sp.Symbol, ...]


@dataclass(frozen=True, eq=False)
class FormalAdjoint:
    """The derivation of one adjoint in numbered names.

    free: one index per dimension of ``t0``; result: the adjoint of ``t0`` at those indices.
    substituted: the adjoints that were substituted, as (number, free indices, expression).
    forward: the forward equations among the numbered tensors. samples: the number of the size m.
    """

    shapes: tuple[Shape, ...]
    free: tuple[sp.Symbol, ...]
    steps: tuple[Step, ...]
    result: sp.Expr
    forward: tuple[Equation, ...]
    substituted: tuple[tuple[int, tuple[sp.Symbol, ...], sp.Expr], ...]
    samples: int | None = None

    @property
    def reads(self) -> frozenset[str]:
        """The names of tensors and adjoints in the result."""
        return frozenset(tensors_in(self.result))


def size_symbol(number: int) -> sp.Symbol:
    """The symbol of a numbered size."""
    return size(f"s{number}")


SAMPLE_COUNT = size(SAMPLES)


@lru_cache(maxsize=4096)
def derive_pattern(key: Key, samples: int | None) -> FormalAdjoint:
    """Derive the adjoint of ``t0``.

    samples: the number of the size that is the number of samples, which keeps its name m.
    """
    return _Derivation(key, samples).run()


def numbered_equation(
    schema: Schema, numbers: tuple[int, ...], shapes: tuple[Shape, ...], samples: int | None
) -> Equation:
    """The equation of a schema between numbered tensors."""
    number_of = dict(zip(schema.tensors, numbers, strict=True))
    sizes = [
        shapes[number_of[tensor]].sizes[position] for tensor, position in schema.size_of.values()
    ]
    labels = (SAMPLE_COUNT if number == samples else size_symbol(number) for number in sizes)
    return _numbered(schema, numbers, tuple(labels))


@lru_cache(maxsize=4096)
def _numbered(schema: Schema, numbers: tuple[int, ...], sizes: tuple[sp.Symbol, ...]) -> Equation:
    names = {name: f"t{number}" for name, number in zip(schema.tensors, numbers, strict=True)}
    return schema.instance(names, dict(zip(schema.size_of, sizes, strict=True)))


class _Derivation:
    """The state of one derivation: its steps so far and what was substituted."""

    def __init__(self, key: Key, samples: int | None) -> None:
        self.key = key
        self.samples = samples
        self.steps: list[Step] = []
        self.substituted: list[tuple[int, tuple[sp.Symbol, ...], sp.Expr]] = []
        self.forward = tuple(self._instance(schema, numbers) for schema, numbers in key.definitions)

    def run(self) -> FormalAdjoint:
        pattern = self.key.pattern
        free, expr = self._adjoint(pattern)
        context = Context(
            outputs={
                (name_of(equation.rhs.args[0]), schema.activation): equation
                for (schema, _), equation in zip(self.key.definitions, self.forward, strict=True)
                if schema.activation is not None
            },
            forward=[
                equation
                for (schema, _), equation in zip(self.key.definitions, self.forward, strict=True)
                if schema.activation is None and isinstance(equation.lhs, sp.Indexed)
            ],
            sum_to_one=frozenset(
                f"t{number}" for number, shape in enumerate(self.key.shapes) if shape.sums_to_one
            ),
        )
        unchanged = 0  # by so many rewrites in a row; after all of them nothing is left to do
        for rewrite in cycle(REWRITES):
            rewritten = rewrite.apply(expr, context)
            unchanged += 1
            if rewritten != expr:
                self.steps.append(Step(rewrite.name, pattern.tensor, expr, rewritten, free))
                expr, unchanged = rewritten, 0
            if unchanged == len(REWRITES):
                break
        return FormalAdjoint(
            self.key.shapes,
            free,
            tuple(self.steps),
            expr,
            self.forward,
            tuple(self.substituted),
            self.samples,
        )

    def _instance(self, schema: Schema, numbers: tuple[int, ...]) -> Equation:
        return numbered_equation(schema, numbers, self.key.shapes, self.samples)

    def _size(self, number: int) -> sp.Symbol:
        return SAMPLE_COUNT if number == self.samples else size_symbol(number)

    def _adjoint(self, pattern: Pattern) -> tuple[tuple[sp.Symbol, ...], sp.Expr]:
        """Apply the rule to all readers of a tensor, then substitute what has no name."""
        shape = self.key.shapes[pattern.tensor]
        free = _free_indices(shape, pattern.tensor)
        ranges = [Range.upto(self._size(number)) for number in shape.sizes]
        stated: list[sp.Expr] = []
        solved: list[sp.Expr] = []
        for reading in pattern.readings:
            equation = self._instance(reading.schema, reading.tensors)
            upstream = _upstream(reading, equation)
            for each in pull_back(equation, upstream, f"t{pattern.tensor}", free, ranges):
                stated.append(each.stated)
                solved.append(each.solved)
        expr = sp.Add(*solved)
        self.steps.append(Step("adjoint rule", pattern.tensor, sp.Add(*stated), expr, free))
        for reading in pattern.readings:
            if isinstance(reading.upstream, Pattern):
                expr = self._substitute(expr, reading.upstream, pattern.tensor, free)
        return free, expr

    def _substitute(
        self, expr: sp.Expr, upstream: Pattern, of: int, free: tuple[sp.Symbol, ...]
    ) -> sp.Expr:
        if any(number == upstream.tensor for number, _, _ in self.substituted):
            _, its_free, value = next(s for s in self.substituted if s[0] == upstream.tensor)
        else:
            its_free, value = self._adjoint(upstream)
            self.substituted.append((upstream.tensor, its_free, value))
        name = f"d{upstream.tensor}"
        replacement = {
            node: value.xreplace(dict(zip(its_free, subscripts_of(node), strict=True)))
            for node in places(expr, name)
        }
        result = expr.xreplace(replacement)
        self.steps.append(Step("substitute the adjoint", of, expr, result, free))
        return result


def _upstream(reading: Reading, equation: Equation) -> sp.Expr:
    if isinstance(reading.upstream, Fraction):
        return rational(reading.upstream)
    return element(f"d{reading.tensors[0]}", *equation.subscripts())


def _free_indices(shape: Shape, number: int) -> tuple[sp.Symbol, ...]:
    """Index symbols of their own for each derived tensor: nothing can be captured."""
    return tuple(index(f"{letter}.{number}") for letter in shape.axes)


def rename(
    expr: sp.Expr,
    names: Mapping[str, str],
    sizes: Mapping[sp.Symbol, sp.Expr],
) -> sp.Expr:
    """Put actual names for numbered ones, in one pass."""
    replacement: dict[sp.Basic, sp.Basic] = dict(sizes)
    for formal, actual in names.items():
        replacement[base(formal)] = base(actual)
        replacement[scalar(formal)] = scalar(actual)
    return expr.xreplace(replacement)
