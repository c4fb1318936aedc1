"""Where the vectors of a user's equation start: at 0, at 1 where 0 will not do, or at random.

A bias starts at 0. A vector that divides has a pole there, and one that is squared, or multiplies
another that is 0 too, has a derivative of 0: it would never leave. Which of these a vector is, is
found by evaluating the equation and its derivative, not by its looks. Where a sum runs over
elements of vectors and of nothing else, as over the centres of radial functions, elements that
start alike stay alike: these are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product

import sympy as sp

from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import Schema
from bpsym.calculus.terms.indexed import name_of
from bpsym.network.build.existence import sizes_in
from bpsym.proof.evaluate.functions import Program, value_program
from bpsym.proof.evaluate.point import NoElementError, Point
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.dual import Dual, DualNumbers
from bpsym.proof.values.field import Field

# Every index runs to this; so many random points, on which case distinctions come out both ways.
SIZE = 3
POINTS = 12


@lru_cache(maxsize=256)
def vector_starts(
    schemas: tuple[Schema, ...], vectors: tuple[str, ...], activation: Activation | None = None
) -> Mapping[str, int | None]:
    """0 or 1 for each of the vectors, with as few ones as there can be; None: at random.

    activation: what follows the equations; a relu lets nothing through at 0.

    The equations have a value there and every vector moves: its derivative is not 0 at the start,
    or is not once those vectors have moved that do. 0 for all where nothing of the kind is found.
    """
    drawn = dict.fromkeys(_interchangeable(schemas, vectors), None)
    others = [name for name in vectors if name not in drawn]
    equations = _Equations(schemas, vectors, activation)
    for ones in _subsets(others):
        start = drawn | {name: int(name in ones) for name in others}
        if equations.all_move(start):
            return start
    return drawn | dict.fromkeys(others, 0)


def _interchangeable(schemas: tuple[Schema, ...], vectors: tuple[str, ...]) -> set[str]:
    """The vectors over whose index, and over nothing else that has it, a sum runs."""
    found: set[str] = set()
    for each in schemas:
        for one in each.equation.rhs.atoms(sp.Sum):
            for i in one.bound_symbols:
                names = {name_of(node) for node in one.atoms(sp.Indexed) if i in node.free_symbols}
                if names <= set(vectors):
                    found |= names
    return found


def _subsets(vectors: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in (0, 1, 2):
        yield from combinations(vectors, size)
    yield tuple(vectors)


class _Equations:
    """The equations of one layer over dual numbers."""

    def __init__(
        self,
        schemas: tuple[Schema, ...],
        vectors: tuple[str, ...],
        activation: Activation | None,
    ) -> None:
        self.vectors = vectors
        self.outputs = schemas[-1].equation
        self.field = Field()
        self.algebra = DualNumbers(self.field)
        self.point = Point(self.algebra, [each.equation for each in schemas])
        self.activation: Program[Dual[int]] | None = None
        if activation is not None:
            self.activation = value_program(activation, self.algebra)
            self.learned = tuple(self.algebra.draw() for _ in activation.learned)
        self.sizes = dict.fromkeys(sizes_in(schemas), SIZE)

    def all_move(self, start: Mapping[str, int | None]) -> bool:
        """Whether descent from there moves every vector."""
        anywhere = {name for name, value in start.items() if value is None}
        staying = set(self.vectors)
        while staying:
            moving = {name for name in staying if self._moves(name, start, anywhere)}
            if not moving:
                return False
            staying -= moving
            anywhere |= moving
        return True

    def _moves(self, name: str, start: Mapping[str, int | None], anywhere: set[str]) -> bool:
        """Whether the derivative in one vector is not 0, others being anywhere."""
        slopes = []
        for number in range(POINTS):
            self.field.restart((name, number), narrow=number % 2 == 1)
            self.point.restart(self.sizes)
            for vector in self.vectors:
                at = start[vector]
                self.point.tables[vector] = {
                    (k,): Dual(
                        self.field.draw() if at is None or vector in anywhere else at,
                        self.field.draw() if vector == name else self.field.zero,
                    )
                    for k in range(1, SIZE + 1)
                }
            try:
                slopes += [self._slope(place) for place in self._places()]
            except UndefinedError:
                return False
            except (RedrawError, NoElementError, NotImplementedError, KeyError):
                continue
        return any(slope != self.field.zero for slope in slopes)

    def _places(self) -> Iterator[tuple[int, ...]]:
        return product(*(range(1, SIZE + 1) for _ in self.outputs.subscripts()))

    def _slope(self, place: tuple[int, ...]) -> int:
        value = self.point.read(name_of(self.outputs.lhs), place)
        return (self.activation((value, *self.learned)) if self.activation else value).slope
