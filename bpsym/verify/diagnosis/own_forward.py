"""Gradients that are right for another forward pass: a bias forgotten, another activation.

The declared network is changed as the student's code may be, and derived anew; what fits every
gradient at every point is the forward pass that the student wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import process_time

import numpy as np

from bpsym.arrays.index_values import Scope
from bpsym.verify.diagnosis.cases import Case
from bpsym.verify.diagnosis.chain import Chain, Edit
from bpsym.verify.diagnosis.misread_forward import misread_forward
from bpsym.verify.diagnosis.observe import Point
from bpsym.verify.diagnosis.search import Finding
from bpsym.verify.diagnosis.variants.base import Sites, Slope

SECONDS = 1.0
LOSS_CLOSE = 1e-9
_TRIED = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "gelu_tanh", "gelu", "softplus")


def own_forward(
    cases: Sequence[Case], held: Sequence[Case], *, loss: bool = False
) -> Finding | None:
    """The other forward pass to which all gradients belong; None if none is found.

    loss: the returned loss must belong to it too.
    """
    every = [*cases, *held]
    return (
        _without_bias(every, loss=loss)
        or misread_forward(every, loss=loss)
        or _other_activation(every, loss=loss)
    )


def _without_bias(cases: Sequence[Case], *, loss: bool) -> Finding | None:
    """A bias, or all of them, left out on the way up, and its gradient computed all the same."""
    chain = cases[0].chain
    biases = [n for n in chain.parameters if len(chain.system.tensors[n].sizes) == 1]
    groups = [(name,) for name in biases] + ([tuple(biases)] if len(biases) > 1 else [])
    for group in groups:
        if all(
            _fits(case, chain, _zeroed(case.observation.point, group), loss=loss) for case in cases
        ):
            [reader, *_] = [r.defines for r in chain.system.relations if group[0] in r.reads]
            words = {"fits": ", ".join(group), "way": "bias"}
            return Finding("bias-left-out", reader, words=words, covers=frozenset(cases[0].given))
    return None


def _zeroed(point: Point, names: Sequence[str]) -> Point:
    zeros = {name: np.zeros_like(point.params[name]) for name in names}
    return replace(point, params={**point.params, **zeros})


def _other_activation(cases: Sequence[Case], *, loss: bool) -> Finding | None:
    from bpsym.api import derive
    from bpsym.errors import BpsymError

    ends = process_time() + SECONDS
    for layer, declared, used, declaration in _declarations(cases[0]):
        if process_time() > ends:
            return None
        try:
            chain = Chain(derive(declaration).record)
        except BpsymError:
            continue
        if chain.parameters != cases[0].chain.parameters:
            continue
        for edits in ((), _declared_slope(chain, cases[0].chain, f"a{layer}")):
            if not all(
                _fits(case, chain, case.observation.point, edits, loss=loss) for case in cases
            ):
                continue
            words = {"activation": declared, "used": used, "fits": used}
            covers = frozenset(cases[0].given)
            return Finding("wrong-activation", f"a{layer}", words=words, covers=covers)
    return None


def _declarations(case: Case) -> Iterator[tuple[int, str, str, Mapping[str, object]]]:
    """The layer, the declared activation, another, and the network that has it."""
    from bpsym.network import to_json

    text = json.loads(to_json(case.reference.derivation.network))
    for at, layer in enumerate(text.get("layer", ()), start=1):
        declared = layer.get("activation")
        if not isinstance(declared, str) or f"a{at}" not in case.chain.system.tensors:
            continue
        for other in _TRIED:
            if other != declared:
                layers = [dict(each) for each in text["layer"]]
                layers[at - 1]["activation"] = other
                yield at, declared, other, {**text, "layer": layers}


def _declared_slope(chain: Chain, declared: Chain, a: str) -> tuple[Edit, ...]:
    """The declared derivative on the way down, through an output that is not the declared one."""
    form = next(
        (s.activation.slope_in_output for s in Sites(declared).slopes() if _output(s) == a), None
    )
    mine = [each for each in Sites(chain).slopes() if _output(each) == a]
    if form is None:
        return ()
    return tuple(each.replaced(each.form(form)) for each in mine)


def _output(slope: Slope) -> str:
    return slope.term.relation.defines


def _fits(
    case: Case, chain: Chain, point: Point, edits: tuple[Edit, ...] = (), *, loss: bool
) -> bool:
    with np.errstate(all="ignore"):
        scope = chain.scope(point)
        if loss and not _is_loss(case, chain, scope):
            return False
        gradients = chain.gradients(scope, edits)
    return all(case.agrees(each, gradients[each]) for each in case.given)


def _is_loss(case: Case, chain: Chain, scope: Scope) -> bool:
    """Whether the returned loss is the declared one of this forward pass."""
    total = sum(float(each) * float(scope.values[term]) for term, each in chain.system.objective)
    given = case.observation.loss
    return given is not None and abs(given - total) <= LOSS_CLOSE * abs(total)
