"""What other readings would make of the lines, where that is worth knowing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bpsym.verify.lines.wording import note

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.lines.judge import Reading


def notes_on(reading: Reading, readings: Sequence[Reading], lang: Language) -> tuple[str, ...]:
    """Guarded readings in which a line that is wrong would be right, each named once."""
    found: dict[str, str] = {}
    for other in readings:
        convention = other.convention
        if not convention.guarded or reading.convention == convention:
            continue
        same = replace(reading.convention, weights=convention.weights, guarded=True)
        if not convention.notation and convention != same:
            continue
        more = other.right - reading.right
        if not more:
            continue
        lines = ", ".join(str(group + 1) for group in sorted(more))
        name = other.convention.notation
        key = "other notation" if name else "other weights"
        found.setdefault(key + name, note(key, lang, name=name, lines=lines))
    return tuple(found.values())
