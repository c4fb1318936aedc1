"""Formulas of one sample: those of a batch with m = 1."""

from __future__ import annotations

import sympy as sp

from bpsym.calculus.delta import SAMPLE_COUNT
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.tree import Formula


class OneSample(Translator):
    """Writes expressions for m = 1, where a sum over the samples is its only term.

    The index of the sample is still there; the notation leaves it out.
    """

    def formula(self, expr: sp.Expr) -> Formula:
        return super().formula(of_one_sample(expr))


def of_one_sample(expr: sp.Expr) -> sp.Expr:
    """The expression with m = 1."""
    if not expr.has(SAMPLE_COUNT):
        return expr

    def only_term(total: sp.Sum) -> sp.Expr:
        body, limits = total.function, []
        for i, lower, upper in total.limits:
            if upper == SAMPLE_COUNT:
                # What the index is compared with is the index of a sample too, so both are 1.
                same = {each for each in body.atoms(sp.KroneckerDelta) if each.has(i)}
                body = body.xreplace(dict.fromkeys(same, sp.S.One)).xreplace({i: sp.S.One})
            else:
                limits.append((i, lower, upper))
        return sp.Sum(body, *limits) if limits else body

    def is_sum(each: sp.Basic) -> bool:
        return isinstance(each, sp.Sum)

    return expr.replace(is_sum, only_term).xreplace({SAMPLE_COUNT: sp.S.One})
