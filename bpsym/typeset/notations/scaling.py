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
from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import name_of
from bpsym.errors import ProofError
from bpsym.proof.certificate import Equality
from bpsym.proof.steps import prove_formal
from bpsym.typeset.notations.notation import Scale

RULE = "deltas are scaled"

_FACTORS = {Scale.MINUS: sp.S.NegativeOne, Scale.SAMPLES: SAMPLE_COUNT}
_NOTHING = Context({}, ())
Free = tuple[sp.Symbol, ...]


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
    if scale not in _FACTORS:
        return Scaled(derivation, ())
    factor = _FACTORS[scale]
    # What is substituted is written dA, and m times the derivative like dZ, or as a derivative.
    within = factor if scale is Scale.SAMPLES else sp.S.One
    known: dict[tuple[FormalAdjoint, bool], tuple[FormalAdjoint, FormalAdjoint]] = {}
    adjoints: list[Adjoint] = []
    for adjoint in derivation.adjoints:
        is_delta = derivation.system.tensors[adjoint.tensor].role is Role.HIDDEN
        key = (adjoint.formal, is_delta)
        if key not in known:
            outer = factor if is_delta else sp.S.One
            known[key] = _formal(adjoint.formal, factor, outer, within)
        adjoints.append(replace(adjoint, formal=known[key][0]))
    claims = tuple(claim for _, claim in known.values())
    return Scaled(Derivation(derivation.system, tuple(adjoints)), claims)


def _formal(
    formal: FormalAdjoint, factor: sp.Expr, outer: sp.Expr, within: sp.Expr
) -> tuple[FormalAdjoint, FormalAdjoint]:
    """The formal derivation with scaled deltas, and one whose steps are what that claims."""
    kept = set[int]() if within == factor else {number for number, _, _ in formal.substituted}

    def multiplied(expr: sp.Expr, by: sp.Expr) -> sp.Expr:
        places = [
            node
            for node in expr.atoms(sp.Indexed)
            if name_of(node).startswith("d") and int(name_of(node)[1:]) not in kept
        ]
        return expr.xreplace({node: by * node for node in places})

    def rewritten(expr: sp.Expr, by: sp.Expr = outer) -> sp.Expr:
        divided = pull_out_of_sums(multiplied(expr, 1 / factor), _NOTHING)
        return sp.Add(*(by * term for term in sp.Add.make_args(_distributed(divided))))

    def claim(
        old: sp.Expr, new: sp.Expr, by: sp.Expr = outer, of: int = 0, free: Free = formal.free
    ) -> Step:
        return Step(RULE, of, by * old, multiplied(new, factor), free)

    steps, claims = [], []
    for step in formal.steps:
        by = outer if step.of == 0 else within
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
