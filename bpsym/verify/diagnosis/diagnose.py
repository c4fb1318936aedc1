"""From gradients that are wrong to the mistake that makes them so.

Every mistake of the catalogue is made in the derivation of this network, and its gradients are
compared with those given. What fits at the points of the search must fit at points that were kept
back. The first wrong delta is blamed: what lies below is computed from it. Where one mistake does
not do, the first wrong parameter is explained by itself and the rest is judged again. Where nothing
fits, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.observe import DiagnosisContext, Observation
from bpsym.verify.diagnosis.own_forward import own_forward
from bpsym.verify.diagnosis.own_loss import differs, foreign_loss
from bpsym.verify.diagnosis.part_of_batch import part_of_batch
from bpsym.verify.diagnosis.search import Finding, Search
from bpsym.verify.diagnosis.shapes import shapes
from bpsym.verify.diagnosis.special import rounded, special
from bpsym.verify.words.wording import Wording

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.numbers.reference import Reference
    from bpsym.verify.report import Diagnosis


def diagnose(
    derivation: Derivation,
    observations: Sequence[Observation],
    held_out: Sequence[Observation],
    reference: Reference,
    extra: DiagnosisContext | None = None,
) -> tuple[Diagnosis, ...]:
    """The mistakes that explain what was observed, the most certain first.

    observations: the points of the search, of two batch sizes if possible. held_out: points for
    the confirmation. Empty if every gradient is right within its tolerance.
    """
    context = extra or DiagnosisContext()
    chain = Chain(derivation.record)
    found = [Case(chain, each, context.epsilon, reference) for each in observations]
    held = [Case(chain, each, context.epsilon, reference) for each in held_out]
    wording = Wording(derivation, chain, context, found, held)
    misshapen = shapes(chain, found)
    findings = list(misshapen)
    wrong = frozenset().union(*(case.wrong for case in found))
    if wrong:
        findings += explained(chain, found, held, wrong)
    mend = context.mend
    patches = mend(chain, wording.right_sides, findings) if mend is not None and findings else None
    each = patches or [[]] * len(findings)
    return tuple(wording.diagnosis(one, mine) for one, mine in zip(findings, each, strict=True))


def explained(
    chain: Chain, cases: Sequence[Case], held: Sequence[Case], wrong: frozenset[str]
) -> list[Finding]:
    """What explains the gradients that have their shapes."""
    small = special(chain, cases, held, wrong)
    if small:
        return small
    if (part := part_of_batch(cases, held)) is not None:
        return [part]
    search = Search(chain, cases, held)
    findings = search.run(wrong)
    if findings[0].code == "unknown":
        coarse = rounded(chain, [*cases, *held], wrong)
        if coarse is not None:
            findings = [coarse]
        elif (above := own_forward(cases, held)) is not None:
            return [above]
    foreign = foreign_loss(cases, held, findings)
    return foreign or _explaining_more(cases, held, findings) or findings


def _explaining_more(
    cases: Sequence[Case], held: Sequence[Case], findings: Sequence[Finding]
) -> list[Finding]:
    """Another forward pass, where it explains more than what was found; empty if it does not.

    It is one mistake for several, or it explains the returned loss beside the gradients.
    """
    if findings[0].code in ("unknown", "precision"):
        return []
    several = sum(not each.alternative for each in findings) > 1
    own_loss = all(differs(case) for case in (*cases, *held))
    if not (several or own_loss):
        return []
    above = own_forward(cases, held, loss=own_loss)
    return [above] if above is not None else []
