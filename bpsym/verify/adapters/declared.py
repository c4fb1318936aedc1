"""What adapters know of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bpsym.calculus.system import Role

if TYPE_CHECKING:
    from bpsym.api import Derivation


@dataclass(frozen=True)
class Declared:
    """What adapters know of the network.

    parameters: shapes in rows layout. inputs, targets: tensor name -> width.
    widths: of the inputs' sum and of every layer, in order, for constructors.
    classes: the target tensors whose rows are one-hot. values: the hidden tensors, z1, a1, ...
    output: the one that is the output, of several outputs none.
    merged: whether the bias is a column of W, which then is (out, in + 1).
    """

    parameters: Mapping[str, tuple[int, ...]]
    inputs: Mapping[str, int]
    targets: Mapping[str, int]
    input_names: Mapping[str, str]
    target_names: Mapping[str, str]
    widths: tuple[int, ...]
    classes: frozenset[str]
    mean: bool
    decay: float
    values: tuple[str, ...] = ()
    output: str = ""
    merged: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in order."""
        return tuple(self.parameters)


def declared(derivation: Derivation) -> Declared:
    """What adapters need of a derivation."""
    built, network = derivation.built, derivation.network
    system = built.system

    def width(name: str) -> int:
        return int(np.prod([system.sizes[each] for each in system.tensors[name].sizes[1:]]))

    classes = {
        built.targets[loss.target]
        for loss in network.losses
        if loss.target is not None
        and loss.target in built.targets
        and built.target_kind(loss) == "distribution"
    }
    parameters = {
        each.name: tuple(system.sizes[label] for label in each.sizes)
        for each in system.of_role(Role.PARAMETER)
    }
    units = [layer.units for layer in network.layers if layer.units is not None]
    return Declared(
        parameters,
        {name: width(name) for name in built.inputs.values()},
        {name: width(name) for name in built.targets.values()},
        dict(built.inputs),
        dict(built.targets),
        (sum(size for _, size in network.inputs), *units),
        frozenset(classes),
        network.reduction == "mean",
        float(network.l2),
        tuple(each.name for each in system.of_role(Role.HIDDEN)),
        _output(derivation),
    )


def _output(derivation: Derivation) -> str:
    """The tensor that the only loss reads; nothing where there are several."""
    losses = derivation.network.losses
    if len(losses) != 1 or len(losses[0].of) != 1:
        return ""
    return str(derivation.built.outputs.get(losses[0].of[0], ""))


def merged(network: Declared) -> Declared | None:
    """The network as code sees it that keeps each bias as a column of its W; None if it cannot."""
    biases = bias_of(network)
    if not biases or len(biases) * 2 != len(network.names):
        return None
    parameters = {
        name: (network.parameters[name][0], network.parameters[name][1] + 1) for name in biases
    }
    return replace(network, parameters=parameters, merged=True)


def bias_of(network: Declared) -> dict[str, str]:
    """W -> b, for every W that has one."""
    found = {}
    for name, shape in network.parameters.items():
        bias = "b" + name.removeprefix("W")
        if len(shape) == 2 and network.parameters.get(bias) == shape[:1]:
            found[name] = bias
    return found
