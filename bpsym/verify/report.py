"""What a verification found. The schema of ``to_json`` is docs/verify-schema.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.mending.source import Patch
    from bpsym.verify.words.terminal import Hint

SCHEMA = 1

NO_DATA: Mapping[str, object] = MappingProxyType({})


class Verdict(StrEnum):
    """PASS; FAIL; or INCONCLUSIVE, where the error bar is larger than what would be judged."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"

    @property
    def exit_code(self) -> int:
        """What the command line exits with: 0, 3, 4."""
        return {Verdict.PASS: 0, Verdict.FAIL: 3, Verdict.INCONCLUSIVE: 4}[self]


# What may stand before a line of code in a sentence, and behind it.
_STOPS = " .:\u3002\uff1a"


@dataclass(frozen=True)
class Diagnosis:
    """One mistake that explains what was seen.

    code: of the catalogue, ``missing-batch-mean``. where: ``delta2``, ``W2``, ``loss``,
        ``regularisation``, ``state``.
    what: the mistake in a sentence. evidence: how one knows, with numbers.
    fix: what to write instead, a sentence. line: the line of code in it, empty if it has none.
    equation: the equation of the derivation that was violated.
    confidence: 0 to 1; diagnoses are ranked by it.
    data: numbers that a program may want (a factor, an index); plain Python values only.
    changes: statements of the user's file rewritten; it passes with all of them made.
    """

    code: str
    where: str
    what: str
    evidence: str
    fix: str
    equation: str = ""
    confidence: float = 1.0
    line: str = ""
    data: Mapping[str, object] = field(default_factory=lambda: NO_DATA)
    changes: tuple[Patch, ...] = ()

    def fix_and_line(self) -> tuple[str, str]:
        """The sentence without the line that ends it, and the line."""
        sentence = self.fix.rstrip(_STOPS)
        if not self.line or not sentence.endswith(self.line):
            return self.fix, ""
        return sentence.removesuffix(self.line).rstrip(_STOPS), self.line

    def withheld(self, hint: Hint) -> Diagnosis:
        """What a hint tells: 1 where only, 2 what kind too, 3 everything."""
        if hint == 3:
            return self
        code, what = (self.code, self.what) if hint == 2 else ("", "")
        return Diagnosis(code, self.where, what, "", "", confidence=self.confidence)

    def to_json(self) -> dict[str, object]:
        """Plain values, for ``json.dumps``."""
        return {
            "code": self.code,
            "where": self.where,
            "what": self.what,
            "evidence": self.evidence,
            "fix": self.fix,
            "line": self.line,
            "changes": [
                {"line": each.line, "old": each.old, "new": each.new} for each in self.changes
            ],
            "equation": self.equation,
            "confidence": self.confidence,
            "data": dict(self.data),
        }


@dataclass(frozen=True)
class ParameterResult:
    """How the gradient in one parameter fared, at the point where it fared worst.

    max_relative_error: the largest |yours - right| over the largest |right| of the block.
    worst_index: of the entry that is furthest out of its tolerance, counted from 0.
    yours, right, tolerance: of that entry. samples: the m of that point.
    excess: |yours - right| / tolerance of that entry; at most 1 where ``ok``.
    shape: of what was returned; wanted: of the parameter.
    """

    name: str
    ok: bool
    max_relative_error: float | None
    worst_index: tuple[int, ...] | None
    yours: float | None
    right: float | None
    tolerance: float | None = None
    excess: float | None = None
    samples: int | None = None
    shape: tuple[int, ...] | None = None
    wanted: tuple[int, ...] = ()

    def withheld(self) -> ParameterResult:
        """The verdict without the numbers."""
        return ParameterResult(self.name, self.ok, None, None, None, None, wanted=self.wanted)

    def to_json(self) -> dict[str, object]:
        """Plain values; a number that is not finite is written as a word."""
        return {
            "name": self.name,
            "ok": self.ok,
            "max_relative_error": number(self.max_relative_error),
            "worst_index": None if self.worst_index is None else list(self.worst_index),
            "yours": number(self.yours),
            "right": number(self.right),
            "tolerance": number(self.tolerance),
            "excess": number(self.excess),
            "samples": self.samples,
            "shape": None if self.shape is None else list(self.shape),
            "wanted": list(self.wanted),
        }


