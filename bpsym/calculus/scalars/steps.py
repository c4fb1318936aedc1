"""The record of a scalar derivation: its steps, and what each expression costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from bpsym.calculus.slopes.activation import OpaqueSlope


@dataclass(frozen=True)
class ScalarStep:
    """One step: ``expression`` equals that of the step before, by ``rule``.

    where: the tensors whose elements get names, or the adjoint that is rewritten.
    operations: of the expression, as sympy counts them; not more than before.
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


class Steps:
    """Steps as they are made; a rewriting that makes the expression longer waits for the next."""

    def __init__(self) -> None:
        self._done: list[ScalarStep] = []
        self._waiting: list[ScalarStep] = []
        self._meanings: dict[sp.Expr, sp.Expr] = {}

    def add(
        self,
        rule: str,
        where: str,
        expression: sp.Expr,
        introduced: Mapping[sp.Expr, sp.Expr] | None = None,
        *,
        assumes: bool = False,
    ) -> None:
        """Record a step, unless it changes nothing."""
        last = [*self._done, *self._waiting][-1:]
        if last and last[0].expression == expression:
            return
        operations = int(sp.count_ops(expression))
        new = dict(introduced or {})
        self._waiting.append(ScalarStep(rule, where, expression, operations, new, 0, assumes))
        if not self._done or operations <= self._done[-1].operations:
            self._done.append(self._joined())

    def finished(self) -> tuple[ScalarStep, ...]:
        """All steps; a last rewriting that makes the expression longer joins those before it."""
        waiting = self._waiting
        while len(self._done) > 1 and waiting:
            if waiting[-1].operations <= self._done[-1].operations:
                break
            waiting.insert(0, self._done.pop())
        if waiting:
            self._done.append(self._joined())
        return tuple(self._done)

    def _joined(self) -> ScalarStep:
        """The steps that waited, as one."""
        parts = tuple(self._waiting)
        self._waiting.clear()
        new = {name: value for part in parts for name, value in part.introduced.items()}
        self._meanings.update(new)
        last = parts[-1]
        return ScalarStep(
            ", then ".join(dict.fromkeys(part.rule for part in parts)),
            ", ".join(dict.fromkeys(part.where for part in parts if part.where)),
            last.expression,
            last.operations,
            new,
            last.operations + needed_operations(last.expression, self._meanings),
            any(part.assumes for part in parts),
        )


def needed_operations(expr: sp.Expr, meanings: Mapping[sp.Expr, sp.Expr]) -> int:
    """The operations of all names that an expression needs, each computed once."""
    total = 0
    seen: set[sp.Basic] = set()
    waiting = [expr] if meanings else []
    while waiting:
        value = waiting.pop()
        for name in value.free_symbols | value.atoms(OpaqueSlope):
            if name in meanings and name not in seen:
                seen.add(name)
                total += int(sp.count_ops(meanings[name]))
                waiting.append(meanings[name])
    return total
