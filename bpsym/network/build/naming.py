"""What tensors are called: ``z1, a1, W1`` by position, ``z_h1, a_h1, W_h1`` by name."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.catalogue.kinds import KINDS
from bpsym.network.model import Layer, Network
from bpsym.text.door import read_equation
from bpsym.text.syntax import Read, walk


@dataclass(frozen=True)
class Suffix:
    """What follows the letter in the names of a layer's tensors, and of its parameters."""

    tensors: str
    parameters: str


def suffixes(network: Network) -> tuple[Suffix, ...]:
    """The suffixes of all layers.

    Unnamed layers with parameters of their own are counted; other unnamed layers are called by
    their kind and position. The parameters of an equation bear the name of its left side.
    """
    found: list[Suffix] = []
    taken = {layer.name for layer in network.layers}
    counted = 0
    for position, layer in enumerate(network.layers, 1):
        owns = layer.share is None and _has_parameters(layer)
        counted += owns
        if layer.name is not None:
            tensors = f"_{layer.name}"
        elif owns and layer.equation is None:
            tensors = str(counted)
        else:
            name = _unused(f"{layer.kind}{position}", taken)
            taken.add(name)
            tensors = f"_{name}"
        parameters = tensors
        if layer.equation is not None:
            parameters = f"_{read_equation(layer.equation, 'layer').lhs.tensor}"
        found.append(Suffix(tensors, parameters))
    return tuple(found)


def _has_parameters(layer: Layer) -> bool:
    """Whether a layer that shares nothing has parameters."""
    activation = ACTIVATIONS.get(str(layer.activation.name))
    if activation is not None and activation.learned:
        return True
    if layer.equation is None:
        row = KINDS[layer.kind]
        return bool(row.weights or row.starts)
    equation = read_equation(layer.equation, "layer")
    reads = {node.tensor for node in walk(equation.rhs) if isinstance(node, Read)}
    return bool(reads - {equation.lhs.tensor, *layer.inputs})


def _unused(name: str, taken: set[str | None]) -> str:
    while name in taken:
        name += "x"
    return name
