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
from bpsym.proof.brute_force.scalars import Scalars
from bpsym.proof.certificate import Counterexample, Equality
from bpsym.proof.evaluate.passes import Passes
from bpsym.proof.evaluate.shared import Shared, evaluate_parts
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.degrees import Degree, Degrees, bound
from bpsym.proof.values.field import DRAWN, Field

RULE = "sympy's derivative of the whole cost"
# One point for each pattern of signs that is drawn, where signs matter.
POINTS, POINTS_WITH_SIGNS = 2, 6
# The chance of error that further points are spent on, and the most of them.
WANTED, MOST_POINTS = 2.0**-60, 8

Place = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Raw:
    """The raw derivatives of the cost, by tensor and subscripts."""

    gradients: Mapping[Place, sp.Expr]
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
    """Evaluate both at the same points: one equality for each scalar parameter.

    There are as many points as the error bound needs, and more where signs are drawn.
    """
    comparison = _Comparison(derivation, raw)
    once = 1.0
    wrong: dict[Place, Counterexample] = {}
    k = number = 0
    while k < max(number, POINTS) or (once**k > WANTED and k < MOST_POINTS):
        try:
            wrong |= comparison.wrong((seed, "brute force", k))
        except (RedrawError, UndefinedError) as reason:
            return [_undecided(f"no point where every formula has a value: {reason}")]
        except LookupError as reason:
            return [_undecided(f"reads an element that is not there: {reason}")]
        number = POINTS_WITH_SIGNS if comparison.field.decisions else POINTS
        once = max(comparison.chances.values(), default=0.0)
        k += 1
    return [
        Equality(
            RULE,
            f"{name}[{','.join(map(str, place))}]" if place else name,
            "brute_force",
            None if (name, place) in wrong else comparison.chances[name, place] ** k,
            (name, place) not in wrong,
            f"{k} points",
            wrong.get((name, place)),
        )
        for name, place in raw.gradients
    ]


def _undecided(reason: str) -> Equality:
    return Equality(RULE, "all parameters", "brute_force", None, False, reason)


class _Comparison:
    """The raw derivatives and the formulas, ready to be evaluated at one point after another.

    chances: for each parameter the chance that one point does not tell a wrong formula.
    """

    def __init__(self, derivation: Derivation, raw: Raw) -> None:
        self.derivation = derivation
        self.raw = raw
        self.field = Field()
        self.passes = Passes(derivation.system, raw.scalars.sizes, self.field)
        self.shared = Shared(self.field, lambda symbol: _read(self.passes, raw.scalars, symbol))
        self.parts = [self.shared.value(each) for each in raw.scalars.all_parts()]
        self.closures = {place: self.shared.value(expr) for place, expr in raw.gradients.items()}
        self.chances: dict[Place, float] = {}
        self._degrees: dict[Place, Degree] = {}

    def wrong(self, seed: object) -> dict[Place, Counterexample]:
        """The parameters for which the two differ at a new point.

        Raises RedrawError or UndefinedError if no point has a value for every formula, LookupError
        if a formula reads what is not there.
        """
        field, passes = self.field, self.passes
        field.restart(seed)
        passes.tables.clear()
        self.shared.values.clear()
        passes.forward()
        if field.radicands:  # among them those of points that were given up
            field.radicands.clear()
            passes.evaluate_all()
        adjoints = passes.backward(self.derivation.adjoints)
        evaluate_parts(self.parts)
        found = {}
        for (name, place), closure in self.closures.items():
            value = closure([])
            claimed = adjoints[self._adjoint_of(name)].get(place)
            if claimed != value:
                sizes = self.raw.scalars.sizes
                found[name, place] = Counterexample(sizes, place, str(value), str(claimed))
        more = (1 + field.tests) * field.conjugates
        self._degrees = self._degrees or self._count_degrees()
        self.chances = {
            place: min(1.0, bound(degree, DRAWN) * more) for place, degree in self._degrees.items()
        }
        return found

    def _adjoint_of(self, tensor: str) -> str:
        return self.derivation.system.tensors[tensor].adjoint

    def _count_degrees(self) -> dict[Place, Degree]:
        """The degree of the difference of both sides, for each parameter."""
        algebra = Degrees()
        passes = Passes(self.derivation.system, self.raw.scalars.sizes, algebra)
        passes.forward()
        adjoints = passes.backward(self.derivation.adjoints)
        shared = Shared(algebra, lambda symbol: _read(passes, self.raw.scalars, symbol))
        evaluate_parts(shared.value(each) for each in self.raw.scalars.all_parts())
        found = {}
        for (name, place), expr in self.raw.gradients.items():
            claimed = adjoints[self._adjoint_of(name)].get(place, algebra.zero)
            found[name, place] = algebra.total((shared.value(expr)([]), claimed))
        return found


def _read(passes: Passes[Any], scalars: Scalars, symbol: sp.Symbol) -> Any:
    name, place = scalars.places[symbol]
    return passes.tables[name][place]
