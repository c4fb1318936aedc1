"""Deltas that are not dC/dz but a multiple of it: one rewrite, and its proof.

With ``d = s dC/dz`` for all deltas, each formula ``dC/dz = F(deltas)`` becomes ``d = s F(d / s)``,
and a gradient ``dC/dW = F(deltas)`` becomes ``F(d / s)``. For s = m the 1/m of the mean moves from
the last delta into the gradients; for s = -1 the signs move to where a weight is corrected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp

from bpsym.calculus.delta import SAMPLE_COUNT, FormalAdjoint, Step
from bpsym.calculus.derivation import Adjoint, Derivation
from bpsym.calculus.rewrites import Context, pull_out_of_sums
from bpsym.calculus.system import Role, Tensor
from bpsym.calculus.terms.indexed import name_of
from bpsym.errors import ProofError
from bpsym.proof.certificate import Equality
from bpsym.proof.steps import prove_formal
from bpsym.typeset.notations.notation import Scale

RULE = "deltas are scaled"

ADJOINT = "adj_"
_NOTHING = Context({}, ())
Free = tuple[sp.Symbol, ...]
Factors = tuple[sp.Expr, ...]


def factor_of(tensor: Tensor, scale: Scale) -> sp.Expr:
    """By what the adjoint of a tensor is multiplied.

    Minus signs go into deltas, which have letters of their own. What has none is written as a
    derivative of the cost, and is that derivative; ``dA`` is m times it, just as ``dZ`` is.
    """
    if tensor.role is not Role.HIDDEN:
        return sp.S.One
    match scale:
        case Scale.SAMPLES:
            return SAMPLE_COUNT
        case Scale.MINUS if not tensor.adjoint.startswith(ADJOINT):
            return sp.S.NegativeOne
        case _:
            return sp.S.One


@dataclass(frozen=True, eq=False)
class Scaled:
    """A derivation with scaled deltas, and what has to be proven of it."""

    derivation: Derivation
    claims: tuple[FormalAdjoint, ...]

    @cached_property
    def equalities(self) -> tuple[Equality, ...]:
        """The proof of every rewritten formula."""
        return tuple(
            equality for claim in self.claims for equality in prove_formal(claim, claim.samples)
        )

    def require_proof(self) -> None:
        """Raise ProofError unless every rewritten formula is proven."""
        for each in self.equalities:
            if not each.ok:
                raise ProofError.single(
                    where="a notation with scaled deltas",
                    what="a formula could not be proven after its deltas were scaled",
                    expected="both sides equal",
                    got=str(each.counterexample),
                    way_out="this is a fault of bpsym: please report the network",
                )


def scaled(derivation: Derivation, scale: Scale) -> Scaled:
    """The derivation with all deltas multiplied as the notation has it."""
    if scale is Scale.PLAIN:
        return Scaled(derivation, ())
    tensors = derivation.system.tensors
    known: dict[tuple[FormalAdjoint, Factors], tuple[FormalAdjoint, FormalAdjoint]] = {}
    adjoints: list[Adjoint] = []
    for adjoint in derivation.adjoints:
        factors = tuple(factor_of(tensors[name], scale) for name in adjoint.tensors)
        key = (adjoint.formal, factors)
        if key not in known:
            known[key] = _formal(*key)
        adjoints.append(replace(adjoint, formal=known[key][0]))
    claims = tuple(claim for _, claim in known.values())
    return Scaled(Derivation(derivation.system, tuple(adjoints)), claims)


def _formal(formal: FormalAdjoint, factors: Factors) -> tuple[FormalAdjoint, FormalAdjoint]:
    """The formal derivation with scaled deltas, and one whose steps are what that claims.

    factors: by what the adjoint of each of its tensors is multiplied, its own first.
    """
    outer = factors[0]

    def multiplied(expr: sp.Expr, *, divide: bool = False) -> sp.Expr:
        found = {}
        for node in expr.atoms(sp.Indexed):
            if name_of(node).startswith("d"):
                factor = factors[int(name_of(node)[1:])]
                found[node] = node / factor if divide else factor * node
        return expr.xreplace(found)

    def rewritten(expr: sp.Expr, by: sp.Expr = outer) -> sp.Expr:
        divided = pull_out_of_sums(multiplied(expr, divide=True), _NOTHING)
        return sp.Add(*(by * term for term in sp.Add.make_args(_distributed(divided))))

    def claim(
        old: sp.Expr, new: sp.Expr, by: sp.Expr = outer, of: int = 0, free: Free = formal.free
    ) -> Step:
        return Step(RULE, of, by * old, multiplied(new), free)

    steps, claims = [], []
    for step in formal.steps:
        by = factors[step.of]
        left, right = rewritten(step.left, by), rewritten(step.right, by)
        steps.append(replace(step, left=left, right=right))
        claims += [
            claim(old, new, by, step.of, step.free)
            for old, new in ((step.left, left), (step.right, right))
        ]
    result = rewritten(formal.result)
    claims.append(claim(formal.result, result))
    return (
        replace(formal, steps=tuple(steps), result=result),
        replace(formal, steps=tuple(dict.fromkeys(claims))),
    )


def _distributed(expr: sp.Expr) -> sp.Expr:
    """A number times a sum of terms as a sum of terms, where the terms have sizes in them."""
    number, rest = expr.as_coeff_Mul()
    if isinstance(rest, sp.Add) and rest.has(SAMPLE_COUNT):
        return sp.Add(*(number * term for term in rest.args))
    return expr
