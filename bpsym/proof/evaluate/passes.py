"""A forward and a backward pass over a system with small sizes, element by element.

Forward, every relation is evaluated for every value of its indices; backward, every formula of the
derivation. Relations of one schema and adjoints of one formal derivation share their closures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Generic, TypeVar

import sympy as sp

from bpsym.calculus.delta import SAMPLE_COUNT, FormalAdjoint, size_symbol
from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.system import SAMPLES, Relation, Role, Schema, System, Tensor
from bpsym.calculus.terms.indexed import subscripts_of
from bpsym.proof.evaluate.compiled import Compiler
from bpsym.proof.evaluate.functions import Activations
from bpsym.proof.evaluate.indices import Indices, Subscripts, Whole
from bpsym.proof.values.algebra import Algebra, RedrawError, UndefinedError

V = TypeVar("V")

Table = dict[Subscripts, V]
Labels = Mapping[str, int]

GIVEN = (Role.INPUT, Role.TARGET, Role.PARAMETER)
# Several roots in one equation exist together for one point in 2, 4, 8, ...
MOST_ATTEMPTS = 4000
ATTEMPTS_BEFORE_MORE = 500


@dataclass(frozen=True)
class _Program(Generic[V]):
    """An equation ready to run: its sizes' slots, its loops, its places and its right side."""

    compiler: Compiler[V]
    ranges: tuple[tuple[int, Whole, Whole], ...]
    places: tuple[Whole, ...]
    value: Callable[[Indices], V]

    def run(self, sizes: Mapping[sp.Symbol, int]) -> Table[V]:
        """The table of all elements that the equation defines."""
        indices = self.compiler.indices(sizes)
        table: Table[V] = {}
        spans = [range(lo(indices), hi(indices) + 1) for _, lo, hi in self.ranges]
        slots = [slot for slot, _, _ in self.ranges]
        for chosen in product(*spans):
            for slot, value in zip(slots, chosen, strict=True):
                indices[slot] = value
            table[tuple([place(indices) for place in self.places])] = self.value(indices)
        return table


