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

The names of the adjoints are the derivation's; what they stand for is found here, and never
looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from bpsym.calculus.activation import OpaqueSlope
from bpsym.calculus.marked import Marked
from bpsym.calculus.paths import Paths
from bpsym.calculus.scalar import leaf, plain, plain_rows, raw_derivative, unroll
from bpsym.calculus.scalar_rewrites import (
    REWRITES,
    common_factors,
    surroundings,
    through_the_output,
)
from bpsym.calculus.system import Role
from bpsym.errors import EmitError

if TYPE_CHECKING:
    from bpsym.calculus.derivation import Derivation

RAW = "raw derivative"
SHARED = "common factors"
UNITS = "name the units"
SLOPES = "slopes through the outputs"
COLLECT = "collect the paths"
ADJOINT = "name the adjoint"


@dataclass(frozen=True)
class ScalarStep:
    """One step: ``expression`` equals that of the step before, by ``rule``.

    where: the tensors whose elements get names, or the adjoint that is rewritten.
    operations: of the expression, as sympy counts them; never more than before.
    introduced: the names that are new, and what each stands for.
    total: the operations of the expression and of all that it needs, each name computed once.
    assumes: whether the step holds only for targets that sum to one.
    """

    rule: str
    where: str
    expression: sp.Expr
    operations: int
    introduced: Mapping[sp.Expr, sp.Expr] = field(default_factory=dict)
    total: int = 0
    assumes: bool = False


def to_delta(derivation: Derivation, target: str, samples: int = 1) -> tuple[ScalarStep, ...]:
    """The path from ``raw_gradient(target)`` to ``delta_form(target)``, both included.

    The last expression is the delta form of one element; the names in it stand in ``introduced``.
    A rewriting that makes the expression longer is one step with the next. Where sympy finds the
    raw derivative to be 0, that is the whole path.
    Raises ExpressionError if there is no such element, EmitError if the raw derivative would be
    too large to be written, or is nested in a way that cannot be followed.
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
        self.steps: list[ScalarStep] = []
        self.held: list[ScalarStep] = []
        self.meanings: dict[sp.Expr, sp.Expr] = {}
        self.adjoints: dict[sp.Symbol, sp.Expr] = {}
        self.known = surroundings(self.unrolled, self.adjoints)

    def run(self) -> tuple[ScalarStep, ...]:
        self.step(RAW, "", self.raw)
        if self.raw == 0:
            return tuple(self.steps)
        if not self.marked.is_derivative(self.raw):
            raise EmitError.single(
                where=f"the derivative by {self.leaf}",
                what="sympy nests it in a way that cannot be followed",
                expected="the brackets of the chain rule",
                got=f"{self.steps[0].operations:,} operations in another order",
                way_out="use raw_gradient and delta_form; both are right",
            )
        self.name_units()
        self.shorten_slopes()
        self.collect()
        return tuple(self.steps)

    def step(
        self,
        rule: str,
        where: str,
        expression: sp.Expr,
        introduced: Mapping[sp.Expr, sp.Expr] | None = None,
        *,
        assumes: bool = False,
    ) -> None:
        """Record a step that changes something; a longer expression waits for a shorter one."""
        last = [*self.steps, *self.held][-1:]
        if last and last[0].expression == expression:
            return
        operations = int(sp.count_ops(expression))
        new = dict(introduced or {})
        self.held.append(ScalarStep(rule, where, expression, operations, new, 0, assumes))
        if not self.steps or operations <= self.steps[-1].operations:
            self.steps.append(self.joined())

    def joined(self) -> ScalarStep:
        """The steps that waited, as one."""
        parts = tuple(self.held)
        self.held.clear()
        new = {name: value for part in parts for name, value in part.introduced.items()}
        self.meanings.update(new)
        last = parts[-1]
        return ScalarStep(
            ", then ".join(dict.fromkeys(part.rule for part in parts)),
            ", ".join(dict.fromkeys(part.where for part in parts if part.where)),
            last.expression,
            last.operations,
            new,
            last.operations + self.operations_behind(last.expression),
            any(part.assumes for part in parts),
        )

    def operations_behind(self, expression: sp.Expr) -> int:
        """The operations of all names that an expression needs, each computed once."""
        total = 0
        seen: set[sp.Basic] = set()
        waiting = [expression] if self.meanings else []
        while waiting:
            value = waiting.pop()
            for name in value.free_symbols | value.atoms(OpaqueSlope):
                if name in self.meanings and name not in seen:
                    seen.add(name)
                    total += int(sp.count_ops(self.meanings[name]))
                    waiting.append(self.meanings[name])
        return total

    def name_units(self) -> None:
        """From the inputs upwards: every unit's value gets its name."""
        self.step(SHARED, "", common_factors(self.marked.written(), self.known))
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
            self.step(UNITS, tensor, expression, units)

    def shorten_slopes(self) -> None:
        """exp(-z)/(1 + exp(-z))^2 becomes a (1 - a), exp(z)/S - exp(z)^2/S^2 becomes p (1 - p)."""
        self.paths.rewrite_slopes(lambda slope: through_the_output(slope, self.known))
        expression = self.paths.written()
        names = sorted(expression.atoms(OpaqueSlope), key=str)
        self.step(SLOPES, "", expression, {name: _raw_slope(name) for name in names})

    def collect(self) -> None:
        """From the cost downwards: what stands in front of the rest of the same paths."""
        rows = list(self.unrolled.rows.values())
        for tensor in dict.fromkeys(row.tensor for row in reversed(rows)):
            units = self.paths.reached(tensor)
            if units and tensor in self.derivation.by_tensor:
                name = self.system.tensors[tensor].adjoint
                self.rewrite(units, name)
                self.name_adjoints(units, name)
            self.paths.multiply_out(units)
        tensor, _ = self.unrolled.elements(Role.PARAMETER, Role.INPUT)[self.leaf]
        self.rewrite([self.leaf], self.system.tensors[tensor].adjoint)

    def rewrite(self, units: Sequence[sp.Symbol], where: str) -> None:
        """Apply the named rewrites to what stands in front of these units, while any changes it."""
        self.step(COLLECT, where, self.paths.written())
        front = self.paths.before
        changed = True
        while changed:
            changed = False
            for rewrite in REWRITES:
                rewritten = {unit: rewrite.apply(front[unit], self.known) for unit in units}
                changed = changed or any(rewritten[unit] != front[unit] for unit in units)
                front.update(rewritten)
                self.step(rewrite.name, where, self.paths.written(), assumes=rewrite.assumes)

    def name_adjoints(self, units: Sequence[sp.Symbol], name: str) -> None:
        """What stands in front of a unit is its adjoint."""
        meanings: dict[sp.Expr, sp.Expr] = {}
        for unit in units:
            symbol = self.unrolled.symbol(name, self.unrolled.rows[unit].subscripts)
            meanings[symbol] = self.adjoints[symbol] = self.paths.before[unit]
            self.paths.before[unit] = symbol
        self.step(ADJOINT, name, self.paths.written(), meanings)


def _raw_slope(name: OpaqueSlope) -> sp.Expr:
    """What f'(z) stands for: sympy's derivative of the activation, written out."""
    return sp.diff(plain(name.activation.function(*name.args)), name.args[name.position])
