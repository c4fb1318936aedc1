"""Any list of index equations, and their adjoint equations by the one rule.

The layered systems of networks have their own, faster way (``derivation``). This one takes every
equation with affine subscripts: recurrences that read ``h[t-1]``, windows that read ``x[2*t + r]``,
a layer number as an index. Ranges may depend on other indices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from bpsym.calculus.adjoint import Contribution, pull_back
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.terms.indexed import element

Domain = tuple[tuple[sp.Symbol, Range], ...]


@dataclass(frozen=True)
class AdjointEquation:
    """``adj_T[free] = ...``: what each place that reads T contributes, stated and solved."""

    tensor: str
    equation: Equation
    contributions: tuple[Contribution, ...]

    @property
    def stated(self) -> sp.Expr:
        """The rule's own sum, with ``[s = v]`` not yet solved."""
        return sp.Add(*(each.stated for each in self.contributions))


@dataclass(frozen=True)
class IndexSystem:
    """Equations that define tensors and end in one scalar cost.

    domains: the indices of every tensor, each with its range; those that an equation defines in
    part (a start value) have the range of the whole. cost: the name of the scalar.
    adjoint_names: the name of dC/dT where it is not ``adj_T``.
    """

    equations: tuple[Equation, ...]
    domains: Mapping[str, Domain]
    cost: str = "C"
    adjoint_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def defined(self) -> tuple[str, ...]:
        """The tensors that have equations, each once."""
        return tuple(dict.fromkeys(equation.tensor for equation in self.equations))

    @property
    def given(self) -> tuple[str, ...]:
        """The tensors that have none: inputs, targets and parameters."""
        defined = self.defined
        reads = (name for equation in self.equations for name in equation.reads())
        return tuple(dict.fromkeys(name for name in reads if name not in defined))

    def adjoint_name(self, tensor: str) -> str:
        """The name of dC/dT."""
        return self.adjoint_names.get(tensor, f"adj_{tensor}")

    def adjoint_domains(self) -> dict[str, Domain]:
        """The indices of every adjoint: those of its tensor."""
        return {self.adjoint_name(name): domain for name, domain in self.domains.items()}

    def adjoint(self, tensor: str) -> AdjointEquation:
        """Apply the rule to every equation that reads a tensor."""
        free: Sequence[sp.Symbol] = [i for i, _ in self.domains[tensor]]
        ranges = [values for _, values in self.domains[tensor]]
        contributions: list[Contribution] = []
        for equation in self.equations:
            if tensor in equation.reads():
                upstream = self._upstream(equation)
                contributions += pull_back(equation, upstream, tensor, free, ranges)
        rhs = sp.Add(*(each.solved for each in contributions))
        lhs = element(self.adjoint_name(tensor), *free)
        return AdjointEquation(
            tensor, Equation(lhs, rhs, dict(self.domains[tensor])), tuple(contributions)
        )

    def _upstream(self, equation: Equation) -> sp.Expr:
        if equation.tensor == self.cost:
            return sp.S.One
        return element(self.adjoint_name(equation.tensor), *equation.subscripts())


def derive_equations(
    system: IndexSystem, wanted: Iterable[str] | None = None
) -> tuple[AdjointEquation, ...]:
    """The adjoint equations of these tensors, by default of all but the cost.

    Tensors nearer to the cost come first.
    """
    if wanted is None:
        wanted = (*reversed(system.defined), *system.given)
    return tuple(system.adjoint(name) for name in wanted if name != system.cost)
