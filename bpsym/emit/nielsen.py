"""BP1 to BP4, the equations of backpropagation in Nielsen's chapter 2, recognised in a program.

BP1  delta^L = grad_a C * f'(z^L)            BP2  delta^l = (W^(l+1)T delta^(l+1)) * f'(z^l)
BP3  dC/db_i = sum_n delta[n,i]              BP4  dC/dW_ij = sum_n delta[n,i] a[n,j]

Here a delta is that of the batch and the sum over the samples is part of the equation.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import sympy as sp

from bpsym.arrays.program import Statement
from bpsym.calculus.system import Role, System
from bpsym.calculus.terms.indexed import name_of

DELTA = "delta"


def equation_number(statement: Statement, system: System) -> str:
    """``(BP2) ``, or nothing if the line computes something else."""
    return _Reader(statement, system).number()


class _Reader:
    def __init__(self, statement: Statement, system: System) -> None:
        self.statement = statement
        self.system = system

    def number(self) -> str:
        role = self._role(self.statement.tensor)
        expression = self.statement.lowered.expression
        if role is Role.HIDDEN and self.statement.name.startswith(DELTA):
            adjoints = [each for each in self._names(expression) if self._is_adjoint(each)]
            if not adjoints:
                return "(BP1) "
            return "(BP2) " if self._passes_back(expression) else ""
        if role is not Role.PARAMETER:
            return ""
        terms = sp.Add.make_args(expression)
        decayed = [each for each in terms if set(self._names(each)) == {self.statement.tensor}]
        others = [each for each in terms if each not in decayed]
        number = self._of_parameter(others[0]) if len(others) == 1 else ""
        return f"({number}{' + decay' * bool(decayed)}) " if number else ""

    def _passes_back(self, expression: sp.Expr) -> bool:
        """One sum over a delta times a weight, and what stands before it is a slope."""
        sums = [each for each in sp.Mul.make_args(expression) if isinstance(each, sp.Sum)]
        if len(sums) != 1:
            return False
        adjoints = [each for each in self._names(expression) if self._is_adjoint(each)]
        read = sorted(self._names(sums[0].function), key=self._is_adjoint)
        return (
            len(adjoints) == 1
            and len(read) == 2
            and self._role(read[0]) is Role.PARAMETER
            and read[1].startswith(DELTA)
        )

    def _of_parameter(self, term: sp.Expr) -> str:
        """``BP3`` for a delta summed over the samples, ``BP4`` for one times what a layer read."""
        if not isinstance(term, sp.Sum):
            return ""
        read = list(self._names(term.function))
        deltas = [each for each in read if each.startswith(DELTA)]
        if len(deltas) != 1:
            return ""
        if len(read) == 1 and isinstance(term.function, sp.Indexed):
            return "BP3"
        factors = sp.Mul.make_args(term.function)
        is_weight = len(self.system.tensors[self.statement.tensor].sizes) == 2
        return "BP4" if is_weight and len(read) == len(factors) == 2 else ""

    def _role(self, name: str) -> Role | None:
        tensor = self.system.tensors.get(name)
        return tensor.role if tensor is not None else None

    def _is_adjoint(self, name: str) -> bool:
        return name in self.system.adjoint_names

    def _names(self, expression: sp.Expr) -> Iterator[str]:
        """The arrays that are read, as the program calls them."""
        for name in _arrays(expression):
            yield self.statement.names.get(name, name)


@lru_cache(maxsize=4096)
def _arrays(expression: sp.Expr) -> tuple[str, ...]:
    """The array of each element that an expression reads; repeated layers share expressions."""
    return tuple(sorted(name_of(each) for each in expression.atoms(sp.Indexed)))
