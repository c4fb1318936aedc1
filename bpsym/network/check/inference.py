"""The sizes of indices and tensors, inferred from equations and from what is known already.

Every index and every dimension of a tensor is an unknown. A plain subscript, ``W[i,j]``, says that
the dimension is as large as the range of the index; what is said to be equal is one unknown
(union-find). Two values for one unknown are a conflict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bpsym.text import syntax
from bpsym.text.names import SAMPLE

# ("index", number of the equation, name) or ("dimension", tensor, position).
_Unknown = tuple[str, object, object]
_SAMPLES: _Unknown = ("index", 0, SAMPLE)


@dataclass(frozen=True)
class Known:
    """A size, and where it comes from in words, such as ``'h1'``."""

    size: int
    source: str


@dataclass(frozen=True)
class Inferred:
    """shapes: of every tensor that was not known, without the sample dimension; None: unknown.

    indices: the sizes of all indices but the sample; None: nothing tells. (Of several equations
        with an index of one name, the last counts.)
    conflicts: pairs of different sizes for the same index, with its name.
    """

    shapes: Mapping[str, tuple[int | None, ...]]
    indices: Mapping[str, int | None]
    conflicts: tuple[tuple[str, Known, Known], ...]

    @property
    def open_indices(self) -> tuple[str, ...]:
        """The indices whose size nothing tells."""
        return tuple(name for name, size in self.indices.items() if size is None)


def infer(
    equations: Sequence[syntax.Equation],
    known: Mapping[str, Known],
    declared: Mapping[str, Known],
    constants: Mapping[str, int],
) -> Inferred:
    """Infer what the equations tell.

    known: the width of the tensors that are known, the size of their last subscript.
    declared: sizes by the name of an index. constants: sizes that subscripts name, such as ``N1``.
    """
    lhs = [equation.lhs.tensor for equation in equations]
    blocks = {tensor for tensor in lhs if lhs.count(tensor) > 1}
    solver = _Solver(known, declared, constants, blocks)
    for equation in equations:
        solver.add(equation)
    return solver.result()


@dataclass
class _Place:
    """A subscript that is no plain index, with the indices that it is in reach of."""

    affine: syntax.Affine
    scope: Mapping[str, _Unknown]


class _Solver:
    def __init__(
        self,
        known: Mapping[str, Known],
        declared: Mapping[str, Known],
        constants: Mapping[str, int],
        blocks: Collection[str],
    ) -> None:
        self.known = known
        self.declared = declared
        self.constants = constants
        self.blocks = blocks  # tensors that several equations define, a part each
        self.parent: dict[_Unknown, _Unknown] = {}
        self.value: dict[_Unknown, Known] = {}
        self.conflicts: list[tuple[str, Known, Known]] = []
        self.equations = 0
        self.indices: dict[_Unknown, None] = {}
        self.ranks: dict[str, int] = {}
        self.places: dict[_Unknown, list[_Place]] = {}

    def add(self, equation: syntax.Equation) -> None:
        """Take in one equation; an index is one thing in all of it, and in it alone."""
        self.equations += 1
        scope: dict[str, _Unknown] = {SAMPLE: _SAMPLES}
        for affine in equation.lhs.subscripts:
            for name, _ in affine.terms:
                if name not in self.constants and name not in scope:
                    scope[name] = self._index(name)
        self._read(equation.lhs, scope)
        self._walk(equation.rhs, scope)

    def _walk(self, node: syntax.Expression, scope: Mapping[str, _Unknown]) -> None:
        match node:
            case syntax.Sum(name, body):
                self._walk(body, {**scope, name: self._index(name)})
            case syntax.Read():
                self._read(node, scope)
            case syntax.Name(name) if name not in self.constants:
                self.ranks.setdefault(name, 0)
            case _:
                for child in syntax.children(node):
                    self._walk(child, scope)

    def _index(self, name: str) -> _Unknown:
        unknown: _Unknown = ("index", self.equations, name)
        if unknown not in self.indices and name in self.declared:
            self._fix(unknown, self.declared[name], name)
        self.indices[unknown] = None
        return unknown

    def _read(self, read: syntax.Read, scope: Mapping[str, _Unknown]) -> None:
        rank = len(read.subscripts)
        if read.tensor in self.known and read.tensor not in self.ranks:
            last: _Unknown = ("dimension", read.tensor, rank - 1)
            self._fix(last, self.known[read.tensor], read.tensor)
        self.ranks.setdefault(read.tensor, rank)
        for position, affine in enumerate(read.subscripts):
            dimension: _Unknown = ("dimension", read.tensor, position)
            match affine:
                case syntax.Affine(((name, 1),), 0) if name in scope and (
                    read.tensor not in self.blocks or name == SAMPLE
                ):
                    self._join(dimension, scope[name], name)
                case _:
                    self.places.setdefault(dimension, []).append(_Place(affine, scope))

    def _find(self, unknown: _Unknown) -> _Unknown:
        while (parent := self.parent.get(unknown, unknown)) != unknown:
            self.parent[unknown] = self.parent.get(parent, parent)
            unknown = parent
        return unknown

    def _fix(self, unknown: _Unknown, value: Known, name: str) -> None:
        root = self._find(unknown)
        earlier = self.value.setdefault(root, value)
        if earlier.size != value.size:
            self.conflicts.append((name, earlier, value))

    def _join(self, one: _Unknown, other: _Unknown, name: str) -> None:
        kept, gone = self._find(other), self._find(one)
        if kept == gone:
            return
        self.parent[gone] = kept
        if gone in self.value:
            self._fix(kept, self.value.pop(gone), name)

    def _size(self, unknown: _Unknown) -> int | None:
        known = self.value.get(self._find(unknown))
        return None if known is None else known.size

    def _largest(self, place: _Place) -> int | None:
        """The largest value of a subscript, its indices running from 1 to their sizes."""
        total = place.affine.constant
        for name, factor in place.affine.terms:
            if name in place.scope:
                size = self._size(place.scope[name])
                if size is None:
                    return None
                total += factor * (size if factor > 0 else 1)
            elif name in self.constants:
                total += factor * self.constants[name]
            else:
                return None
        return total

    def _dimension(self, dimension: _Unknown) -> int | None:
        size = self._size(dimension)
        if size is not None or dimension not in self.places:
            return size
        sizes = [self._largest(place) for place in self.places[dimension]]
        return max((size for size in sizes if size is not None), default=None)

    def result(self) -> Inferred:
        """What follows from everything that was taken in."""
        samples = self._find(_SAMPLES)
        shapes = {}
        for tensor, rank in self.ranks.items():
            if tensor not in self.known:
                dimensions: Iterable[_Unknown] = (("dimension", tensor, k) for k in range(rank))
                shapes[tensor] = tuple(
                    self._dimension(each) for each in dimensions if self._find(each) != samples
                )
        sizes = {str(unknown[2]): self._size(unknown) for unknown in self.indices}
        return Inferred(shapes, sizes, tuple(self.conflicts))
