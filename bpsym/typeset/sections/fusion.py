"""Where the loss and the last activation join: the step in which something cancels, written out.

    ((1 - y)/(1 - a) - y/a) a (1 - a) = (a - y)/(a (1 - a)) a (1 - a) = a - y

The engine cancels in one go. A reader wants to see the denominators that the loss brings, put on
one fraction, beside the slope that takes them away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.delta import Step
from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.terms.functions import signs
from bpsym.typeset.formulas.tree import Formula, Product, Quotient, Terms, product
from bpsym.typeset.sections.sharing import SharedFormulas


@dataclass(frozen=True)
class Fusion:
    """Writes it for the adjoints of one document."""

    shared: SharedFormulas

    def sides(self, adjoint: Adjoint) -> Iterator[Formula]:
        """The formula before it is cancelled, and with its fractions put on one."""
        for step in adjoint.formal.steps:
            if step.of == 0 and step.rule == "cancel" and _cancels(step):
                yield self.shared.formula(adjoint, step.left, step.free)
                yield from self._on_one_fraction(adjoint, step)

    def _on_one_fraction(self, adjoint: Adjoint, step: Step) -> Iterator[Formula]:
        factors = sp.Mul.make_args(step.left)
        broken = [each for each in factors if isinstance(each, sp.Add) and _below(each)]
        if len(broken) != 1 or len(factors) == 1:
            return
        above, below = sp.fraction(sp.together(broken[0]))
        above = sp.expand(above)
        if above.could_extract_minus_sign() != _turns(below):
            above, below = -above, -below
        if not isinstance(above, sp.Add) or len(above.args) > len(broken[0].args):
            return
        rest = sp.Mul(*(each for each in factors if each is not broken[0]))
        numbers, slope = rest.as_independent(sp.Indexed, as_Add=False)

        def written(expr: sp.Expr) -> Formula:
            return self.shared.formula(adjoint, expr, step.free)

        fraction = Quotient(written(above), written(signs(below)))
        parts = [fraction, *_factors(written(slope))]
        sign, scale = _signed(written(numbers))
        if numbers not in (1, -1):
            parts[:0] = _factors(scale)
        whole = product(tuple(parts))
        yield whole if sign > 0 else Terms(((-1, whole),))


def _cancels(step: Step) -> bool:
    """Whether denominators with tensors in them go."""
    return bool(_below(step.left)) and not _below(step.right)


def _below(expr: sp.Expr) -> list[sp.Pow]:
    """What an expression divides by, where that is no number and no size."""
    return [
        power
        for power in expr.atoms(sp.Pow)
        if power.exp.could_extract_minus_sign() and power.base.has(sp.Indexed)
    ]


def _turns(below: sp.Expr) -> bool:
    """Whether a denominator has an odd number of factors such as ``a - 1``."""
    turned = [
        each
        for each in sp.Mul.make_args(below)
        if isinstance(each, sp.Add) and each.as_coeff_Add()[0].is_negative
    ]
    return len(turned) % 2 == 1


def _signed(formula: Formula) -> tuple[int, Formula]:
    match formula:
        case Terms(((-1, only),)):
            return -1, only
    return 1, formula


def _factors(formula: Formula) -> tuple[Formula, ...]:
    return formula.factors if isinstance(formula, Product) else (formula,)
