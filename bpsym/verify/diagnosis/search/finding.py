"""A mistake that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bpsym.verify.diagnosis.chain import Edit
from bpsym.verify.diagnosis.variants.base import Variant


@dataclass(frozen=True, eq=False)
class Finding:
    """A mistake that fits: a variant, or a law, with what it does to the derivation.

    factors: the factor at each batch size, for a law. covers: the parameters that it explains.
    alternative: whether another finding explains the same.
    """

    code: str
    where: str
    edits: tuple[Edit, ...] = ()
    words: Mapping[str, object] = field(default_factory=dict)
    rank: float = 1.0
    everywhere: tuple[str, ...] = ()
    factors: Mapping[int, float] = field(default_factory=dict)
    covers: frozenset[str] = frozenset()
    alternative: bool = False


def of_variant(
    variant: Variant,
    edits: tuple[Edit, ...] | None = None,
    words: Mapping[str, object] | None = None,
) -> Finding:
    """A variant as a finding; edits and words where a number was solved for."""
    return Finding(
        variant.code,
        variant.where,
        variant.edits if edits is None else edits,
        variant.words if words is None else words,
        variant.rank,
        variant.everywhere,
    )


def edits_of(findings: Sequence[Finding]) -> tuple[Edit, ...]:
    """What all of them do to the derivation."""
    return tuple(edit for each in findings for edit in each.edits)


def by_law(finding: Finding) -> list[Finding]:
    """Two factors in one place are two mistakes."""
    laws = finding.words.get("laws")
    if not isinstance(laws, tuple) or len(laws) < 2:
        return [finding]
    return [
        replace(finding, code=law.code, words={**finding.words, "factor": law.formula})
        for law in laws
    ]


def mistakes(findings: Sequence[Finding]) -> int:
    """How many mistakes an explanation takes; the fewer, the likelier."""
    return sum(len(by_law(each)) for each in findings)
