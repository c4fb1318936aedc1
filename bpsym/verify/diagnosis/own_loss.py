"""Gradients that are right for the loss of the user's own code, which is not the declared one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bpsym.calculus.system import Role
from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain
from bpsym.verify.diagnosis.search import Finding
from bpsym.verify.diagnosis.variants.base import Sites


def foreign_loss(
    cases: Sequence[Case], held: Sequence[Case], findings: Sequence[Finding]
) -> list[Finding]:
    """The gradients are right for the loss that the user's code returns; it is not the declared.

    So are those of which that is a part of the explanation: the rest of it is left.
    Empty if no loss is returned, it is the declared one, or the gradients do not belong to it.
    """
    every = [*cases, *held]
    if not all(differs(case) for case in every):
        return []
    findings = [each for each in findings if not each.alternative]
    mine = [each for each in findings if _may_be_of_loss(cases[0].chain, each)]
    scales = _scales(mine)
    if scales and all(_scaled_loss(case, scales) for case in every):
        law = next((each for each in mine if "laws" in each.words), mine[0])
        covers = frozenset().union(*(each.covers for each in mine))
        edits = tuple(edit for each in mine for edit in each.edits)
        words = {**law.words, "fits": _formula_of(scales, mine), "law": law.code}
        own = Finding("wrong-loss", "loss", edits, words, covers=covers)
        return [own, *(each for each in findings if each not in mine)]
    return _other_losses(every)


def _may_be_of_loss(chain: Chain, finding: Finding) -> bool:
    """Whether a mistake puts a factor on all of the data, or on all of the decay."""
    if not finding.factors:
        return False
    if finding.code.startswith("regularisation"):
        declared = {
            name
            for name, terms in chain.terms.items()
            if any(each.relation.schema.label == "decay" for each in terms)
        }
        parameters = finding.words.get("parameters")
        return isinstance(parameters, list) and set(parameters) == declared
    outputs = {chain.place[z] for z, _ in Sites(chain).outputs()}
    return finding.where in outputs


Scales = Mapping[int, tuple[float, float]]


def _scales(findings: Sequence[Finding]) -> Scales:
    """m -> the factors of the data and of the decay that the findings put on the gradients."""
    found: dict[int, tuple[float, float]] = {}
    seen: set[int] = set()
    for each in findings:
        if id(each.factors) in seen:  # two laws of one factor
            continue
        seen.add(id(each.factors))
        decay = each.code.startswith("regularisation")
        for m, c in each.factors.items():
            data, rate = found.get(m, (1.0, 1.0))
            found[m] = (data, rate * c) if decay else (data * c, rate)
    return found


def _scaled_loss(case: Case, scales: Scales) -> bool:
    """Whether the user's loss is the declared one with these factors."""
    if case.m not in scales:
        return False
    system = case.chain.system
    decays = {r.defines for r in system.relations if r.schema.label == "decay"}
    c, d = scales[case.m]
    values = case.reference.at(case.observation.point).values
    wanted = sum(
        float(weight) * float(values[term]) * (d if term in decays else c)
        for term, weight in system.objective
    )
    loss = case.observation.loss
    return loss is not None and abs(loss - wanted) <= 1e-6 * abs(wanted)


def _formula_of(scales: Scales, findings: Sequence[Finding]) -> str:
    """The user's loss in terms of the declared C, or of its data and its decay R."""

    def factor_of(*, decay: bool) -> str:
        mine = [each for each in findings if each.code.startswith("regularisation") is decay]
        return " * ".join(dict.fromkeys(str(each.words.get("factor")) for each in mine))

    decay, data = factor_of(decay=True), factor_of(decay=False)
    if decay and not all(abs(c - d) < 1e-9 * abs(c) for c, d in scales.values()):
        return (f"{data} * (C - R)" if data else "(C - R)") + f" + {decay} * R"
    return f"{data or decay} * C"


def differs(case: Case) -> bool:
    """Whether a loss is returned that is not the declared one."""
    loss = case.observation.loss
    if loss is None:
        return False
    right = case.reference.at(case.observation.point).loss
    return abs(loss - right) > 1e-9 * abs(right) + 1e3 * case.epsilon * abs(right)


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
    from bpsym.network.catalogue.losses import LOSSES

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
