"""From sympy's raw derivative to the delta form, step by step: each step rewrites the one before.

    raw       X[1]*(1/(1 + exp(-W2[1,1]/(1 + exp(-W1[1,1]*X[1] - b1[1])) - ...)) - Y[1])*...
    names     X[1]*(a2[1] - Y[1])*exp(-z2[1])/(1 + exp(-z2[1]))**2*W2[1,1]*exp(-z1[1])/...
    slopes    X[1]*(a2[1] - Y[1])*a2[1]*(1 - a2[1])*W2[1,1]*a1[1]*(1 - a1[1])
    delta2    X[1]*delta2[1]*W2[1,1]*a1[1]*(1 - a1[1])
    delta1    X[1]*delta1[1]

The raw derivative is a sum over all paths from the cost down to the parameter, with the brackets
of the chain rule from the inside out: behind the slope of a unit stands the rest of all paths
through it. ``Marked`` tells which bracket is whose and checks that, put back together, they are
what sympy gave. From there on every step is an exact rewriting: names for units, short slopes for
long ones, and, from the cost downwards, one bracket after the other multiplied out and what stands
in front of the same rest collected. That sum is the unit's adjoint, and it gets its name.

Which adjoints get a name is the derivation's choice; what they stand for is found here. The
derivation's formulas are only compared with: where one has the same terms in another arrangement,
as in p (1 - p) and p - p^2, a step of its own says so, and only after multiplying out both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import sympy as sp

from bpsym.calculus.scalars.cost import leaf, plain, plain_rows, raw_derivative, unroll
from bpsym.calculus.scalars.marked import Marked
from bpsym.calculus.scalars.paths import Paths
from bpsym.calculus.scalars.rewrites import (
    REWRITES,
    common_factors,
    equal,
    surroundings,
    through_the_output,
)
from bpsym.calculus.scalars.steps import ScalarStep, Steps
from bpsym.calculus.scalars.tidy import Tidy
from bpsym.calculus.slopes.activation import OpaqueSlope
from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import index
from bpsym.errors import EmitError

if TYPE_CHECKING:
    from bpsym.calculus.derivation import Derivation

__all__ = ["ScalarStep", "to_delta"]

RAW = "raw derivative"
SHARED = "common factors"
UNITS = "name the units"
SLOPES = "slopes through the outputs"
COLLECT = "collect the paths"
ARRANGE = "arrange the terms"
ADJOINT = "name the adjoint"


def to_delta(derivation: Derivation, target: str, samples: int = 1) -> tuple[ScalarStep, ...]:
    """The path from ``raw_gradient(target)`` to ``delta_form(target)``, both included.

    The last expression is the delta form of one element; the names in it stand in ``introduced``.
    A rewriting that makes the expression longer is one step with the next. Where sympy finds the
    raw derivative to be 0, that is the whole path.
    Raises ExpressionError if there is no such element, EmitError if the raw derivative would be
    too large to be written, is nested in a way that cannot be followed, or leads to anything else
    than the derivation's formulas.
    """
    return _Path(derivation, target, samples).run()


class _Path:
    """The expression as it is rewritten, and the steps so far."""

    def __init__(self, derivation: Derivation, target: str, samples: int) -> None:
        self.derivation = derivation
        self.system = derivation.system
        self.unrolled = unroll(derivation.system, samples)
        self.leaf = leaf(self.unrolled, target)
        self.raw = raw_derivative(self.unrolled, self.leaf)
        self.marked = Marked(self.unrolled, self.leaf)
        self.paths = Paths(self.marked)
        self.steps = Steps()
        self.adjoints: dict[sp.Symbol, sp.Expr] = {}
        self.known = surroundings(self.unrolled, self.adjoints)
        self.tidy = Tidy(one_sign=True)

    def run(self) -> tuple[ScalarStep, ...]:
        self.steps.add(RAW, "", self.raw)
        if self.raw == 0:
            return self.steps.finished()
        if not self.marked.is_derivative(self.raw):
            raise EmitError.single(
                where=f"the derivative by {self.leaf}",
                what="sympy nests it in a way that cannot be followed",
                expected="the brackets of the chain rule",
                got=f"{sp.count_ops(self.raw):,} operations in another order",
                way_out="use raw_gradient and delta_form; both are right",
            )
        self.name_units()
        self.shorten_slopes()
        self.collect()
        return self.steps.finished()

    def name_units(self) -> None:
        """From the inputs upwards: every unit's value gets its name."""
        self.steps.add(SHARED, "", common_factors(self.marked.written(), self.known))
        named: list[str] = []
        meanings = plain_rows(self.unrolled)
        for tensor in dict.fromkeys(row.tensor for row in self.unrolled.rows.values()):
            if self.system.tensors[tensor].role is not Role.HIDDEN:
                continue
            named.append(tensor)
            expression = common_factors(self.marked.written(named), self.known)
            units = {
                symbol: meanings[symbol]
                for symbol, row in self.unrolled.rows.items()
                if row.tensor == tensor and symbol in expression.free_symbols
            }
            self.steps.add(UNITS, tensor, expression, units)

    def shorten_slopes(self) -> None:
        """exp(-z)/(1 + exp(-z))^2 becomes a (1 - a), exp(z)/S - exp(z)^2/S^2 becomes p (1 - p)."""
        self.paths.rewrite_slopes(lambda slope: through_the_output(slope, self.known))
        expression = self.paths.written()
        names = sorted(expression.atoms(OpaqueSlope), key=str)
        self.steps.add(SLOPES, "", expression, {name: _raw_slope(name) for name in names})

    def collect(self) -> None:
        """From the cost downwards: what stands in front of the rest of the same paths."""
        rows = list(self.unrolled.rows.values())
        for tensor in dict.fromkeys(row.tensor for row in reversed(rows)):
            units = self.paths.reached(tensor)
            if units and tensor in self.derivation.by_tensor:
                places = {unit: self.unrolled.rows[unit].subscripts for unit in units}
                self.rewrite(tensor, places)
                self.name_adjoints(self.system.tensors[tensor].adjoint, places)
            self.paths.multiply_out(units)
        tensor, place = self.unrolled.elements(Role.PARAMETER, Role.INPUT)[self.leaf]
        self.rewrite(tensor, {self.leaf: place})

    def rewrite(self, tensor: str, units: Mapping[sp.Symbol, tuple[int, ...]]) -> None:
        """Apply the named rewrites to what stands in front of these units, while any changes it."""
        where = self.system.tensors[tensor].adjoint
        self.steps.add(COLLECT, where, self.paths.written())
        front = self.paths.before
        changed = True
        while changed:
            changed = False
            for rewrite in REWRITES:
                rewritten = {unit: rewrite.apply(front[unit], self.known) for unit in units}
                changed = changed or any(rewritten[unit] != front[unit] for unit in units)
                front.update(rewritten)
                self.steps.add(rewrite.name, where, self.paths.written(), assumes=rewrite.assumes)
        if tensor in self.derivation.by_tensor:
            front.update({unit: self.arranged(tensor, unit, units[unit]) for unit in units})
            self.steps.add(ARRANGE, where, self.paths.written())

    def arranged(self, tensor: str, unit: sp.Symbol, place: tuple[int, ...]) -> sp.Expr:
        """What stands in front of a unit, in the order of terms in which the derivation has it."""
        found = self.paths.before[unit]
        wanted = self.formula(tensor, place)
        if self.tidy(found) == self.tidy(wanted):
            return found
        if equal(found, wanted, self.known):
            return wanted
        raise EmitError.single(
            where=f"the adjoint of {unit} on the path to {self.leaf}",
            what="the raw derivative and the delta form could not be brought to one form",
            expected=str(wanted),
            got=str(found),
            way_out="compare their values: raw_gradient and delta_form must agree in numbers",
        )

    def formula(self, tensor: str, place: tuple[int, ...]) -> sp.Expr:
        """The derivation's formula for one element of an adjoint, in scalars."""
        letters, formula = self.derivation.by_tensor[tensor].equation
        values = {index(letter): number for letter, number in zip(letters, place, strict=True)}
        return self.unrolled.write_out(formula, values)

    def name_adjoints(self, name: str, units: Mapping[sp.Symbol, tuple[int, ...]]) -> None:
        """What stands in front of a unit is its adjoint."""
        meanings: dict[sp.Expr, sp.Expr] = {}
        for unit, place in units.items():
            symbol = self.unrolled.symbol(name, place)
            meanings[symbol] = self.adjoints[symbol] = self.paths.before[unit]
            self.paths.before[unit] = symbol
        self.steps.add(ADJOINT, name, self.paths.written(), meanings)


def _raw_slope(name: OpaqueSlope) -> sp.Expr:
    """What f'(z) stands for: sympy's derivative of the activation, written out."""
    return sp.diff(plain(name.activation.function(*name.args)), name.args[name.position])
