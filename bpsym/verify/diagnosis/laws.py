"""Factors: which constant lies between two gradients, and what it is called.

A factor is solved for at each point by itself. One law must give it at all of them: 8 at m = 8 and
13 at m = 13 is m.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
EXACT = 1e-8


@dataclass(frozen=True)
class Situation:
    """What a law may depend on: m, the width of the inputs, the number of outputs, all widths."""

    m: int
    features: int
    outputs: int
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Law:
    """A named factor. formula: as it is written. applies: whether it can be told from 1 here."""

    code: str
    formula: str
    factor: Callable[[Situation], float]

    def fits(self, factors: Sequence[float], at: Sequence[Situation], tolerance: float) -> bool:
        """Whether the law gives all the factors."""
        return all(
            abs(c - self.factor(s)) <= tolerance * abs(self.factor(s))
            for c, s in zip(factors, at, strict=True)
        )


MISSING_MEAN = Law("missing-batch-mean", "m", lambda s: float(s.m))
DOUBLE_MEAN = Law("double-batch-mean", "1/m", lambda s: 1.0 / s.m)
ZERO = Law("zero-gradient", "0", lambda s: 0.0)

SINGLE: tuple[Law, ...] = (
    Law("sign", "-1", lambda s: -1.0),
    Law("factor-two", "2", lambda s: 2.0),
    Law("factor-half", "1/2", lambda s: 0.5),
    MISSING_MEAN,
    DOUBLE_MEAN,
    Law("mean-over-outputs", "1/K", lambda s: 1.0 / s.outputs),
    Law("divided-by-features", "m/n0", lambda s: s.m / s.features),
    Law("divided-by-features", "m/K", lambda s: s.m / s.outputs),
    Law("scaled", "ln 2", lambda s: math.log(2)),
    Law("scaled", "1/ln 2", lambda s: 1 / math.log(2)),
    Law("scaled", "ln 10", lambda s: math.log(10)),
    Law("scaled", "1/ln 10", lambda s: 1 / math.log(10)),
)


def identified(
    factors: Sequence[float], at: Sequence[Situation], tolerance: float = EXACT
) -> tuple[Law, ...]:
    """The law, or the two laws, whose product gives all the factors; empty if none does.

    Any constant is a law of its own, ``scaled``.
    """
    if all(c == 0 for c in factors):
        return (ZERO,)
    for law in _known(at):
        if law.fits(factors, at, tolerance):
            return (law,)
    for one, other in _pairs(at):
        if all(
            abs(c - one.factor(s) * other.factor(s)) <= tolerance * abs(c)
            for c, s in zip(factors, at, strict=True)
        ):
            return (one, other)
    if len({s.m for s in at}) < 2:
        return ()
    for means in ((), (MISSING_MEAN,), (DOUBLE_MEAN,)):
        by = [math.prod(mean.factor(s) for mean in means) for s in at]
        rest = [c / each for c, each in zip(factors, by, strict=True)]
        first = rest[0]
        if all(abs(c - first) <= tolerance * abs(first) for c in rest):
            scaled = Law("scaled", f"{first:.6g}", lambda s, c=first: c)  # type: ignore[misc]
            return (*means, scaled)
    return ()


def same_number(law: Law, at: Sequence[Situation]) -> Iterator[Law]:
    """The other laws that give the same factors here: 1/2 is 1/K where there are two outputs."""
    factors = [law.factor(each) for each in at]
    for other in SINGLE:
        if other.code != law.code and other.fits(factors, at, EXACT):
            yield other


def _known(at: Sequence[Situation]) -> Iterator[Law]:
    for law in SINGLE:
        if any(abs(law.factor(s) - 1) > EXACT for s in at):
            yield law
    for width in dict.fromkeys(at[0].widths):
        formula = f"m/{width}"
        yield Law("divided-by-features", formula, lambda s, width=width: s.m / width)  # type: ignore[misc]


def _pairs(at: Sequence[Situation]) -> Iterator[tuple[Law, Law]]:
    laws = [law for law in _known(at) if law.code != "scaled"]
    for k, one in enumerate(laws):
        for other in laws[k:]:
            cancels = all(abs(one.factor(s) * other.factor(s) - 1) < EXACT for s in at)
            if not cancels and (one is not other or one.code == "missing-batch-mean"):
                yield one, other


def factor(of: Sequence[Array], yours: Sequence[Array]) -> float | None:
    """The c with ``yours = c of``, by least squares; None if ``of`` is zero throughout."""
    above = sum(float(np.vdot(a, b)) for a, b in zip(of, yours, strict=True))
    below = sum(float(np.vdot(a, a)) for a in of)
    return above / below if below > 0 else None


def two_factors(first: Array, second: Array, yours: Array) -> tuple[float, float] | None:
    """The c and d with ``yours = c first + d second``, by least squares; None if undetermined."""
    if first.size < 3:
        # Too few entries for two unknowns and a check: the data term is taken to be right.
        d = factor([second], [yours - first])
        return None if d is None else (1.0, d)
    columns = np.stack([np.ravel(first), np.ravel(second)], axis=1)
    norms = np.linalg.norm(columns, axis=0)
    if not np.all(norms > 0):
        return None
    solution, _, rank, _ = np.linalg.lstsq(columns / norms, np.ravel(yours), rcond=1e-10)
    if rank < 2:
        return None
    c, d = solution / norms
    return float(c), float(d)


def ratios(factors: Mapping[int, float], lang: str = "en") -> str:
    """``8.000 x right at m = 8 and 13.000 x right at m = 13``, in a language."""
    if lang == "zh":
        return "\uff0c".join(f"m = {m} 时为正确值的 {c:.4g} 倍" for m, c in factors.items())
    return " and ".join(f"{c:.4g} x right at m = {m}" for m, c in factors.items())
