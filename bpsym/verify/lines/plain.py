"""The letters of the code with samples in columns or one at a time, as textbooks have them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bpsym.typeset.notations import NOTATIONS, Notation
from bpsym.typeset.notations.notation import Letters, Numbered, Samples, Scale, Word

if TYPE_CHECKING:
    from bpsym.verify.lines.convention import Convention

_BASE = NOTATIONS["nielsen"]


def written_in(convention: Convention) -> Notation | None:
    """The notation that right lines are printed in; None for the names of the code."""
    named = convention.named
    if named is not None or convention.samples == "rows":
        return named
    words = {part: Word(part) for part in _BASE.words if part not in ("X", "Y")}
    words |= {
        "X": Word("X", numbered=Numbered.NEVER),
        "Y": Word("Y", numbered=Numbered.NEVER),
    }
    return replace(
        _BASE,
        name="code",
        cost="C",
        words=words,
        units=Letters("i", "j", "k"),
        delta_units=Letters("i", "h", "k"),
        samples=Samples.ONE if convention.samples == "one" else Samples.COLUMNS,
        from_to=convention.weights == "in,out",
        scale=Scale.SAMPLES if convention.deltas == "samples" else Scale.PLAIN,
        labels="round",
    )
