"""Lowering in numbered names: done once for each pattern and layout, then renamed.

``t0, t1, ...`` are tensors, ``d0, d1, ...`` their adjoints, ``s0, s1, ...`` sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import sympy as sp

from bpsym.arrays.activations import TOKEN, Helpers
from bpsym.arrays.layout import LAYOUTS, Layout
from bpsym.arrays.logarithms import of_logits
from bpsym.arrays.lower import Lowering
from bpsym.arrays.nodes import Axes, Constant, Elementwise, Node, Read, Window, rebuild
from bpsym.arrays.softmax_poles import without_poles
from bpsym.arrays.storage import Storage
from bpsym.calculus.delta import FormalAdjoint, numbered_equation
from bpsym.calculus.equations import Equation
from bpsym.calculus.pattern import Numbering, Shape
from bpsym.calculus.rewrites import Context, pull_out_of_sums
from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import SAMPLES, Relation, Role, Schema, System
from bpsym.calculus.terms.indexed import name_of
from bpsym.calculus.terms.letters import with_letters

RANKS = {
    Role.PARAMETER: 1,
    Role.HIDDEN: 2,
    Role.INPUT: 2,
    Role.LOSS: 2,
    Role.TARGET: 4,
}
NOTHING = Context({}, ())
_THE_TENSOR = "t0"  # whose adjoint it is, and which has the shape of it

Ranks = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Lowered:
    """An equation and its array operations, both in numbered names.

    letters, expression: ``left[letters] = expression``. ranks: what decides the order of factors.
    """

    node: Node
    letters: tuple[str, ...]
    expression: sp.Expr
    ranks: Ranks


class RelationKey(NamedTuple):
    """What lowering a relation depends on; ``definitions`` define what it reads."""

    schema: Schema
    numbers: tuple[int, ...]
    shapes: tuple[Shape, ...]
    samples: int | None
    definitions: tuple[tuple[Schema, tuple[int, ...]], ...] = ()


def key_of(
    system: System, relation: Relation, *, definitions: bool = False
) -> tuple[RelationKey, tuple[str, ...], tuple[str, ...]]:
    """The key of a relation, with the actual tensors and size labels by number."""
    numbering = Numbering(system)
    numbers = numbering.relation(relation)
    defining = [
        each
        for name in relation.reads
        if definitions and len(system.definitions.get(name, ())) == 1
        for each in system.definitions[name]
    ]
    known = tuple((each.schema, numbering.relation(each)) for each in defining)
    shapes = numbering.shapes()
    labels = tuple(numbering.sizes)
    samples = labels.index(SAMPLES) if SAMPLES in labels else None
    key = RelationKey(relation.schema, numbers, shapes, samples, known)
    return key, tuple(numbering.tensors), labels


@lru_cache(maxsize=4096)
def lower_relation(key: RelationKey, layout: str, *, partly: bool) -> Lowered:
    """Lower a forward equation.

    partly: the equation fills one block of its tensor, and the node is that block.
    """
    equation = numbered_equation(key.schema, key.numbers, key.shapes, key.samples)
    expression = pull_out_of_sums(equation.rhs, NOTHING)
    stable = _positive_sums(pull_out_of_sums(of_logits(expression, _sources(key)), NOTHING))
    letters = tuple(
        next(s.name for s in part.free_symbols if not s.is_positive)
        for part in equation.subscripts()
    )
    place = key.numbers[0]
    labels = _labels(key.shapes[place], key.samples)
    if partly:
        labels = tuple(
            SAMPLES if each.last == _SAMPLE_COUNT else str(each.last)
            for each in equation.ranges.values()
        )
    node = _lower(stable, letters, labels, key.shapes, key.samples, {}, LAYOUTS[layout])
    return Lowered(node, letters, expression, _ranks(key.shapes))


def _positive_sums(expr: sp.Expr) -> sp.Expr:
    """``-sum(-u - v)`` is written ``sum(u + v)``."""
    total, sign = expr, sp.Integer(1)
    factors = sp.Mul.make_args(expr)
    for each in factors:
        if isinstance(each, sp.Sum) and isinstance(each.function, sp.Add):
            flipped = [-term for term in each.function.args]
            if all(not term.could_extract_minus_sign() for term in flipped):
                total = expr.xreplace({each: sp.Sum(sp.Add(*flipped), *each.limits)})
                sign = sp.Integer(-1)
    return sign * total


def _sources(key: RelationKey) -> Mapping[str, tuple[sp.Expr, sp.Expr]]:
    equations: list[Equation] = [
        numbered_equation(schema, numbers, key.shapes, key.samples)
        for schema, numbers in key.definitions
    ]
    return {each.tensor: (each.lhs, each.rhs) for each in equations}


@lru_cache(maxsize=4096)
def lower_adjoint(formal: FormalAdjoint, layout: str) -> Lowered:
    """Lower the formula of an adjoint."""
    expression, letters = with_letters(numbers_out_of_cases(formal.result), formal.free)
    labels = _labels(formal.shapes[0], formal.samples)
    outputs = {
        (name_of(equation.rhs.args[0]), equation.rhs.activation): equation.tensor
        for equation in formal.forward
        if hasattr(equation.rhs, "activation")
    }
    sources = _sources_of_rows(formal)
    stable = pull_out_of_sums(without_poles(expression, sources), NOTHING)
    node = _lower(
        pull_out_of_sums(of_logits(stable, sources), NOTHING),
        letters,
        labels,
        formal.shapes,
        formal.samples,
        outputs,
        LAYOUTS[layout],
        like=_THE_TENSOR,
    )
    return Lowered(node, letters, expression, _ranks(formal.shapes))


def _sources_of_rows(formal: FormalAdjoint) -> Mapping[str, tuple[sp.Expr, sp.Expr]]:
    """What defines the tensors that are read, if they have a row for each sample."""
    return {
        each.tensor: (each.lhs, each.rhs)
        for each in formal.forward
        if isinstance(each.lhs, sp.Indexed)
        and len(each.lhs.indices) == 2
        and all(isinstance(part, sp.Symbol) for part in each.lhs.indices)
        and _labels(formal.shapes[int(each.tensor[1:])], formal.samples)[0] == SAMPLES
    }


def _lower(
    expression: sp.Expr,
    letters: tuple[str, ...],
    labels: tuple[str, ...],
    shapes: tuple[Shape, ...],
    samples: int | None,
    outputs: Mapping[tuple[str, Activation], str],
    layout: Layout,
    like: str | None = None,
) -> Node:
    tensors = {}
    for number, shape in enumerate(shapes):
        tensors[f"t{number}"] = tensors[f"d{number}"] = _labels(shape, samples)
    storage = Storage(layout, tensors, {}, dict(_ranks(shapes)), outputs)
    sample = {a for a, label in zip(letters, labels, strict=True) if label == SAMPLES}
    lowering = Lowering(storage, frozenset(sample), dict(zip(letters, labels, strict=True)))
    target: Axes = layout.store(letters, next(iter(sample), None))
    return lowering.to_storage(expression, target, None if like is None else Read(like, target))


def numbers_out_of_cases(expr: sp.Expr) -> sp.Expr:
    """``-1 where the test holds, else 0`` is written minus the mask of the test."""

    def is_scaled_mask(node: sp.Basic) -> bool:
        if not isinstance(node, sp.Piecewise) or len(node.args) != 2:
            return False
        (first, _), (second, _) = node.args
        return bool(first.is_number and first != 1 and second == 0)

    def split(node: sp.Piecewise) -> sp.Expr:
        (first, test), _ = node.args
        return first * sp.Piecewise((1, test), (0, True))

    return expr.replace(is_scaled_mask, split)


def _labels(shape: Shape, samples: int | None) -> tuple[str, ...]:
    return tuple(SAMPLES if number == samples else f"s{number}" for number in shape.sizes)


def _ranks(shapes: tuple[Shape, ...]) -> Ranks:
    tensors = ((f"t{number}", RANKS[shape.role]) for number, shape in enumerate(shapes))
    return (*tensors, *((f"d{number}", 0) for number in range(len(shapes))))


_SAMPLE_COUNT = sp.Symbol(SAMPLES, integer=True, positive=True)


def renamed(
    node: Node, names: Mapping[str, str], sizes: Mapping[str, str], helpers: Helpers
) -> Node:
    """A node in the names of a network: tensors, sizes, helper functions."""

    def change(each: Node) -> Node:
        if isinstance(each, Read):
            return Read(names[each.name], each.axes)
        if isinstance(each, Constant):
            known = sizes.get(each.value) if isinstance(each.value, str) else None
            return each if known is None else Constant(known)
        if isinstance(each, Elementwise) and each.operator.startswith(TOKEN):
            return Elementwise(helpers.name(each.operator), each.arguments, each.axes)
        if isinstance(each, Window):
            return replace(
                each,
                start=tuple(sizes.get(label, label) for label in each.start),
                stop=tuple(sizes.get(label, label) for label in each.stop),
            )
        return each

    return rebuild(node, change)


def lower_side(
    formal: FormalAdjoint, expr: sp.Expr, layout: str, slopes: Mapping[sp.Expr, sp.Expr]
) -> Node:
    """Lower a form that an adjoint has on the way, in numbered names.

    slopes: what to put for the derivatives of activations, so that they are not written out.
    """
    expression, letters = with_letters(numbers_out_of_cases(expr).xreplace(slopes), formal.free)
    labels = _labels(formal.shapes[0], formal.samples)
    return _lower(expression, letters, labels, formal.shapes, formal.samples, {}, LAYOUTS[layout])
