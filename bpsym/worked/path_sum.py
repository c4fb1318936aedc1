"""The gradient of one weight as the sum over all paths from it to the cost, and its proof.

On a path every step is a partial derivative of one element in the element before it; along a path
they are multiplied, and the paths are added up. That is the multivariate chain rule with nothing
factored out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import sympy as sp

from bpsym.calculus.scalars.cost import leaf, plain, plain_rows, unroll
from bpsym.calculus.scalars.rewrites import local_slope, surroundings, through_the_output
from bpsym.calculus.scalars.steps import ScalarStep
from bpsym.calculus.scalars.unroll import Unrolled
from bpsym.calculus.slopes.activation import OpaqueSlope
from bpsym.calculus.system import System
from bpsym.errors import ProofError
from bpsym.proof.certificate import Equality
from bpsym.proof.path import prove_path
from bpsym.worked.paths import COST, Path


@dataclass(frozen=True)
class Hop:
    """One step of a path: an element, the one that reads it, and the derivative of that in it."""

    of: str
    by: str
    slope: sp.Expr


@dataclass(frozen=True)
class PathSum:
    """All paths from one element.

    leaf: the symbol of the element. hops: of each path, from the cost down to the element.
    """

    unrolled: Unrolled
    leaf: sp.Symbol
    hops: tuple[tuple[Hop, ...], ...]

    @property
    def terms(self) -> tuple[sp.Expr, ...]:
        """The product of the slopes of each path."""
        return tuple(sp.Mul(*(hop.slope for hop in path)) for path in self.hops)

    @cached_property
    def proof(self) -> tuple[Equality, ...]:
        """The sum over all paths, held against the derivative of the whole cost by dual numbers.

        At random points. Raises ProofError if they differ.
        """
        total = sp.Add(*self.terms)
        rows = plain_rows(self.unrolled)
        meanings: dict[sp.Expr, sp.Expr] = {
            symbol: rows[symbol] for symbol in rows if symbol in total.free_symbols
        }
        waiting = list(meanings.values())
        while waiting:
            for symbol in waiting.pop().free_symbols & rows.keys() - meanings.keys():
                meanings[symbol] = rows[symbol]
                waiting.append(rows[symbol])
        for name in sorted(total.atoms(OpaqueSlope), key=str):
            function = plain(name.activation.function(*name.args))
            meanings[name] = sp.diff(function, name.args[name.position])
        steps = (ScalarStep("all paths", "", total, int(sp.count_ops(total)), meanings),)
        equalities = prove_path(self.unrolled, self.leaf, steps)
        for each in equalities:
            if not each.ok:
                raise ProofError.single(
                    where=f"the sum over all paths from {self.leaf}",
                    what="it is not the derivative of the cost, so nothing is printed",
                    expected="both sides equal",
                    got=str(each.counterexample or each.note),
                    way_out="this is a fault of bpsym: please report the network",
                )
        return equalities


@lru_cache(maxsize=16)
def path_sum(system: System, target: str, paths: tuple[Path, ...]) -> PathSum:
    """The sum over given paths, which ``paths_of`` finds, for one sample."""
    unrolled = unroll(system, 1)
    known = surroundings(unrolled, {})
    symbols = {symbol.name: symbol for symbol in unrolled.rows}
    start = leaf(unrolled, target)
    symbols[start.name] = start
    slopes: dict[tuple[str, str], sp.Expr] = {}

    def slope(of: str, by: str) -> sp.Expr:
        if (of, by) not in slopes:
            unit = symbols[by]
            if of == COST and of not in symbols:
                slopes[of, by] = sp.diff(unrolled.cost, unit)
            else:
                found = local_slope(unrolled.rows[symbols[of]], unit)
                slopes[of, by] = through_the_output(found, known)
        return slopes[of, by]

    hops = tuple(
        tuple(Hop(of, by, slope(of, by)) for by, of in reversed(list(pairwise(path))))
        for path in paths
    )
    return PathSum(unrolled, start, hops)
