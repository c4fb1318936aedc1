"""Which loss of the catalogue gradients with a factor are right for."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from bpsym.calculus.system import SAMPLES
from bpsym.calculus.terms.indexed import size
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.search import Finding
from bpsym.verify.diagnosis.variants.base import Sites
from bpsym.verify.diagnosis.variants.losses import alike

CLOSE = 1e-8
Declared = tuple[str, str, str]


def right_for(chain: Chain, finding: Finding, reduction: str) -> Declared | None:
    """The declared loss, the one that the gradients are right for, and its reduction.

    reduction: the declared one. None if the mistake is no factor on all of the data, or if no loss
    of the catalogue is the declared one times that factor.
    """
    outputs = {chain.place[z] for z, _ in Sites(chain).outputs()}
    losses = list(alike(Sites(chain)))
    if not finding.factors or finding.where not in outputs or len({n for n, *_ in losses}) != 1:
        return None
    sizes = {size(label): sp.Integer(width) for label, width in chain.system.sizes.items()}
    for declared, other, ratio in losses:
        for how in dict.fromkeys((reduction, "mean", "sum")):
            if (other, how) != (declared, reduction) and _fits(
                finding.factors, (sp.S.One * ratio).xreplace(sizes), _summed(reduction, how)
            ):
                return declared, other, how
    return None


def _summed(declared: str, other: str) -> int:
    """The power of m that lies between two reductions."""
    return (declared == "mean") - (other == "mean")


def _fits(factors: Mapping[int, float], ratio: sp.Expr, power: int) -> bool:
    for m, c in factors.items():
        wanted = ratio.xreplace({size(SAMPLES): sp.Integer(m)}) * sp.Integer(m) ** power
        if not wanted.is_number or abs(float(wanted) - c) > CLOSE * abs(c):
            return False
    return True