class Passes(Generic[V]):
    """Evaluates relations and adjoints of one system; ``tables`` holds all elements by tensor.

    sizes: the number behind each size label, the number of samples among them.
    """

    def __init__(self, system: System, sizes: Labels, algebra: Algebra[V]) -> None:
        self.system = system
        self.sizes = sizes
        self.algebra = algebra
        self.tables: dict[str, Table[V]] = {}
        self._bound: dict[str, Table[V]] = {}
        self._activations = Activations(algebra)
        self._schemas: dict[Schema, _Program[V]] = {}
        self._formals: dict[FormalAdjoint, _Program[V]] = {}

    def shape(self, tensor: str) -> tuple[int, ...]:
        """The sizes of a tensor."""
        return tuple(self.sizes[label] for label in self.system.tensors[tensor].sizes)

    def draw(self, tensors: Iterable[Tensor]) -> None:
        """Fill tensors with random values."""
        for tensor in tensors:
            spans = [range(1, length + 1) for length in self.shape(tensor.name)]
            table: Table[V] = {}
            for place in product(*spans):
                table[place] = self.algebra.draw()
                if tensor.sums_to_one and place[-1] == len(spans[-1]):
                    others = self.algebra.total([table[*place[:-1], k] for k in spans[-1][:-1]])
                    table[place] = self.algebra.difference(self.algebra.one, others)
            self.tables[tensor.name] = table

    def forward(self, draw: Callable[[Iterable[Tensor]], None] | None = None) -> None:
        """Draw what is given and evaluate every relation, in order.

        Where a root does not exist in the field, or a formula has no value, the parameters and
        inputs that were read last are drawn again, and more of them the longer it takes: with
        other roots, which is luck, or soon in another branch, which has a value.
        draw: how tensors are drawn, by default at random.
        """
        draw = draw or self.draw
        relations = self.system.relations
        first_read = self._first_read()
        draw(self.system.of_role(*GIVEN))
        attempts = [0] * len(relations)
        at = 0
        while at < len(relations):
            try:
                self.evaluate(relations[at])
                at += 1
            except (RedrawError, UndefinedError) as reason:
                attempts[at] += 1
                if attempts[at] > MOST_ATTEMPTS:
                    raise
                patience = ATTEMPTS_BEFORE_MORE
                if isinstance(reason, UndefinedError):
                    patience = 1
                    self.algebra.vary()
                behind = [place for place in first_read if place <= at]
                start = behind[max(0, len(behind) - 1 - attempts[at] // patience)]
                again = [each for place in behind if place >= start for each in first_read[place]]
                draw(again)
                at = start

    def evaluate_all(self) -> None:
        """Evaluate every relation once more, with what was drawn."""
        for relation in self.system.relations:
            self.evaluate(relation)

    def _first_read(self) -> dict[int, list[Tensor]]:
        """The given tensors by the number of the relation that is the first to read them."""
        seen: set[str] = set()
        found: dict[int, list[Tensor]] = {}
        for number, relation in enumerate(self.system.relations):
            for name in relation.reads:
                tensor = self.system.tensors[name]
                if name not in seen and tensor.role in GIVEN:
                    seen.add(name)
                    found.setdefault(number, []).append(tensor)
        return found

    def evaluate(self, relation: Relation) -> None:
        """Evaluate one relation; blocks of one tensor go into one table."""
        program = self._schemas.get(relation.schema)
        if program is None:
            program = self._schemas[relation.schema] = self._schema(relation.schema)
        formal = relation.formal()
        self._bound.clear()
        for name, actual in formal.items():
            if actual in self.tables:
                self._bound[name] = self.tables[actual]
        sizes = {
            symbol: self.shape(formal[name])[at]
            for symbol, (name, at) in relation.schema.size_of.items()
        }
        sizes[SAMPLE_COUNT] = self.sizes[SAMPLES]
        table = program.run(sizes)
        known = self.tables.get(relation.defines)
        self.tables[relation.defines] = table if known is None else {**known, **table}

    def cost(self) -> V:
        """The cost: the weighted sum of the losses."""
        number, times = self.algebra.number, self.algebra.product
        return self.algebra.total(
            [
                times((number(sp.Rational(weight)), self.tables[name][()]))
                for name, weight in self.system.objective
            ]
        )

    def backward(self, adjoints: Iterable[Adjoint]) -> dict[str, Table[V]]:
        """The tables of all adjoints, by the name of the adjoint.

        Raises LookupError if a formula reads an element that is not there.
        """
        found: dict[str, Table[V]] = {}
        for adjoint in adjoints:
            program = self._formals.get(adjoint.formal)
            if program is None:
                program = self._formals[adjoint.formal] = self._formal(adjoint.formal)
            self._bound.clear()
            for number, (tensor, name) in enumerate(
                zip(adjoint.tensors, adjoint.adjoint_names, strict=True)
            ):
                self._bound[f"t{number}"] = self.tables.get(tensor, {})
                self._bound[f"d{number}"] = found.get(name, {})
            sizes = {_numbered(k): self.sizes[label] for k, label in enumerate(adjoint.sizes)}
            sizes[SAMPLE_COUNT] = self.sizes[SAMPLES]
            for k, length in enumerate(self.shape(adjoint.tensor)):
                sizes[_length(k)] = length
            try:
                found[adjoint.name] = program.run(sizes)
            except KeyError as place:
                raise LookupError(f"{adjoint.name} reads {place}") from None
        return found

    def _compiler(self) -> Compiler[V]:
        bound = self._bound
        return Compiler(self.algebra, lambda name, place: bound[name][place], self._activations)

    def _schema(self, schema: Schema) -> _Program[V]:
        equation = schema.equation
        compiler = self._compiler()
        ranges = tuple(
            (compiler.slot(i), compiler.whole(each.first), compiler.whole(each.last))
            for i, each in equation.ranges.items()
        )
        places = tuple(compiler.whole(each) for each in subscripts_of(equation.lhs))
        return _Program(compiler, ranges, places, compiler.value(equation.rhs))

    def _formal(self, formal: FormalAdjoint) -> _Program[V]:
        compiler = self._compiler()
        one = compiler.whole(sp.S.One)
        ranges = tuple(
            (compiler.slot(i), one, compiler.whole(_length(k))) for k, i in enumerate(formal.free)
        )
        places = tuple(compiler.whole(i) for i in formal.free)
        return _Program(compiler, ranges, places, compiler.value(formal.result))


_numbered = cache(size_symbol)


@cache
def _length(dimension: int) -> sp.Symbol:
    """The size of a dimension of the tensor whose adjoint is computed."""
    return sp.Symbol(f"length {dimension}", integer=True, positive=True)
