"""What other readings would make of the lines, where that is worth knowing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bpsym.verify.lines.wording import note

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Language
    from bpsym.verify.lines.arranged import Arranged
    from bpsym.verify.lines.judge import Reading


def notes_on(
    reading: Reading, readings: Sequence[Reading], points: Sequence[Arranged], lang: Language
) -> tuple[str, ...]:
    """Guarded readings in which a line that is wrong would be right; lines that are updates."""
    found: dict[str, str] = {}
    for each in reading.found:
        if each.result.ok and each.equality.updates(points[0]):
            line = each.equality.group + 1
            found[f"update {line}"] = note("update", lang, line=line)
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
