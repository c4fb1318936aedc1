"""All paths from one weight to the cost, as names; nothing heavy is loaded for them.

A path goes from the weight to the element that reads it, on to an element that reads that one,
and so on to the cost: ``("W1[2,1]", "z1[2]", "a1[2]", "z2[1]", "a2[1]", "C")``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from bpsym.worked.problems import NumbersError

if TYPE_CHECKING:
    import sympy as sp

    from bpsym.calculus.scalars.unroll import Row, Unrolled
    from bpsym.network.build import BuiltNetwork

Path = tuple[str, ...]

MOST_PATHS = 200
COST = "C"


def paths_of(built: BuiltNetwork, target: str, *, most: int = MOST_PATHS) -> tuple[Path, ...]:
    """All paths from an element of a parameter or input to the cost, for one sample.

    target: ``"W1[2,1]"``. Each path names the element, then every element that the next one is
    computed from, and ends with ``C``.
    Raises ExpressionError if there is no such element, EmitError if the network is too large to be
    written out, NumbersError if there are more than ``most`` paths; it says how many.
    """
    graph = Graph.of(built)
    start = graph.leaf(target)
    count = graph.count(start)
    if count > most:
        raise NumbersError.single(
            where=f"--paths {target}",
            what="there are too many paths to be written down",
            expected=f"at most {most} paths from {target} to the cost",
            got=f"{count:,}",
            way_out="take a weight nearer to the output, or a narrower network",
        )
    return tuple(tuple(each) for each in graph.paths(start))


class Graph:
    """Which elements are computed from which, for one sample."""

    def __init__(self, unrolled: Unrolled) -> None:
        self.unrolled = unrolled
        self.rows: Mapping[sp.Symbol, Row] = unrolled.rows
        self.readers: dict[sp.Symbol, list[sp.Symbol]] = {}
        for symbol, row in self.rows.items():
            for read in sorted(row.rhs.free_symbols, key=_in_order):
                self.readers.setdefault(read, []).append(symbol)
        self.terms = {each for each in unrolled.cost.free_symbols if each in self.rows}
        self._counts: dict[sp.Symbol, int] = {}
        # What is computed later has all of its paths known first.
        for symbol in reversed(list(self.rows)):
            self._counts[symbol] = self._count(symbol)

    @classmethod
    def of(cls, built: BuiltNetwork) -> Graph:
        """The graph of a network. Raises EmitError if it is too large to be written out."""
        from bpsym.calculus.scalars.cost import unroll

        return _graph(unroll(built.system, 1))

    def leaf(self, target: str) -> sp.Symbol:
        """The symbol of an element of a parameter or input."""
        from bpsym.calculus.scalars.cost import leaf

        return leaf(self.unrolled, target)

    def _count(self, symbol: sp.Symbol) -> int:
        inner = sum(self._counts.get(each, 0) for each in self.readers.get(symbol, ()))
        return inner + (symbol in self.terms)

    def count(self, symbol: sp.Symbol) -> int:
        """How many paths there are from an element to the cost."""
        return self._count(symbol)

    def paths(self, symbol: sp.Symbol) -> Iterator[list[str]]:
        """The paths from an element to the cost."""
        if symbol in self.terms:
            yield [symbol.name] if symbol.name == COST else [symbol.name, COST]
        for reader in self.readers.get(symbol, ()):
            if self._counts[reader]:
                for rest in self.paths(reader):
                    yield [symbol.name, *rest]


@lru_cache(maxsize=8)
def _graph(unrolled: Unrolled) -> Graph:
    return Graph(unrolled)


def _in_order(symbol: sp.Symbol) -> tuple[str, tuple[int, ...]]:
    name, _, subscripts = symbol.name.partition("[")
    return name, tuple(int(each) for each in subscripts.rstrip("]").split(",") if each)
