"""One point of evaluation: the value of every element, computed or drawn when it is first read.

A tensor with an equation is computed from it; targets whose rows are assumed to sum to one are
drawn so that they do; everything else is drawn at random. Reading outside of a tensor is an error:
that is how a lost guard shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import sympy as sp

from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.terms.indexed import subscripts_of
from bpsym.proof.evaluate.compiled import Compiler
from bpsym.proof.evaluate.functions import Activations
from bpsym.proof.evaluate.indices import Indices, Subscripts, Whole
from bpsym.proof.values.algebra import Algebra

V = TypeVar("V")

# For each dimension its index and the range of it; a range may depend on the indices before it.
Domain = Sequence[tuple[sp.Symbol, Range]]


class NoElementError(LookupError):
    """A formula reads an element that its tensor does not have, or that is defined by itself."""


@dataclass(frozen=True)
class _Place:
    """One subscript of a left side: ``factor * index + offset``; no index for a constant one."""

    slot: int | None
    factor: int
    offset: Whole


@dataclass(frozen=True)
class _Definition(Generic[V]):
    places: tuple[_Place, ...]
    ranges: tuple[tuple[int, Whole, Whole], ...]
    value: Callable[[Indices], V]

    def match(self, subscripts: Subscripts, indices: Indices) -> bool:
        """Whether the equation defines the element; its indices are then set."""
        for place, subscript in zip(self.places, subscripts, strict=True):
            rest = subscript - place.offset(indices)
            if place.slot is None:
                if rest:
                    return False
            elif rest % place.factor:
                return False
            else:
                indices[place.slot] = rest // place.factor
        return all(lo(indices) <= indices[slot] <= hi(indices) for slot, lo, hi in self.ranges)


class Point(Generic[V]):
    """Evaluates formulas between tensors.

    domains: the range of each tensor's indices; a tensor without one is not checked.
    whole: the values of integer functions in ranges, such as the width n(l) of a layer.
    """

    def __init__(
        self,
        algebra: Algebra[V],
        equations: Iterable[Equation] = (),
        domains: Mapping[str, Domain] | None = None,
        sum_to_one: Iterable[str] = (),
        whole: Callable[[str, Subscripts], int] | None = None,
    ) -> None:
        self.algebra = algebra
        self.compiler = Compiler(algebra, self.read, Activations(algebra), whole)
        self.sum_to_one = frozenset(sum_to_one)
        self.sizes: Mapping[sp.Symbol, int] = {}
        self.tables: dict[str, dict[Subscripts, V]] = {}
        self._indices: Indices = []
        self._pending: set[tuple[str, Subscripts]] = set()
        self._equations: dict[str, list[Equation]] = {}
        for equation in equations:
            self._equations.setdefault(equation.tensor, []).append(equation)
        self._definitions: dict[str, list[_Definition[V]]] = {}
        self._domains = dict(domains or {})
        self._limits: dict[str, list[tuple[int, Whole, Whole]]] = {}

    def restart(self, sizes: Mapping[sp.Symbol, int]) -> None:
        """Forget all values; the algebra is restarted by itself."""
        self.sizes = sizes
        self.tables = {}
        self._indices = []

    def evaluate(self, closure: Callable[[Indices], V], free: Mapping[sp.Symbol, int]) -> V:
        """The value of a compiled formula at these indices."""
        return closure(self.compiler.indices({**self.sizes, **free}))

    def read(self, name: str, subscripts: Subscripts) -> V:
        """The value of an element."""
        table = self.tables.setdefault(name, {})
        value = table.get(subscripts)
        if value is None:
            if (name, subscripts) in self._pending:
                raise NoElementError(f"{name}{list(subscripts)} is defined by itself")
            self._pending.add((name, subscripts))
            try:
                value = table[subscripts] = self._make(name, subscripts)
            finally:
                self._pending.discard((name, subscripts))
        return value

    def grid(self, domain: Domain) -> list[Subscripts]:
        """All values of the indices of a domain, at the sizes of this point."""
        limits = self._compiled(domain)
        found: list[tuple[Subscripts, Indices]] = [((), self._blank())]
        for slot, first, last in limits:
            grown = []
            for subscripts, indices in found:
                for value in range(first(indices), last(indices) + 1):
                    following = list(indices)
                    following[slot] = value
                    grown.append(((*subscripts, value), following))
            found = grown
        return [subscripts for subscripts, _ in found]

    def _blank(self) -> Indices:
        if len(self._indices) != self.compiler.width:
            self._indices = self.compiler.indices(self.sizes)
        return list(self._indices)

    def _make(self, name: str, subscripts: Subscripts) -> V:
        limits = self._limits_of(name)
        indices = self._blank()
        for (slot, first, last), value in zip(limits, subscripts, strict=False):
            if not first(indices) <= value <= last(indices):
                raise NoElementError(f"{name}{list(subscripts)} is outside of its range")
            indices[slot] = value
        for definition in self._definitions_of(name):
            indices = self._blank()
            if definition.match(subscripts, indices):
                return definition.value(indices)
        if name in self.sum_to_one and limits:
            return self._draw_row(name, subscripts)
        return self.algebra.draw()

    def _draw_row(self, name: str, subscripts: Subscripts) -> V:
        """A row that sums to one: the last element is what the others leave."""
        _, first, last = self._limits_of(name)[-1]
        indices = self._blank()
        row, table = subscripts[:-1], self.tables[name]
        positions = range(first(indices), last(indices) + 1)
        for k in positions[:-1]:
            table[*row, k] = self.algebra.draw()
        others = [table[*row, k] for k in positions[:-1]]
        table[*row, positions[-1]] = self.algebra.difference(
            self.algebra.one, self.algebra.total(others)
        )
        return table[subscripts]

    def _limits_of(self, name: str) -> list[tuple[int, Whole, Whole]]:
        found = self._limits.get(name)
        if found is None:
            found = self._limits[name] = self._compiled(self._domains.get(name, ()))
        return found

    def _compiled(self, domain: Domain) -> list[tuple[int, Whole, Whole]]:
        slot, whole = self.compiler.slot, self.compiler.whole
        return [(slot(i), whole(values.first), whole(values.last)) for i, values in domain]

    def _definitions_of(self, name: str) -> list[_Definition[V]]:
        found = self._definitions.get(name)
        if found is None:
            found = [self._compile(each) for each in self._equations.get(name, ())]
            self._definitions[name] = found
        return found

    def _compile(self, equation: Equation) -> _Definition[V]:
        """Slots are shared between equations: no equation runs while another sets its indices."""
        places = []
        for subscript in subscripts_of(equation.lhs):
            indices = [i for i in equation.ranges if subscript.has(i)]
            if len(indices) > 1:
                raise NotImplementedError(f"two indices in one subscript of {equation.lhs}")
            factor = subscript.coeff(indices[0]) if indices else sp.S.Zero
            offset = sp.expand(subscript - factor * indices[0]) if indices else subscript
            slot = self.compiler.slot(indices[0]) if indices else None
            places.append(_Place(slot, int(factor), self.compiler.whole(offset)))
        ranges = tuple(
            (
                self.compiler.slot(i),
                self.compiler.whole(each.first),
                self.compiler.whole(each.last),
            )
            for i, each in equation.ranges.items()
        )
        return _Definition(tuple(places), ranges, self.compiler.value(equation.rhs))


def upto(shapes: Mapping[str, Sequence[sp.Symbol]]) -> dict[str, Domain]:
    """The domains of tensors whose indices run from 1 to a size."""
    return {
        name: tuple(
            (sp.Dummy(f"{name} {k}", integer=True), Range.upto(size))
            for k, size in enumerate(sizes)
        )
        for name, sizes in shapes.items()
    }