@dataclass(frozen=True)
class LossResult:
    """The user's own loss beside the declared one, at the point where they differ most.

    ok is None if the code returns no loss.
    """

    ok: bool | None
    yours: float | None = None
    right: float | None = None
    samples: int | None = None

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "ok": self.ok,
            "yours": number(self.yours),
            "right": number(self.right),
            "samples": self.samples,
        }


@dataclass(frozen=True)
class Report:
    """The verdict, and everything it rests on.

    network: the declaration, in short. target: what was judged. dtype: of the returned gradients,
        which decides the precision asked.
    parameters: in the order of the network. diagnosis: ranked, the most certain first; empty
        where nothing is wrong.
    assumed: how the code was read, in sentences. notes: what is worth knowing and no failure.
    cannot_tell: what the points cannot tell apart.
    points: the number of points; samples: their batch sizes.
    output: what the user's code printed, cut. lang: of its sentences. derivation: what it was
        judged by, for the pictures and equations of the page.
    """

    verdict: Verdict
    network: str
    target: str
    parameters: tuple[ParameterResult, ...]
    loss: LossResult = LossResult(None)
    diagnosis: tuple[Diagnosis, ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    points: int = 0
    samples: tuple[int, ...] = ()
    dtype: str = "float64"
    output: str = ""
    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    lang: Language = "en"
    derivation: Derivation | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the verdict is PASS."""
        return self.verdict is Verdict.PASS

    def parameter(self, name: str) -> ParameterResult:
        """The result of one parameter; KeyError if the network has none of that name."""
        for each in self.parameters:
            if each.name == name:
                return each
        raise KeyError(name)

    def to_json(self) -> dict[str, object]:
        """Plain values; the schema is stable, additions apart."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "network": self.network,
            "target": self.target,
            "dtype": self.dtype,
            "samples": list(self.samples),
            "points": self.points,
            "loss": self.loss.to_json(),
            "parameters": [each.to_json() for each in self.parameters],
            "diagnosis": [each.to_json() for each in self.diagnosis],
            "assumed": list(self.assumed),
            "notes": list(self.notes),
            "cannot_tell": list(self.cannot_tell),
            "output": self.output,
        }

    def withheld(self, hint: Hint) -> Report:
        """What a hint tells, as on the terminal: 1 where only, 2 what kind too, 3 everything."""
        if hint == 3:
            return self
        likely = [each for each in self.diagnosis if not each.data.get("alternative")]
        return replace(
            self,
            loss=LossResult(self.loss.ok),
            parameters=tuple(each.withheld() for each in self.parameters),
            diagnosis=tuple(each.withheld(hint) for each in likely[: 1 if hint == 1 else None]),
            assumed=(),
            notes=(),
            cannot_tell=(),
            output="",
        )

    def json(self, *, hint: Hint = 3) -> str:
        """``to_json`` as text; ``hint`` as on the terminal, what is held back is empty."""
        plain = self.withheld(hint).to_json()
        return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)

    def __str__(self) -> str:
        from bpsym.verify.words.terminal import render

        return render(self, lang=self.lang)

    def html(self, *, hint: Hint = 3, lang: Language | None = None) -> str:
        """The report as a page, one file that needs nothing else; ``hint`` as on the terminal."""
        from bpsym.verify.html.page import page_of

        return page_of(self, hint=hint, lang=lang)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from bpsym.verify.html.page import fragment_of

        return fragment_of(self)


def number(value: float | None) -> float | str | None:
    """JSON has no nan and no infinity."""
    if value is None or value - value == 0:
        return value
    return "nan" if value != value else "inf" if value > 0 else "-inf"
