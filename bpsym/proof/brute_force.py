"""Brute force: sympy's derivative of the whole cost for every single weight, against the formulas.

Nothing of the adjoint rule is used on this side: the equations are nested into one expression,
sympy differentiates it, and the raw result is evaluated at the point where the formulas are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from bpsym.calculus.derivation import Derivation
from bpsym.calculus.system import Role
from bpsym.proof.algebra import RedrawError, UndefinedError
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.degrees import Degree, Degrees, bound
from bpsym.proof.field import DRAWN, Field
from bpsym.proof.passes import Passes
from bpsym.proof.scalars import Scalars
from bpsym.proof.shared import Shared, evaluate_parts

RULE = "sympy's derivative of the whole cost"
# One point for each pattern of signs that is drawn, where signs matter.
POINTS, POINTS_WITH_SIGNS = 2, 6


@dataclass(frozen=True)
class Raw:
    """The raw derivatives of the cost, by tensor and subscripts."""

    gradients: Mapping[tuple[str, tuple[int, ...]], sp.Expr]
    scalars: Scalars


def differentiate(derivation: Derivation, sizes: Mapping[str, int], most: int) -> Raw:
    """Differentiate the cost by at most ``most`` single parameters, some of each tensor."""
    scalars = Scalars(derivation.system, sizes)
    cost = scalars.cost()
    wanted = tuple(
        each.tensor
        for each in derivation.adjoints
        if derivation.system.tensors[each.tensor].role in (Role.PARAMETER, Role.INPUT)
    )
    gradients = {}
    for symbol in scalars.parameters(wanted)[:most]:
        # In forward order every part finds the derivatives of its own parts ready.
        for each in scalars.parts:
            each.diff(symbol)
        gradients[scalars.places[symbol]] = cost.diff(symbol)
    return Raw(gradients, scalars)


def prove_brute_force(derivation: Derivation, raw: Raw, seed: int = 0) -> list[Equality]:
    """Evaluate both at the same points: one equality for each scalar parameter."""
    field = Field()
    passes = Passes(derivation.system, raw.scalars.sizes, field)
    shared = Shared(field, lambda symbol: _read(passes, raw.scalars, symbol))
    parts = [shared.value(each) for each in raw.scalars.all_parts()]
    closures = {place: shared.value(expr) for place, expr in raw.gradients.items()}
    wrong: dict[tuple[str, tuple[int, ...]], Counterexample] = {}
    number = POINTS
    tests = k = 0
    conjugates = 1.0
    while k < number:
        field.restart((seed, "brute force", k))
        passes.tables.clear()
        shared.values.clear()
        try:
            passes.forward()
            if field.radicands:  # among them those of points that were given up
                field.radicands.clear()
                passes.evaluate_all()
            adjoints = passes.backward(derivation.adjoints)
            evaluate_parts(parts)
            values = {place: closure([]) for place, closure in closures.items()}
        except (RedrawError, UndefinedError) as reason:
            return [_undecided(f"no point where every formula has a value: {reason}")]
        except LookupError as reason:
            return [_undecided(f"reads an element that is not there: {reason}")]
        number = POINTS_WITH_SIGNS if field.decisions else POINTS
        tests, conjugates = max(tests, field.tests), max(conjugates, field.conjugates)
        for (name, place), value in values.items():
            claimed = adjoints[derivation.system.tensors[name].adjoint].get(place)
            if claimed != value:
                wrong[name, place] = Counterexample(
                    raw.scalars.sizes, place, str(value), str(claimed)
                )
        k += 1
    degrees = _degrees(derivation, raw)
    chance = {
        place: min(1.0, bound(degree, DRAWN) * (1 + tests) * conjugates) ** POINTS
        for place, degree in degrees.items()
    }
    return [
        Equality(
            RULE,
            f"{name}[{','.join(map(str, place))}]" if place else name,
            "brute_force",
            chance[name, place],
            (name, place) not in wrong,
            f"{number} points",
            wrong.get((name, place)),
        )
        for name, place in raw.gradients
    ]


def _undecided(reason: str) -> Equality:
    return Equality(RULE, "all parameters", "brute_force", None, False, reason)


def _read(passes: Passes[Any], scalars: Scalars, symbol: sp.Symbol) -> Any:
    name, place = scalars.places[symbol]
    return passes.tables[name][place]


def _degrees(derivation: Derivation, raw: Raw) -> dict[tuple[str, tuple[int, ...]], Degree]:
    """The degree of the difference of both sides, for each parameter."""
    algebra = Degrees()
    passes = Passes(derivation.system, raw.scalars.sizes, algebra)
    passes.forward()
    adjoints = passes.backward(derivation.adjoints)
    shared = Shared(algebra, lambda symbol: _read(passes, raw.scalars, symbol))
    evaluate_parts(shared.value(each) for each in raw.scalars.all_parts())
    found = {}
    for (name, place), expr in raw.gradients.items():
        claimed = adjoints[derivation.system.tensors[name].adjoint][place]
        found[name, place] = algebra.total((shared.value(expr)([]), claimed))
    return found
