"""A network as a system of equations, with what the rest needs to know of its names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bpsym.calculus.system import System
from bpsym.network.catalogue.activations import ACTIVATIONS
from bpsym.network.catalogue.losses import LOSSES
from bpsym.network.model import Loss, Network


@dataclass(frozen=True)
class Start:
    """How a parameter starts: at ``value``, or at random with the variance of ``rule``."""

    value: Fraction | None
    rule: str = ""


@dataclass(frozen=True, eq=False)
class BuiltNetwork:
    """A network as a system.

    outputs: label of a layer or an input -> the tensor that holds its output.
    inputs, targets: declared name -> tensor. predictions: the tensors that losses read, in order.
    starts: how each parameter starts.
    """

    network: Network
    system: System
    outputs: Mapping[str, str]
    inputs: Mapping[str, str]
    targets: Mapping[str, str]
    predictions: tuple[str, ...]
    starts: Mapping[str, Start]

    @property
    def kinked(self) -> tuple[str, ...]:
        """The activations of the network that have a kink, by name."""
        names = (str(layer.activation.name) for layer in self.network.layers)
        return tuple(dict.fromkeys(n for n in names if n in ACTIVATIONS and ACTIVATIONS[n].kinks))

    @property
    def loss_kinks(self) -> Mapping[str, str]:
        """The losses of the network whose derivative jumps, and what is taken there."""
        kinds = dict.fromkeys(loss.kind for loss in self.network.losses if loss.kind is not None)
        return {kind: LOSSES[kind].kink for kind in kinds if LOSSES[kind].kink}

    def target_kind(self, loss: Loss) -> str:
        """What values the targets of a loss take: distribution, unit, signs, positive or real."""
        if loss.kind is None:
            return "real"
        row = LOSSES[loss.kind]
        return "distribution" if row.distribution else row.targets
