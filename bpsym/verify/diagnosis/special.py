"""Mistakes that are no perturbation of a formula: precision, clipping, a single entry."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.search import Finding

# A float64 gradient further off than this is no matter of precision.
COARSE = 1e-3
FEWEST_ENTRIES = 6
# The part of the error bound of float32 that its errors reach somewhere.
LEAST_PART = 1e-3
STEPS = tuple(k * 10.0**-n for n in range(2, 11) for k in (1, 2))


def special(
    chain: Chain, cases: Sequence[Case], held: Sequence[Case], wrong: frozenset[str]
) -> list[Finding]:
    """What the numbers give away by themselves; empty if nothing."""
    every = [*cases, *held]
    for test in (_zero, _precision, _difference, _clipped, _single_entry):
        finding = test(chain, every, wrong)
        if finding is not None:
            return [finding]
    return []


def _zero(chain: Chain, cases: Sequence[Case], wrong: frozenset[str]) -> Finding | None:
    """Nothing but zeros came back."""
    if any(np.any(value) for case in cases for value in case.given.values()):
        return None
    names = [name for name in chain.parameters if name in wrong]
    words = {"where": ", ".join(names)}
    return Finding("zero-gradient", _first(chain, wrong), words=words, covers=wrong)


def _relative(case: Case, name: str) -> float:
    right = case.right[name]
    scale = float(np.max(np.abs(right)))
    return float(np.max(np.abs(case.given[name] - right))) / scale if scale else np.inf


def _fine(cases: Sequence[Case], wrong: frozenset[str]) -> bool:
    return cases[0].epsilon < 1e-12 and all(
        _relative(case, name) < COARSE for case in cases for name in wrong if name in case.given
    )


def _precision(chain: Chain, cases: Sequence[Case], wrong: frozenset[str]) -> Finding | None:
    """Every number of the wrong blocks is a float32: what is between two of them is lost."""
    if not _fine(cases, wrong):
        return None
    blocks = [case.given[name] for case in cases for name in wrong if name in case.given]
    if sum(block.size for block in blocks) < FEWEST_ENTRIES:
        return None
    if not all(np.array_equal(block, block.astype(np.float32)) for block in blocks):
        return None
    first = next(name for name in reversed(chain.parameters) if name in wrong)
    off = max(_relative(case, name) for case in cases for name in wrong)
    words = {"weight": first, "off": off, "exact": True}
    return Finding("precision", _first(chain, wrong), words=words, covers=wrong)


def rounded(chain: Chain, cases: Sequence[Case], wrong: frozenset[str]) -> Finding | None:
    """Off as float32 arithmetic is: within its error bound, entry by entry, and not far inside."""
    if not _fine(cases, wrong):
        return None
    parts = []
    for case in cases:
        bars = case.reference.tolerance(case.observation.point, 2.0**-24)
        for name in wrong:
            off = np.abs(case.given[name] - case.right[name])
            if np.any(off > bars[name]):
                return None
            parts.append(np.ravel(off / (bars[name] + np.finfo(float).tiny)))
    if np.max(np.concatenate(parts)) < LEAST_PART:
        return None
    off = max(_relative(case, name) for case in cases for name in wrong)
    words = {"weight": _first(chain, wrong), "off": off, "exact": False}
    return Finding("precision", _first(chain, wrong), words=words, covers=wrong)


def _difference(chain: Chain, cases: Sequence[Case], wrong: frozenset[str]) -> Finding | None:
    """Every entry is a whole number of roundoffs of the loss over a step: ``k ulp(C) / h``."""
    if not _fine(cases, wrong):
        return None
    step = next((h for h in STEPS if _is_quotient(cases, wrong, h)), None)
    if step is None:
        return None
    off = max(_relative(case, name) for case in cases for name in wrong)
    words = {"step": f"{step:g}", "off": off, "weight": _first(chain, wrong)}
    return Finding("finite-difference", _first(chain, wrong), words=words, covers=wrong)


def _is_quotient(cases: Sequence[Case], wrong: frozenset[str], step: float) -> bool:
    count = 0
    for case in cases:
        loss = case.reference.at(case.observation.point).loss
        quantum = np.spacing(abs(loss)) / 4 / step
        for name in wrong:
            multiples = np.ravel(case.given[name]) / quantum
            if np.any(np.abs(multiples) > 1e12):
                return False
            # Numbers of a few quanta are whole by nature; a large one is not by chance.
            if not np.all(np.abs(multiples - np.rint(multiples)) < 0.02):
                return False
            count += multiples.size
    return count >= FEWEST_ENTRIES


def _clipped(chain: Chain, cases: Sequence[Case], wrong: frozenset[str]) -> Finding | None:
    """Cut off at a bound, or scaled to a norm, of all gradients or of each."""
    every = tuple(cases[0].given)
    some = tuple(name for name in every if name in wrong)
    for names, power in itertools.product(dict.fromkeys((every, some)), (0, 1)):
        bound = _bound(cases, power, names)
        if bound is not None:
            how = f"|u| <= {bound:.6g}" + ("/m" if power else "")
            how += "" if names == every else " in " + ", ".join(names)
            words = {"how": how, "bound": bound}
            return Finding("gradient-clipped", _first(chain, wrong), words=words, covers=wrong)
    for groups in ([tuple(cases[0].given)], [(name,) for name in cases[0].given]):
        norm = _norm(cases, groups, wrong)
        if norm is not None:
            whole = "of all gradients together" if len(groups) == 1 else "of each block"
            words = {"how": f"norm {whole} at most {norm:.6g}", "bound": norm}
            return Finding("gradient-clipped", _first(chain, wrong), words=words, covers=wrong)
    return None


def _bound(cases: Sequence[Case], power: int, names: Sequence[str]) -> float | None:
    """The bound on every entry, times m to a power: 1 if what is cut is divided by m afterwards.

    names: the blocks that are cut; the others must be right.
    """
    scaled = [(case, float(case.m**power)) for case in cases]
    bound = max(float(np.max(np.abs(c.given[n]))) * by for c, by in scaled for n in names)
    cut = any(np.max(np.abs(c.right[n])) * by > bound for c, by in scaled for n in names)
    inside = any(np.any(np.abs(c.right[n]) * by < bound) for c, by in scaled for n in names)
    if not (cut and inside and bound > 0):
        return None
    fits = all(
        case.agrees(name, np.clip(case.right[name], -bound / by, bound / by))
        for case, by in scaled
        for name in names
    )
    return bound if fits else None


def _norm(
    cases: Sequence[Case], groups: Sequence[tuple[str, ...]], wrong: frozenset[str]
) -> float | None:
    """The norm that every group was scaled down to; groups below it are as they are."""
    norms: list[float] = []
    for case in cases:
        for group in groups:
            if not wrong.intersection(group):
                continue
            given = np.concatenate([np.ravel(case.given[name]) for name in group])
            right = np.concatenate([np.ravel(case.right[name]) for name in group])
            length = float(np.linalg.norm(right))
            if not length:
                continue
            factor = float(given @ right) / length**2
            if factor <= 0 or np.linalg.norm(given - factor * right) > 1e-9 * length:
                return None
            if abs(factor - 1) > 1e-9:
                norms.append(factor * length)
            elif norms and length > norms[0] * (1 + 1e-6):
                return None
    if len(norms) < 2 or max(norms) - min(norms) > 1e-7 * max(norms):
        return None
    return norms[0]


def _single_entry(chain: Chain, cases: Sequence[Case], wrong: frozenset[str]) -> Finding | None:
    """One entry of one block, the same at all points."""
    if len(wrong) != 1:
        return None
    [name] = wrong
    places = set()
    for case in cases:
        if name not in case.wrong:
            continue
        off = np.abs(case.given[name] - case.right[name]) > case.bar(name)
        if off.size < 4 or np.count_nonzero(off) != 1:
            return None
        places.add(tuple(int(at) for at in np.argwhere(off)[0]))
    if len(places) != 1:
        return None
    [place] = places
    index = ", ".join(str(at) for at in place)
    words = {"weight": name, "index": f"{name}[{index}]", "place": list(place)}
    return Finding("single-entry", name, words=words, covers=wrong)


def _first(chain: Chain, wrong: frozenset[str]) -> str:
    """The first place of a backward pass that is wrong."""
    for name in chain.order:
        below = chain.below[name]
        if name in chain.parameters:
            if name in wrong:
                return name
        elif below and below <= wrong and chain.place[name].startswith(("delta", "adj")):
            return chain.place[name]
    return next(iter(wrong))
