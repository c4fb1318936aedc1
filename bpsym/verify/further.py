"""Where code that passes at points of ordinary size is looked at once more, and what stays open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpsym.verify.inquiry import Inquiry
from bpsym.verify.numbers.points import Points, kinks_of, one_hot
from bpsym.verify.numbers.saturated import saturated_points
from bpsym.verify.numbers.steep import crowded_points, steep_points
from bpsym.verify.numbers.wide import unvisited, wide_points
from bpsym.verify.words.remarks import note

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.observe import Point


def further_out(
    inquiry: Inquiry, reading: Reading
) -> tuple[tuple[Sequence[Point], ...], list[str]]:
    """Groups of points: large values, saturated ones, steep ones, many samples; and notes."""
    reference, points = inquiry.reference, inquiry.points
    wide = wide_points(reference, points)
    values = [reference.at(each).values for each in (*points.generic, *wide)]
    left = [
        note("branch", inquiry.lang, z=z, low=low, high=high)
        for z, low, high in unvisited(kinks_of(reference), values)
    ]
    crowded = _crowded(inquiry, reading)
    if not crowded and not reading.form.single:
        left.append(note("crowded", inquiry.lang, m=max(points.batches)))
    groups = (wide, saturated_points(reference, points), steep_points(reference, points), crowded)
    return groups, left


def _crowded(inquiry: Inquiry, reading: Reading) -> tuple[Point, ...]:
    """A point with many samples; none for a step, which may go through them in batches."""
    if reading.form.single or reading.route.update:
        return ()
    begun = time.perf_counter()
    reading.observe(inquiry.points.generic[1])
    seconds = (time.perf_counter() - begun) / inquiry.points.generic[1].m
    found = crowded_points(inquiry.reference, inquiry.points, seconds)
    hot = one_hot(inquiry.reference, Points(found)) if found and inquiry.labelled else None
    return found if hot is None else hot.generic
