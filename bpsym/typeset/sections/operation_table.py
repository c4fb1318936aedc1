"""The table of what derivatives cost: of one weight at a time, by differences, and by recursion."""

from __future__ import annotations

from bpsym.calculus.derivation import Derivation
from bpsym.calculus.scalars.counts import operation_counts
from bpsym.typeset.document import Block, Paragraph, Table
from bpsym.typeset.languages.en.words import English

# A ratio is told to a tenth below this, and beyond it to a whole number.
_LARGE = 100


def counts(words: English, derivation: Derivation) -> tuple[Block, ...]:
    """The operations of one sample, counted in the formulas; one row for each way to do it."""
    found = operation_counts(derivation)
    raw = words.uncounted if found.raw is None else f"{found.raw:,}"
    if found.raw is not None and not found.raw_is_exact:
        raw = words.about(found.raw)
    numbers = (found.loss, found.delta, found.finite_differences, found.raw)
    shown = (f"{found.loss:,}", f"{found.delta:,}", f"{found.finite_differences:,}", raw)
    names = words.count_rows(found.parameters)
    rows = tuple(
        ((name,), (text,), (_times(number, found.loss),))
        for name, text, number in zip(names, shown, numbers, strict=True)
    )
    table = Table(words.count_table, rows, frozenset({1, 2}))
    return (Paragraph(words.counts(found.parameters)), table)


def _times(number: int | None, loss: int) -> str:
    if number is None or not loss:
        return ""
    times = number / loss
    return f"{times:,.1f}" if times < _LARGE else f"{times:,.0f}"
