"""What lowering must know of the tensors of a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpsym.arrays.layout import Layout
from bpsym.calculus.slopes.activation import Activation


@dataclass(frozen=True)
class Storage:
    """The tensors as they are stored.

    shapes: the size labels of each tensor and adjoint; widths: the number behind a label, if known.
    ranks: 0 for error signals, 1 for parameters, 2 for activations, 4 for targets: the order in
    which factors are written. outputs: the tensor of each activation of a pre-activation.
    """

    layout: Layout
    shapes: Mapping[str, tuple[str, ...]]
    widths: Mapping[str, int]
    ranks: Mapping[str, int]
    outputs: Mapping[tuple[str, Activation], str]
