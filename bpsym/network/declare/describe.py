"""A network back into the declaration it came from: the mapping that a file holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from bpsym.network.catalogue import kinds, losses
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.model import (
    DEFAULT_NAME,
    DEFAULT_TARGET,
    ActivationUse,
    Layer,
    Loss,
    Network,
    Number,
)

Declaration = dict[str, object]


def described(network: Network) -> Declaration:
    """The declaration of a network, with the defaults left out where a reader expects them."""
    declaration: Declaration = {}
    if network.name != DEFAULT_NAME:
        declaration["name"] = network.name
    declaration["reduction"] = network.reduction
    if network.l2:
        declaration["l2"] = network.l2
    declaration["inputs"] = dict(network.inputs)
    above = network.inputs[0][0] if len(network.inputs) == 1 else None
    layers = []
    for label, layer in zip(network.labels, network.layers, strict=True):
        layers.append(_layer(layer, above))
        above = label
    declaration["layer"] = layers
    declaration["loss"] = [_loss(loss) for loss in network.losses]
    return declaration


def declaration(
    inputs: Mapping[str, int] | Sequence[tuple[str, int]],
    layers: Sequence[Layer | Mapping[str, object]],
    terms: Sequence[Loss | Mapping[str, object]],
    loss: str | Mapping[str, object] | None,
    **top: str | Number | Mapping[str, object] | None,
) -> Declaration:
    """The declaration that the arguments of ``Network`` make."""
    declared: Declaration = {key: value for key, value in top.items() if value is not None}
    pairs = isinstance(inputs, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in inputs
    )
    declared["inputs"] = dict(inputs) if pairs else inputs
    declared["layer"] = layers
    if isinstance(layers, list | tuple):
        declared["layer"] = [
            _layer(each, None) if isinstance(each, Layer) else each for each in layers
        ]
    listed = [_loss(term) if isinstance(term, Loss) else term for term in terms]
    if loss is not None:
        declared["loss"] = [*listed, {"kind": loss} if isinstance(loss, str) else loss]
    elif listed:
        declared["loss"] = listed
    return declared


def _layer(layer: Layer, above: str | None) -> Declaration:
    row = kinds.KINDS.get(layer.kind)
    declared: Declaration = {}
    if layer.name is not None:
        declared["name"] = layer.name
    if layer.kind != "dense":
        declared["kind"] = layer.kind
    if layer.inputs != (above,) or row is None:
        declared["from"] = list(layer.inputs)
    if layer.units is not None:
        declared["units"] = layer.units
    if layer.activation != ActivationUse() or (row is not None and row.units):
        declared["activation"] = _activation(layer.activation)
    if row is not None and row.bias and not layer.bias:
        declared["bias"] = False
    if layer.share is not None:
        declared["share"] = layer.share
    declared |= _changed(layer.options, row.options if row is not None else {})
    if layer.equation is not None:
        declared["equation"] = layer.equation
    if layer.sizes:
        declared["sizes"] = dict(layer.sizes)
    return declared


def _activation(use: ActivationUse) -> object:
    if use.expression is not None:
        return {"expression": use.expression}
    row = ACTIVATIONS.get(use.name or "")
    changed = _changed(use.options, row.options if row is not None else {})
    return {"name": use.name, **changed} if changed else use.name


def _loss(loss: Loss) -> Declaration:
    row = losses.LOSSES.get(loss.kind or "")
    declared: Declaration = {"of": loss.of[0] if len(loss.of) == 1 else list(loss.of)}
    if loss.expression is not None:
        declared["expression"] = loss.expression
    else:
        declared["kind"] = loss.kind
    declared |= _changed(loss.options, row.options if row is not None else {})
    if loss.weight != 1:
        declared["weight"] = loss.weight
    if loss.target not in (None, DEFAULT_TARGET):
        declared["target"] = loss.target
    if loss.targets != "rows":
        declared["targets"] = loss.targets
    return declared


def _changed(
    options: Sequence[tuple[str, Fraction]], defaults: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    return {name: value for name, value in options if defaults.get(name) != value}
