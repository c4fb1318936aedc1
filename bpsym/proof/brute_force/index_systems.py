"""Brute force for any index system: its adjoint equations against sympy's derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.index_system import IndexSystem
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.evaluate.point import NoElementError, Point
from bpsym.proof.evaluate.shared import Shared
from bpsym.proof.evaluate.sizes import Sizes
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.degrees import Degrees, bound
from bpsym.proof.values.field import DRAWN, Field
from bpsym.proof.values.symbolic import Symbolic

RULE = "sympy's derivative of the whole cost"
POINTS = 2
MOST_ATTEMPTS = 200

Whole = Callable[[str, tuple[int, ...]], int]
Element = tuple[str, tuple[int, ...]]


def prove_index_system(
    system: IndexSystem,
    adjoints: Iterable[Equation],
    sizes: Sizes,
    wanted: Iterable[str],
    whole: Whole | None = None,
    seed: int = 0,
) -> list[Equality]:
    """Compare the gradients of the given tensors ``wanted`` at concrete sizes, element by element.

    adjoints: the adjoint equations, by which the gradients are claimed.
    whole: the values of integer functions in ranges.
    """
    nested = Point(Symbolic(), system.equations, system.domains, whole=whole)
    nested.restart(sizes)
    cost = nested.read(system.cost, ())
    places = {
        symbol: (name, place)
        for name in system.given
        for place, symbol in nested.tables.get(name, {}).items()
    }
    raw = {
        (name, place): cost.diff(symbol)
        for symbol, (name, place) in places.items()
        if name in wanted
    }
    field = Field()
    domains = {**system.domains, **system.adjoint_domains()}
    point = Point(field, (*system.equations, *adjoints), domains, whole=whole)
    shared = Shared(field, lambda symbol: point.read(*places[symbol]))
    closures = {place: shared.value(expr) for place, expr in raw.items()}
    wrong: dict[Element, Counterexample] = {}
    for k in range(POINTS):
        values = _values(system, field, point, shared, closures, sizes, (seed, k))
        for (name, place), (derivative, claimed) in values.items():
            if derivative != claimed:
                names = {str(symbol): value for symbol, value in sizes.items()}
                wrong[name, place] = Counterexample(names, place, str(derivative), str(claimed))
    bounds = _bounds(raw)
    return [
        Equality(
            RULE,
            f"{name}[{','.join(map(str, place))}]" if place else name,
            "brute_force",
            bounds[name, place] ** POINTS,
            (name, place) not in wrong,
            f"{POINTS} points",
            wrong.get((name, place)),
        )
        for name, place in raw
    ]


def _values(
    system: IndexSystem,
    field: Field,
    point: Point[int],
    shared: Shared,
    closures: Mapping[Element, Callable[[list[int]], int]],
    sizes: Sizes,
    seed: object,
) -> dict[Element, tuple[int | str, int | str]]:
    """The derivative and the claimed gradient of every element at one point."""
    for attempt in range(MOST_ATTEMPTS):
        field.restart((seed, attempt))
        point.restart(sizes)
        shared.values.clear()
        found: dict[Element, tuple[int | str, int | str]] = {}
        try:
            for (name, place), closure in closures.items():
                try:
                    claimed: int | str = point.read(system.adjoint_name(name), place)
                except NoElementError as reason:
                    claimed = str(reason)
                found[name, place] = closure([]), claimed
        except (RedrawError, UndefinedError):
            continue
        return found
    raise RedrawError("no point where every formula has a value")


def _bounds(raw: Mapping[Element, sp.Expr]) -> dict[Element, float]:
    """The chance of error for each element; its formula is taken to be of no higher degree."""
    algebra = Degrees()
    shared = Shared(algebra, lambda symbol: algebra.draw())
    return {
        place: bound(algebra.product((shared.value(expr)([]),) * 2), DRAWN)
        for place, expr in raw.items()
    }
