"""From sympy's raw derivative to the delta form, step by step: each step rewrites the one before.

    raw           (... - Y[1])*exp(...)/(1 + exp(...))**2*(W2[1,2]*exp(...)/(...)**2*X[1] + ...)
    names         (a2[1] - Y[1])*exp(-z2[1])/(1 + exp(-z2[1]))**2*...
    slopes        (a2[1] - Y[1])*a2[1]*(1 - a2[1])*W2[1,2]*a1[2]*(1 - a1[2])*X[1]
    delta2        delta2[1]*W2[1,2]*a1[2]*(1 - a1[2])*X[1]
    delta1        delta1[2]*X[1]

The raw derivative is a sum over all paths from the cost down to the parameter. Its brackets are
those of the chain rule from the inside out: what stands behind a unit's slope is the rest of all
paths through that unit. The steps multiply out bracket after bracket from the cost downwards and
collect what stands before the same rest: that is the unit's adjoint, and it gets its name.
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

    where: the tensor whose elements are named or whose adjoint is rewritten; empty for all.
    operations: of the expression, as sympy counts them.
    introduced: the names that are new in the expression, and what each stands for.
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
    Raises ExpressionError if there is no such element, EmitError if the raw derivative would be
    too large to be written or is nested in a way that cannot be followed.
    """
    return _Path(derivation, target, samples).run()


class _Path:
    """The expression as it is rewritten, and the steps so far."""

    def __init__(self, derivation: Derivation, target: str, samples: int) -> None:
        self.derivation = derivation
        self.unrolled = unroll(derivation.system, samples)
        self.leaf = leaf(self.unrolled, target)
        self.tensor = self.unrolled.elements(Role.PARAMETER, Role.INPUT)[self.leaf][0]
        self.raw = raw_derivative(self.unrolled, self.leaf)
        self.marked = Marked(self.unrolled, self.leaf)
        self.steps: list[ScalarStep] = []
        self.held: list[ScalarStep] = []
        self.expression: sp.Expr | None = None
        self.meanings: dict[sp.Expr, sp.Expr] = {}
        self.adjoints: dict[sp.Symbol, sp.Expr] = {}
        self.known = surroundings(self.unrolled, self.adjoints)
        self.paths = Paths(self.marked)

    def run(self) -> tuple[ScalarStep, ...]:
        self._step(RAW, "", self.raw)
        if self.raw == 0:
            return tuple(self.steps)
        if not self.marked.is_derivative(self.raw):
            raise EmitError.single(
                where=f"the derivative by {self.leaf}",
                what="sympy nests it in a way that cannot be followed",
                expected="the brackets of the chain rule",
                got=f"{self.raw.count_ops():,} operations in another order",
                way_out="use raw_gradient and delta_form; both are right",
            )
        self._name_units()
        self._shorten_slopes()
        self._collect()
        return tuple(self.steps)

    def _step(
        self,
        rule: str,
        where: str,
        expression: sp.Expr,
        introduced: Mapping[sp.Expr, sp.Expr] | None = None,
        *,
        assumes: bool = False,
    ) -> None:
        """Record a step; one that makes the expression longer is taken together with the next."""
        if expression == self.expression:
            return
        operations = int(sp.count_ops(expression))
        self.expression = expression
        self.held.append(ScalarStep(rule, where, expression, operations, introduced or {}, 0, assumes))
        if self.steps and operations > self.steps[-1].operations:
            return
        new = {name: value for step in self.held for name, value in step.introduced.items()}
        self.meanings.update(new)
        rules = dict.fromkeys(step.rule for step in self.held)
        places = dict.fromkeys(step.where for step in self.held if step.where)
        assumed = any(step.assumes for step in self.held)
        self.held.clear()
        self.steps.append(
            ScalarStep(
                ", then ".join(rules),
                ", ".join(places),
                expression,
                operations,
                new,
                operations + self._behind(expression),
                assumed,
            )
        )

    def _behind(self, expression: sp.Expr) -> int:
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

    def _name_units(self) -> None:
        """From the inputs upwards: every unit's value gets its name."""
        self._step(SHARED, "", common_factors(self.marked.written(), self.known))
        named: list[str] = []
        rows = plain_rows(self.unrolled)
        for tensor in dict.fromkeys(row.tensor for row in self.unrolled.rows.values()):
            if self.unrolled.system.tensors[tensor].role is not Role.HIDDEN:
                continue
            named.append(tensor)
            expression = common_factors(self.marked.written(named), self.known)
            units = {
                symbol: rows[symbol]
                for symbol, row in self.unrolled.rows.items()
                if row.tensor == tensor and symbol in expression.free_symbols
            }
            self._step(UNITS, tensor, expression, units)

    def _shorten_slopes(self) -> None:
        """exp(-z)/(1 + exp(-z))^2 becomes a (1 - a), exp(z)/S - exp(z)^2/S^2 becomes p (1 - p)."""
        self.paths.rewrite_slopes(lambda slope: through_the_output(slope, self.known))
        expression = self.paths.written()
        names = expression.atoms(OpaqueSlope)
        self._step(SLOPES, "", expression, {name: _raw_slope(name) for name in names})

    def _collect(self) -> None:
        """From the cost downwards: what stands before the rest of the same paths."""
        tensors = dict.fromkeys(row.tensor for row in reversed(self.unrolled.rows.values()))
        for tensor in tensors:
            units = self.paths.reached(tensor)
            if not units:
                continue
            adjoint = self.derivation.by_tensor.get(tensor)
            if adjoint is not None:
                self._rewrite(units, adjoint.name)
                self._name_adjoints(units, adjoint.name)
            self.paths.multiply_out(units)
        self._rewrite([self.leaf], self.unrolled.system.tensors[self.tensor].adjoint)

    def _rewrite(self, units: Sequence[sp.Symbol], where: str) -> None:
        """Apply the named rewrites to what stands before these units, until none changes it."""
        self._step(COLLECT, where, self.paths.written())
        changed = True
        while changed:
            changed = False
            for rewrite in REWRITES:
                for unit in units:
                    before = self.paths.before[unit]
                    self.paths.before[unit] = rewrite.apply(before, self.known)
                    changed = changed or self.paths.before[unit] != before
                self._step(rewrite.name, where, self.paths.written(), assumes=rewrite.assumes)

    def _name_adjoints(self, units: Sequence[sp.Symbol], name: str) -> None:
        meanings: dict[sp.Expr, sp.Expr] = {}
        for unit in units:
            symbol = self.unrolled.symbol(name, self.unrolled.rows[unit].subscripts)
            meanings[symbol] = self.adjoints[symbol] = self.paths.before[unit]
            self.paths.before[unit] = symbol
        self._step(ADJOINT, name, self.paths.written(), meanings)


def _raw_slope(name: OpaqueSlope) -> sp.Expr:
    """What f'(z) stands for: sympy's derivative of the activation, written out."""
    return sp.diff(plain(name.activation.function(*name.args)), name.args[name.position])
