"""What was found out of each line, and of all."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from bpsym.verify.lines.wording import assumed
from bpsym.verify.report import SCHEMA, Diagnosis, Verdict
from bpsym.verify.report import number as plain_number

if TYPE_CHECKING:
    from bpsym.api import Derivation
    from bpsym.verify.words.terminal import Hint


@dataclass(frozen=True)
class LineResult:
    """How one equals sign fared.

    text: as the user wrote it. where: its place in a file; empty on the command line.
    name: its left side. of: what the derivation calls it; empty for a name of the user's own,
    which is computed and not judged. problem: why it could not be computed. Indices count from 0.
    """

    text: str
    name: str
    of: str
    ok: bool
    max_relative_error: float | None = None
    worst_index: tuple[int, ...] | None = None
    yours: float | None = None
    right: float | None = None
    problem: str = ""
    diagnosis: tuple[Diagnosis, ...] = ()
    where: str = ""

    def withheld(self, hint: Hint) -> LineResult:
        """What a hint tells: 1 whether it is right, 2 what kind of mistake it is."""
        found = tuple(each.withheld(hint) for each in self.diagnosis)
        return LineResult(
            self.text,
            self.name,
            self.of,
            self.ok,
            problem=self.problem if hint > 1 else "",
            diagnosis=found,
            where=self.where,
        )

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "line": self.text,
            "place": self.where,
            "name": self.name,
            "of": self.of,
            "ok": self.ok,
            "max_relative_error": plain_number(self.max_relative_error),
            "worst_index": None if self.worst_index is None else list(self.worst_index),
            "yours": plain_number(self.yours),
            "right": plain_number(self.right),
            "problem": self.problem,
            "diagnosis": [each.to_json() for each in self.diagnosis],
        }


@dataclass(frozen=True)
class FormulaReport:
    """All lines, and the convention by which they were read.

    samples: ``rows``, ``columns`` or ``one``. mean: ``delta`` or ``gradients``, where 1/m stands.
    reduction: of the network; ``one`` if the formulas are those of one sample. unread: formulas of
    a document that could not be read, each with the reason.
    """

    network: str
    lines: tuple[LineResult, ...]
    samples: str
    mean: str
    reduction: str
    notation: str = ""
    weights: str = "out,in"
    bias: str = "flat"
    lang: Literal["en", "zh"] = "en"
    unread: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    derivation: Derivation | None = field(default=None, repr=False, compare=False)

    @property
    def verdict(self) -> Verdict:
        """PASS if every line is right; INCONCLUSIVE if some could not be read and none fails."""
        if not all(each.ok for each in self.lines):
            return Verdict.FAIL
        return Verdict.INCONCLUSIVE if self.unread else Verdict.PASS

    @property
    def diagnosis(self) -> tuple[Diagnosis, ...]:
        """Of all lines, in their order."""
        return tuple(found for each in self.lines for found in each.diagnosis)

    @property
    def assumed(self) -> tuple[str, ...]:
        """How the lines were read."""
        return assumed(self)

    def to_json(self) -> dict[str, object]:
        """Plain values, with the keys of a report about code."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "network": self.network,
            "parameters": [each.to_json() for each in self.lines],
            "diagnosis": [each.to_json() for each in self.diagnosis],
            "unread": [
                {"line": text, "place": where, "problem": problem}
                for text, where, problem in self.unread
            ],
            "assumed": list(self.assumed),
            "notes": list(self.notes),
        }

    def withheld(self, hint: Hint) -> FormulaReport:
        """What a hint tells, as on the terminal: 1 which lines are wrong, 2 what kind too."""
        if hint == 3:
            return self
        return replace(self, lines=tuple(each.withheld(hint) for each in self.lines))

    def json(self, *, hint: Hint = 3) -> str:
        """``to_json`` as text; ``hint`` as on the terminal, what is held back is empty."""
        plain = self.withheld(hint).to_json()
        return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)

    def __str__(self) -> str:
        from bpsym.verify.lines.terminal import render

        return render(self)

    def html(self, *, hint: Hint = 3) -> str:
        """The report as a page, one file that needs nothing else; ``hint`` as on the terminal."""
        from bpsym.verify.html.page import page_of_lines

        return page_of_lines(self, hint=hint)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from bpsym.verify.html.page import fragment_of

        return fragment_of(self)
