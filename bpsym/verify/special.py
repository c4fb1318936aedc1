"""Mistakes that are no perturbation of a formula: shapes, precision, clipping, another loss."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bpsym.calculus.system import Role
from bpsym.verify.cases import Array, Case
from bpsym.verify.chain import Chain
from bpsym.verify.search import Finding

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
    for test in (_precision, _difference, _clipped, _single_entry):
        finding = test(chain, every, wrong)
        if finding is not None:
            return [finding]
    return []


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
    bound = max(float(np.max(np.abs(case.given[n]))) for case in cases for n in case.given)
    cut = any(np.max(np.abs(case.right[n])) > bound for case in cases for n in case.given)
    inside = any(np.any(np.abs(case.right[n]) < bound) for case in cases for n in case.given)
    if (
        cut
        and bound > 0
        and inside
        and all(
            case.agrees(name, np.clip(case.right[name], -bound, bound))
            for case in cases
            for name in case.given
        )
    ):
        words = {"how": f"|u| <= {bound:.6g}", "bound": bound}
        return Finding("gradient-clipped", _first(chain, wrong), words=words, covers=wrong)
    for groups in ([tuple(cases[0].given)], [(name,) for name in cases[0].given]):
        norm = _norm(cases, groups, wrong)
        if norm is not None:
            whole = "of all gradients together" if len(groups) == 1 else "of each block"
            words = {"how": f"norm {whole} at most {norm:.6g}", "bound": norm}
            return Finding("gradient-clipped", _first(chain, wrong), words=words, covers=wrong)
    return None


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
        off = np.abs(case.given[name] - case.right[name]) > case._bar(name)
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


# shapes ---------------------------------------------------------------------------------------


def shapes(chain: Chain, cases: Sequence[Case]) -> list[Finding]:
    """Gradients without a readable shape, and the reading that fits."""
    found = []
    for name in chain.parameters:
        if all(name in case.given or name not in case.observation.raw for case in cases):
            continue
        found.append(_misshapen(chain, [case for case in cases if name not in case.given], name))
    return found


def _misshapen(chain: Chain, cases: Sequence[Case], name: str) -> Finding:
    case = cases[0]
    raw = np.asarray(case.observation.raw[name])
    right = case.right[name]
    words: dict[str, object] = {
        "weight": name,
        "shape": str(raw.shape),
        "wanted": str(right.shape),
        "reading": "Give it that shape",
    }
    code = "shape"
    for candidate, value in _readings(chain, case, name):
        if value.shape == raw.shape and np.allclose(value, raw, rtol=1e-6, atol=0):
            code = candidate
            break
    same = raw.size == right.size and np.allclose(raw.reshape(right.shape), right, rtol=1e-6)
    if code == "shape" and same:
        words["reading"] = f"The numbers are right; reshape them to {right.shape}"
    return Finding(code, name, words=words, covers=frozenset({name}))


def _readings(chain: Chain, case: Case, name: str) -> Iterator[tuple[str, Array]]:
    """Wrong shapes that are known: transposed, not summed, summed over the wrong axis."""
    right = case.right[name]
    if right.ndim == 2:
        yield "gradient-transposed", right.T
        return
    for term in chain.terms[name]:
        if term.upstream is None:
            continue
        delta = case.scope.values[term.upstream]
        if delta.ndim != 2:
            continue
        yield "bias-unsummed", delta
        yield "bias-unsummed", delta.T
        over_units = delta.sum(axis=1)
        for shape in ((-1,), (-1, 1), (1, -1)):
            yield "bias-axis", over_units.reshape(shape)


# another loss ---------------------------------------------------------------------------------


def foreign_loss(
    cases: Sequence[Case], held: Sequence[Case], findings: Sequence[Finding]
) -> list[Finding]:
    """The gradients are right for the loss that the user's code returns; it is not the declared.

    Empty if no loss is returned, it is the declared one, or the gradients do not belong to it.
    """
    every = [*cases, *held]
    if not all(_differs(case) for case in every):
        return []
    by_m = {case.m: case for case in every}
    law = findings[0] if len(findings) == 1 else None
    if law is not None and law.factors:
        scaled = all(
            abs(_loss_ratio(by_m[m]) - c) < 1e-6 * abs(c) for m, c in law.factors.items()
        )  # fmt: skip
        if scaled and law.covers >= frozenset(cases[0].given):
            fits = f"{law.words.get('factor')} times the declared loss"
            words = {**law.words, "fits": fits, "law": law.code}
            return [Finding("wrong-loss", "loss", law.edits, words, covers=law.covers)]
    return _other_losses(every)


def _differs(case: Case) -> bool:
    loss = case.observation.loss
    if loss is None:
        return False
    right = case.reference.at(case.observation.point).loss
    return abs(loss - right) > 1e-9 * abs(right) + 1e3 * case.epsilon * abs(right)


def _loss_ratio(case: Case) -> float:
    return float(case.observation.loss or 0.0) / case.reference.at(case.observation.point).loss


def _other_losses(cases: Sequence[Case]) -> list[Finding]:
    """Declare every other loss of the catalogue in its place and compare value and gradients."""
    derivation = cases[0].reference.derivation
    for name, declaration in _declarations(derivation.network):
        finding = _declared_otherwise(cases, name, declaration)
        if finding is not None:
            return [finding]
    return []


def _declarations(network: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    from bpsym.network import Network, to_json
    from bpsym.network.losses import LOSSES

    assert isinstance(network, Network)
    if len(network.losses) != 1:
        return
    text = json.loads(to_json(network))
    for reduction in dict.fromkeys((network.reduction, "mean", "sum")):
        for name, row in LOSSES.items():
            if len(row.outputs) == 1 and row.target:
                declared = {k: v for k, v in text.items() if k != "loss"}
                [loss] = declared.get("losses", [{}]) if "losses" in declared else [{}]
                declared.pop("losses", None)
                changed = {"of": loss.get("of"), "kind": name}
                declared["loss"] = {k: v for k, v in changed.items() if v is not None}
                declared["reduction"] = reduction
                yield f"{name}, {reduction}", declared


def _declared_otherwise(
    cases: Sequence[Case], name: str, declaration: Mapping[str, object]
) -> Finding | None:
    from bpsym.api import derive
    from bpsym.errors import BpsymError

    try:
        derivation = derive(declaration)
    except BpsymError:
        return None
    chain = Chain(derivation.record)
    if [each.name for each in chain.system.of_role(Role.TARGET)] != [
        each.name for each in cases[0].chain.system.of_role(Role.TARGET)
    ]:
        return None
    for case in cases:
        with np.errstate(all="ignore"):
            scope = chain.scope(case.observation.point)
        total = sum(
            float(weight) * float(scope.values[term]) for term, weight in chain.system.objective
        )
        loss = case.observation.loss
        if loss is None or not abs(loss - total) <= 1e-9 * abs(total):
            return None
        gradients = chain.gradients(scope, ())
        if not all(case.agrees(each, gradients[each]) for each in case.given):
            return None
    words = {"fits": name, "law": "other"}
    return Finding("wrong-loss", "loss", words=words, covers=frozenset(cases[0].given))
