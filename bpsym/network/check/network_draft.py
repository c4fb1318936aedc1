"""The top of a declaration: name, reduction, decay, inputs, and the layers and losses as drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from bpsym.network.check.activation_use import read_activation
from bpsym.network.check.layer_draft import LayerDraft, read_layer
from bpsym.network.check.loss_draft import LossDraft, read_losses
from bpsym.network.check.report import Report, Table, shown
from bpsym.network.limits import LARGEST_WIDTH, MOST_INPUTS, MOST_LAYERS, MOST_LOSSES
from bpsym.network.model import DEFAULT_NAME, ActivationUse
from bpsym.text.names import form_problem

REDUCTIONS = ("mean", "sum")

_HINTS = {
    "layers": "write [[layer]]",
    "losses": "write [[loss]]",
    "input": "write [inputs]",
    "target": 'write [[loss]] and target = "..." below it',
}


@dataclass
class NetworkDraft:
    """A network as it was declared, before its parts are held against each other.

    place: the network in words, for messages. act: of the layers that have no activation.
    """

    name: str = DEFAULT_NAME
    place: str = "the network"
    reduction: Literal["mean", "sum"] = "mean"
    l2: Fraction = Fraction(0)
    act: ActivationUse | None = None
    act_is_said: bool = False
    inputs: dict[str, int] = field(default_factory=dict)
    layers: list[LayerDraft] = field(default_factory=list)
    losses: list[LossDraft] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)


def read_network(declared: Mapping[str, object], report: Report) -> NetworkDraft:
    """Read a declaration, noting what is wrong with its parts by themselves."""
    draft = NetworkDraft()
    table = Table(declared, "network", report)
    name = table.text("name")
    if name is not None and not report.note(form_problem(name, "network", "network name")):
        draft.name, draft.place = name, repr(name)
        table.where = f"network {name!r}"
    reduction = table.choice("reduction", REDUCTIONS)
    if reduction is None:
        draft.assumed.append("Reduction: the mean over the samples, as none was given.")
    draft.reduction = "sum" if reduction == "sum" else "mean"
    draft.l2 = table.number("l2") or Fraction(0)
    if draft.l2 < 0:
        table.wrong("l2", "0 or a number above", "write l2 = 0.01, for example")
    act = table.get("act")
    if act is not None:
        draft.act_is_said = True
        draft.act = read_activation(act, f"act of {draft.place}", report)
    draft.inputs = _inputs(table, draft.place)
    layers = _listed(table, "layer", "layers", MOST_LAYERS)
    draft.layers = [read_layer(each, k, draft.place, report) for k, each in enumerate(layers, 1)]
    losses = table.get("loss")
    if isinstance(losses, list | tuple):
        losses = _listed(table, "loss", "losses", MOST_LOSSES)
    if losses != ():
        draft.losses = read_losses(losses, draft.place, report)
    table.close(_HINTS)
    return draft


def _inputs(table: Table, place: str) -> dict[str, int]:
    inputs = table.mapping("inputs", "a table of sizes by name", "write [inputs] and x = 64")
    if not inputs and (inputs is not None or "inputs" not in table):
        table.report.add(
            table.where, "there is no input", "inputs", "none", "write [inputs] and x = 64"
        )
    if inputs is not None and len(inputs) > MOST_INPUTS:
        _too_many(table, "inputs", MOST_INPUTS, len(inputs))
        return {}
    sizes = Table(inputs or {}, f"inputs of {place}", table.report)
    read = {name: sizes.integer(name, LARGEST_WIDTH) for name in inputs or {}}
    return {name: size for name, size in read.items() if size is not None}


def _listed(table: Table, key: str, what: str, most: int) -> Sequence[object]:
    listed = table.get(key)
    if not isinstance(listed, list | tuple) or not listed:
        got = "none" if not listed else shown(listed)
        way_out = f"write [[{key}]] and its keys below it"
        table.report.add(table.where, f"there are no {what}", f"{what} in a list", got, way_out)
        return ()
    if len(listed) > most:
        _too_many(table, what, most, len(listed))
        return ()
    return listed


def _too_many(table: Table, what: str, most: int, got: int) -> None:
    table.report.add(
        table.where, f"there are too many {what}", f"at most {most}", str(got), "use fewer"
    )
