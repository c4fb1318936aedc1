"""One equals sign at all points: its shape, then every entry, within what rounding may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bpsym.typeset.formulas.tree import Partial
from bpsym.verify.diagnosis.cases import Array
from bpsym.verify.diagnosis.observe import Language
from bpsym.verify.lines.arranged import Arranged
from bpsym.verify.lines.equality import DefinitionEquality, Equality
from bpsym.verify.lines.result import LineResult
from bpsym.verify.lines.tree_values import FormulaError
from bpsym.verify.lines.wording import computing_problem, problem
from bpsym.verify.numbers.tolerance import SAFETY

# A formula may round more often than the derivation's own line does, or cancel where it does not.
ROUNDINGS = 4.0
CANCELLING = 1e4
UNIT = 2.0**-53


@dataclass(frozen=True)
class Compared:
    """An equality and how it fared; shape: of what it gives, if that is not the right one."""

    equality: Equality
    result: LineResult
    shape: tuple[int, ...] | None = None


def compared(equality: Equality, points: Sequence[Arranged], lang: Language) -> Compared:
    """The equality where it fares worst."""
    worst: LineResult | None = None
    for at in points:
        try:
            given = equality.given(at)
            if not equality.of and not isinstance(getattr(equality, "left", None), Partial):
                continue  # a name of the user's own
            wanted = equality.wanted(at)
        except (FormulaError, ValueError, TypeError, IndexError, KeyError) as error:
            return Compared(equality, _failed(equality, computing_problem(error, lang)))
        fitted = fitting(given, wanted)
        if fitted is None:
            told = problem("shape", lang, shape=given.shape, wanted=wanted.shape, m=at.m)
            return Compared(equality, _failed(equality, told), given.shape)
        if not np.all(np.isfinite(fitted)):
            return Compared(equality, _failed(equality, problem("not finite", lang, m=at.m)))
        result = _entries(equality, at, fitted, wanted)
        if worst is None or _badness(result) > _badness(worst):
            worst = result
    return Compared(equality, worst or _result(equality, ok=True))


def fitting(given: Array, wanted: Array) -> Array | None:
    """The array if it has the right shape; a single number has no shape of its own."""
    if given.shape == wanted.shape:
        return given
    return given.reshape(wanted.shape) if given.size == wanted.size == 1 else None


def _badness(result: LineResult) -> tuple[bool, float]:
    return not result.ok, result.max_relative_error or 0.0


def _result(equality: Equality, *, ok: bool, told: str = "") -> LineResult:
    return LineResult(
        equality.text, equality.name, equality.of, ok, problem=told, where=equality.where
    )


def _failed(equality: Equality, told: str) -> LineResult:
    return _result(equality, ok=False, told=told)


def _entries(equality: Equality, at: Arranged, given: Array, wanted: Array) -> LineResult:
    scale = float(np.max(np.abs(wanted), initial=0.0)) or 1.0
    bar = _bar(equality, at, wanted, scale)
    off = np.abs(given - wanted)
    off = np.where(np.isnan(off), np.inf, off)
    worst = tuple(int(i) for i in np.unravel_index(int(np.argmax(off)), off.shape))
    return LineResult(
        equality.text,
        equality.name,
        equality.of,
        bool(np.all(off <= bar + np.finfo(float).tiny)),
        float(off[worst]) / scale,
        worst,
        float(given[worst]),
        float(wanted[worst]),
        where=equality.where,
    )


def _bar(equality: Equality, at: Arranged, wanted: Array, scale: float) -> Array:
    """What rounding may do: the running error bound of the derivation's own line, or more."""
    least = np.full(wanted.shape, CANCELLING * UNIT * scale)
    errors = None if isinstance(equality, DefinitionEquality) else at.errors.get(equality.of)
    if errors is None:
        return least
    placed = np.abs(equality.wanted(at.instead_of(equality.of, np.asarray(errors))))
    return np.asarray(np.maximum(ROUNDINGS * SAFETY * UNIT * placed, least))
