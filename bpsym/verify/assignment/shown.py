"""The example that students have before them: small, with short numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpsym.emit.source import Source, bracketed, statement
from bpsym.verify.assignment.numbers import at_batch, entry, largest
from bpsym.verify.assignment.task import Task, quoted_list

# An example with more numbers than a page holds is of no use to a student.
MOST_SHOWN = 400
# Significant digits of the numbers; those that are compared have one less.
DIGITS = 6


@dataclass(frozen=True)
class Shown:
    """The example with ``m`` samples.

    entries: the lines of a dict of arrays. rows: those of a list, a tuple for each function:
    itself, its arguments, the shape of its result, the place of an entry, the value there.
    """

    m: int
    entries: tuple[str, ...]
    rows: tuple[str, ...]


def shown_example(task: Task) -> Shown | None:
    """A small example; None where it would not be small."""
    widths = set(task.program.system.sizes.values())
    m = next(m for m in (3, 4, 2, *range(5, 99)) if m not in widths)
    names = [each.name for each in task.asked]
    rng = np.random.default_rng(task.seed)
    values = at_batch(task.reference, task.program, m, rng, judged=names, decimals=1)
    if sum(values[name].size for name in task.read) > MOST_SHOWN:
        return None
    rows: list[str] = []
    for each in task.asked:
        right = values[each.name]
        at = largest(right)
        told = (repr(right.shape), repr(at), f"{right[at]:.{DIGITS - 1}g}")
        parts = (Source(each.function), quoted_list(each.reads), *map(Source, told))
        rows += statement("", bracketed("(", parts, ")"), 1, ",")
    lines = tuple(line for name in task.read for line in entry(name, values[name], DIGITS, 1))
    return Shown(m, lines, tuple(rows))
