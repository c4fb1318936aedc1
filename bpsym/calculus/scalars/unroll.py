"""A system with its sizes filled in: one scalar, with a name and a right side, for every element.

    a1[n,i] = sigmoid(z1[n,i])   becomes   a1[1] = sigmoid(z1[1]),  a1[2] = sigmoid(z1[2]),  ...

With one sample its number is left out of every name; with more it stays, ``a1[2,1]``. A scalar is
a symbol of that very name, so the whole of sympy can be used on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.system import SAMPLES, Relation, Role, System
from bpsym.calculus.terms.from_text import rational
from bpsym.calculus.terms.indexed import name_of, scalar, size, subscripts_of

Place = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Row:
    """One scalar equation, ``symbol = rhs``; activations in it are names, ``sigmoid(z1[2])``."""

    symbol: sp.Symbol
    tensor: str
    subscripts: tuple[int, ...]
    rhs: sp.Expr
    relation: Relation

    @property
    def equation(self) -> Equation:
        """The row as an equation without indices."""
        return Equation(self.symbol, self.rhs, {})


class Unrolled:
    """A system as scalar equations for a number of samples."""

    def __init__(self, system: System, samples: int) -> None:
        self.system = system
        self.samples = samples
        self._sizes: dict[sp.Basic, sp.Basic] = {
            size(label): sp.Integer(number) for label, number in system.sizes.items()
        }
        self._sizes[size(SAMPLES)] = sp.Integer(samples)
        self._labels: dict[str, tuple[str, ...]] = {}
        for each in system.tensors.values():
            self._labels[each.name] = self._labels[each.adjoint] = each.sizes

    def symbol(self, name: str, subscripts: tuple[int, ...]) -> sp.Symbol:
        """The scalar of an element of a tensor or an adjoint; ``subscripts`` has the sample."""
        if self.samples == 1:
            labels = self._labels[name]
            kept = zip(subscripts, labels, strict=True)
            subscripts = tuple(value for value, label in kept if label != SAMPLES)
        if not subscripts:
            return scalar(name)
        return scalar(f"{name}[{','.join(map(str, subscripts))}]")

    def shape(self, tensor: str) -> tuple[int, ...]:
        """The sizes of a tensor."""
        return tuple(
            self.samples if label == SAMPLES else self.system.sizes[label]
            for label in self.system.tensors[tensor].sizes
        )

    def places(self, tensor: str) -> Iterator[tuple[int, ...]]:
        """The subscripts of every element of a tensor."""
        return product(*(range(1, length + 1) for length in self.shape(tensor)))

    def elements(self, *roles: Role) -> Mapping[sp.Symbol, Place]:
        """Every scalar of the tensors of these roles, in order."""
        return {
            self.symbol(tensor.name, place): (tensor.name, place)
            for tensor in self.system.of_role(*roles)
            for place in self.places(tensor.name)
        }

    def write_out(self, expr: sp.Expr, values: Mapping[sp.Basic, int] | None = None) -> sp.Expr:
        """An index expression as scalars: sums term by term, indices as in ``values``."""
        known = {i: sp.Integer(value) for i, value in (values or {}).items()}
        return self._write(expr, {**self._sizes, **known})

    def _write(self, node: sp.Basic, known: Mapping[sp.Basic, sp.Basic]) -> sp.Basic:
        if isinstance(node, sp.Sum):
            return self._sum(node.function, list(reversed(node.limits)), known)
        if isinstance(node, sp.Indexed):
            place = tuple(int(each.xreplace(known)) for each in subscripts_of(node))
            return self.symbol(name_of(node), place)
        if not node.args:
            return known.get(node, node)
        return node.func(*(self._write(child, known) for child in node.args))

    def _sum(
        self,
        body: sp.Expr,
        limits: list[tuple[sp.Symbol, sp.Expr, sp.Expr]],
        known: Mapping[sp.Basic, sp.Basic],
    ) -> sp.Expr:
        """The sum over the first of the limits, which is the outermost, and so on inwards."""
        if not limits:
            return self._write(body, known)
        (bound, first, last), *inner = limits
        values = range(int(first.xreplace(known)), int(last.xreplace(known)) + 1)
        return sp.Add(
            *(self._sum(body, inner, {**known, bound: sp.Integer(value)}) for value in values)
        )

    def target_rows(self, *, sum_to_one: bool) -> Iterator[tuple[sp.Symbol, ...]]:
        """The elements of each row of those targets that are assumed to sum to one, or are not."""
        for tensor in self.system.of_role(Role.TARGET):
            if tensor.sums_to_one == sum_to_one and tensor.sizes:
                *outer, last = (range(1, length + 1) for length in self.shape(tensor.name))
                for place in product(*outer):
                    yield tuple(self.symbol(tensor.name, (*place, k)) for k in last)

    @cached_property
    def rows(self) -> Mapping[sp.Symbol, Row]:
        """Every scalar equation by the symbol that it defines, in an order of evaluation."""
        return {
            row.symbol: row for relation in self.system.relations for row in self._rows(relation)
        }

    def _rows(self, relation: Relation) -> Iterator[Row]:
        equation = self._equation(relation)
        indices = list(equation.ranges)
        spans = [
            range(int(each.first.xreplace(self._sizes)), int(each.last.xreplace(self._sizes)) + 1)
            for each in equation.ranges.values()
        ]
        for chosen in product(*spans):
            values: dict[sp.Basic, int] = dict(zip(indices, chosen, strict=True))
            place = tuple(int(each.xreplace(values)) for each in equation.subscripts())
            symbol = self.symbol(relation.defines, place)
            yield Row(
                symbol, relation.defines, place, self.write_out(equation.rhs, values), relation
            )

    def _equation(self, relation: Relation) -> Equation:
        formal = relation.formal()
        sizes = {
            symbol: sp.Integer(self.shape(formal[name])[at])
            for symbol, (name, at) in relation.schema.size_of.items()
        }
        return relation.schema.instance(formal, sizes)

    @cached_property
    def cost(self) -> sp.Expr:
        """The cost in the scalars of the losses."""
        return sp.Add(*(rational(weight) * scalar(name) for name, weight in self.system.objective))
