"""The recursion for any number of layers, for a batch whose samples are columns.

The equations of ``any_depth`` with an index n for the sample; the cost is the mean of the samples'
losses, of which only the derivatives in the outputs enter, g[j,n] = dL_n/da[L,j,n]:

    C = 1/m sum_n sum_j g[j,n] a[L,j,n]

With d = m dC/dz for the adjoints of values the 1/m moves from the last layer into dW and db.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from bpsym.calculus.delta import SAMPLE_COUNT
from bpsym.calculus.depth.recursion import LAYERS, WIDTH, AnyDepth, derived, layered_system
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.index_system import IndexSystem
from bpsym.calculus.rewrites import Context, pull_out_of_sums
from bpsym.calculus.terms.indexed import element, index, name_of, scalar, subscripts_of

# Tensors with a column for each sample; weights and biases serve all of them.
_OF_SAMPLES = ("x", "z", "a", "g")
_SCALED = ("delta", "adj_a")
_NOTHING = Context({}, ())


@dataclass(frozen=True)
class BatchAnyDepth:
    """The recursion with scaled adjoints, and the same as the rule gives it.

    plain: adjoints are derivatives of the cost. scaled: those of values are m times that.
    """

    plain: AnyDepth
    scaled: AnyDepth

    def unscaled(self) -> tuple[Equation, ...]:
        """The scaled equations with m dC/dz put in for each d: what they claim of derivatives."""
        return tuple(
            _divided(_substituted(each.equation, SAMPLE_COUNT)) for each in self.scaled.adjoints
        )


def batched_system() -> IndexSystem:
    """The layered equations for m samples in columns."""
    n, one = index("n"), layered_system()
    samples = Range.upto(SAMPLE_COUNT)

    def with_sample(expr: sp.Expr) -> sp.Expr:
        nodes = [each for each in expr.atoms(sp.Indexed) if name_of(each) in _OF_SAMPLES]
        return expr.xreplace(
            {each: element(name_of(each), *subscripts_of(each), n) for each in nodes}
        )

    equations = [
        Equation(with_sample(each.lhs), with_sample(each.rhs), {**each.ranges, n: samples})
        for each in one.equations
        if each.tensor != one.cost
    ]
    j = index("j")
    loss = sp.Sum(element("g", j, n) * element("a", LAYERS, j, n), (j, sp.S.One, WIDTH(LAYERS)))
    cost = sp.Sum(loss, (n, sp.S.One, SAMPLE_COUNT)) / SAMPLE_COUNT
    equations.append(Equation(scalar(one.cost), cost, {}))
    domains = {
        name: (*domain, (n, samples)) if name in _OF_SAMPLES else domain
        for name, domain in one.domains.items()
    }
    return IndexSystem(tuple(equations), domains, one.cost, one.adjoint_names)


@cache
def any_depth_of_batch() -> BatchAnyDepth:
    """Derive the recursion of a batch, then scale the adjoints of values by m."""
    plain = derived(batched_system())
    adjoints = tuple(replace(each, equation=_scaled(each.equation)) for each in plain.adjoints)
    scaled = AnyDepth(plain.system, adjoints, _scaled(plain.base), _scaled(plain.step))
    return BatchAnyDepth(plain, scaled)


def _scaled(each: Equation) -> Equation:
    """``d = m F(d / m)`` for ``dC/dz = F(dC/dz)``; of a gradient ``F(d / m)``."""
    outer = SAMPLE_COUNT if name_of(each.lhs) in _SCALED else sp.S.One
    inner = pull_out_of_sums(_substituted(each, 1 / SAMPLE_COUNT).rhs, _NOTHING)
    return replace(each, rhs=sp.Add(*(outer * term for term in sp.Add.make_args(inner))))


def _substituted(each: Equation, factor: sp.Expr) -> Equation:
    nodes = [node for node in each.rhs.atoms(sp.Indexed) if name_of(node) in _SCALED]
    return replace(each, rhs=each.rhs.xreplace({node: factor * node for node in nodes}))


def _divided(each: Equation) -> Equation:
    outer = SAMPLE_COUNT if name_of(each.lhs) in _SCALED else sp.S.One
    return replace(each, rhs=each.rhs / outer)
