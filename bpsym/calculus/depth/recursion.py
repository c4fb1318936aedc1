"""A layered network with the layer number as an index: one derivation for every depth.

    a[0,i] = x[i]
    z[l,i] = sum_j W[l,i,j] a[l-1,j] + b[l,i]       l = 1, ..., L
    a[l,i] = f(l, z[l,i])

Layer l has n(l) units and an activation of its own, f(l, .). The cost is any function of a[L]; only
its partial derivatives g[j] = dC/da[L,j] enter. The rule for adjoints then gives the recursion by
itself, the last layer being the place where the range of ``l+1`` ends:

    dC/da[l,j] = sum_i W[l+1,i,j] delta[l+1,i]  [l < L]  +  g[j]  [l = L]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import sympy as sp
from sympy.core.function import ArgumentIndexError

from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.index_system import AdjointEquation, IndexSystem
from bpsym.calculus.terms.indexed import Iverson, element, index, scalar, size

LAYERS = size("L")
WIDTH = sp.Function("n", integer=True, positive=True)


class Unspecified(sp.Function):
    """A function of which nothing is known: its last argument is real, the others are indices."""

    def _eval_is_real(self) -> bool:
        return True


class LayerSlope(Unspecified):
    """f'(l, z): the derivative of layer l's activation in z."""


class LayerFunction(Unspecified):
    """f(l, z): the activation of layer l."""

    nargs = 2

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        return LayerSlope(*self.args)


@dataclass(frozen=True)
class AnyDepth:
    """The system of any depth and what the rule makes of it.

    adjoints: the equations of dC/da, delta = dC/dz, dW and db, valid for every layer.
    base: delta of the last layer. step: delta of any other layer from the one above it.
    """

    system: IndexSystem
    adjoints: tuple[AdjointEquation, ...]
    base: Equation
    step: Equation

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The forward equations."""
        return self.system.equations

    def adjoint(self, tensor: str) -> Equation:
        """The adjoint equation of a tensor."""
        return next(each.equation for each in self.adjoints if each.tensor == tensor)


@cache
def any_depth() -> AnyDepth:
    """Build the system of one sample and derive its adjoint equations."""
    return derived(layered_system())


@cache
def any_depth_with_thresholds() -> AnyDepth:
    """The same with thresholds in place of biases."""
    return derived(layered_system(thresholds=True))


def derived(system: IndexSystem) -> AnyDepth:
    """The adjoint equations of a layered system, and the two cases of the recursion."""
    adjoints = tuple(_tidied(system.adjoint(name)) for name in ("a", "z", "W", "b"))
    in_a, in_z = (each.equation for each in adjoints[:2])
    l, j = tuple(in_a.ranges)[:2]
    i = tuple(in_z.ranges)[1]
    whole = in_z.rhs.xreplace({in_a.lhs.xreplace({j: i}): in_a.rhs.xreplace({j: i})})
    behind, at_last = Iverson(sp.Le(l + 1, LAYERS)), Iverson(sp.Eq(LAYERS, l))
    base = whole.xreplace({behind: sp.S.Zero, at_last: sp.S.One}).xreplace({l: LAYERS})
    step = whole.xreplace({behind: sp.S.One, at_last: sp.S.Zero})
    samples = {n: each for n, each in in_z.ranges.items() if n not in (l, i)}
    lower = {l: Range(sp.S.One, LAYERS - 1), i: Range.upto(WIDTH(l)), **samples}
    last = {i: Range.upto(WIDTH(LAYERS)), **samples}
    return AnyDepth(
        system,
        adjoints,
        Equation(in_z.lhs.xreplace({l: LAYERS}), base, last),
        Equation(in_z.lhs, step, lower),
    )


def _tidied(adjoint: AdjointEquation) -> AdjointEquation:
    """Leave out of each bracket what the ranges of the free indices say already.

    ``[l = L and j <= n(L)]`` is ``[l = L]`` where j runs to n(l).
    """
    equation = adjoint.equation
    tidied = {}
    for bracket in equation.rhs.atoms(Iverson):
        conditions = sp.And.make_args(bracket.args[0])
        known = {each.rhs: each.lhs for each in conditions if isinstance(each, sp.Eq)}
        said = [sp.Le(i, values.last.xreplace(known)) for i, values in equation.ranges.items()]
        left = [each for each in conditions if isinstance(each, sp.Eq) or each not in said]
        tidied[bracket] = Iverson(sp.And(*left))
    return replace(adjoint, equation=replace(equation, rhs=equation.rhs.xreplace(tidied)))


def layered_system(*, thresholds: bool = False) -> IndexSystem:
    """The forward equations; see the module. thresholds: b is subtracted, not added."""
    bias = -1 if thresholds else 1
    l, i, j = index("l"), index("i"), index("j")
    hidden = {l: Range.upto(LAYERS), i: Range.upto(WIDTH(l))}
    product = sp.Sum(element("W", l, i, j) * element("a", l - 1, j), (j, sp.S.One, WIDTH(l - 1)))
    last = sp.Sum(element("g", j) * element("a", LAYERS, j), (j, sp.S.One, WIDTH(LAYERS)))
    equations = (
        Equation(element("a", sp.S.Zero, i), element("x", i), {i: Range.upto(WIDTH(sp.S.Zero))}),
        Equation(element("z", l, i), product + bias * element("b", l, i), hidden),
        Equation(element("a", l, i), LayerFunction(l, element("z", l, i)), hidden),
        Equation(scalar("C"), last, {}),
    )
    per_unit = ((l, Range.upto(LAYERS)), (i, Range.upto(WIDTH(l))))
    domains = {
        "x": ((i, Range.upto(WIDTH(sp.S.Zero))),),
        "W": (*per_unit, (j, Range.upto(WIDTH(l - 1)))),
        "b": per_unit,
        "z": per_unit,
        "a": ((l, Range(sp.S.Zero, LAYERS)), (j, Range.upto(WIDTH(l)))),
        "g": ((j, Range.upto(WIDTH(LAYERS))),),
        "C": (),
    }
    return IndexSystem(equations, domains, "C", {"z": "delta", "W": "dW", "b": "db"})
