"""The network that the user declared: one model behind shorthand, TOML, JSON and Python.

A ``Network`` is a value: hashable, compared by content, never changed. Every one that exists has
passed ``check``, because its constructor is the checker:

    Network(
        inputs={"x": 64},
        layers=[dense(32, name="h1", activation="tanh"), dense(10, activation="softmax")],
        loss="cross_entropy",
    )
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from bpsym.network.catalogue.activations import SOFTMAX
from bpsym.network.catalogue.kinds import KINDS

if TYPE_CHECKING:
    from bpsym.network.check.sizes import Measured

Options = tuple[tuple[str, Fraction], ...]
Number = int | float | str | Fraction
Targets = Literal["rows", "labels", "weights"]
Reduction = Literal["mean", "sum"]

DEFAULT_NAME = "network"
DEFAULT_INPUT = "x"
DEFAULT_TARGET = "y"


@dataclass(frozen=True)
class ActivationUse:
    """An activation of the catalogue by name, with all its options, or an expression in ``z``."""

    name: str | None = "identity"
    options: Options = ()
    expression: str | None = None


@dataclass(frozen=True)
class Layer:
    """One layer.

    name: None for a layer known by its position only.
    inputs: the labels of what it reads, in order.
    units: its width where the kind declares one (dense), else None.
    bias: whether it has the parameter b; False for kinds that never have one.
    share: the label of the layer whose parameters it uses.
    options: the kind's constants, all of them.
    equation: the text of the equation of a layer of kind ``equation``.
    sizes: the sizes of indices that the equation does not tell.
    """

    name: str | None
    kind: str
    inputs: tuple[str, ...]
    units: int | None = None
    activation: ActivationUse = ActivationUse()
    bias: bool = False
    share: str | None = None
    options: Options = ()
    equation: str | None = None
    sizes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Loss:
    """One term of the cost: a loss of the catalogue, or an expression in ``a`` and ``y``.

    of: the labels of the layers it reads. target: the name of its target, None if it reads none.
    targets: ``rows`` of numbers, integer ``labels``, or ``weights`` (rows that need not sum to 1).
    """

    of: tuple[str, ...]
    kind: str | None
    expression: str | None = None
    options: Options = ()
    weight: Fraction = Fraction(1)
    target: str | None = DEFAULT_TARGET
    targets: Targets = "rows"


@dataclass(frozen=True, init=False)
class Network:
    """A checked network; see the module. Layers stand in an order in which they can be computed.

    assumed: what the declaration left open and how it was read, in sentences; not compared.
    """

    name: str
    inputs: tuple[tuple[str, int], ...]
    layers: tuple[Layer, ...]
    losses: tuple[Loss, ...]
    reduction: Reduction
    l2: Fraction
    assumed: tuple[str, ...] = field(compare=False)

    def __init__(
        self,
        inputs: Mapping[str, int] | Sequence[tuple[str, int]],
        layers: Sequence[Layer | Mapping[str, object]],
        losses: Sequence[Loss | Mapping[str, object]] = (),
        *,
        loss: str | Mapping[str, object] | None = None,
        name: str = DEFAULT_NAME,
        reduction: str | None = None,
        l2: Number = 0,
        act: str | Mapping[str, object] | None = None,
        assumed: Sequence[str] | None = None,
    ) -> None:
        """Declare a network and check it.

        layers: what ``dense``, ``add`` and the other functions of
            ``bpsym.network.declare.layers`` give, mappings with the keys of a file, or ``Layer``.
        loss: one loss for the only output; losses: several, what ``loss_term`` gives, mappings,
            or ``Loss``.
        act: the activation of the layers that have none of their own.
        Raises NetworkError with every problem that the declaration has.
        """
        from bpsym.network.check.stages import (
            settled,  # the checker makes networks: not a cycle to load
        )
        from bpsym.network.declare.describe import declaration

        declared = declaration(
            inputs, layers, losses, loss, name=name, reduction=reduction, l2=l2, act=act
        )
        self.__dict__.update(settled(declared).__dict__)
        if assumed is not None:
            self.__dict__["assumed"] = tuple(assumed)

    @classmethod
    def _of(cls, **fields: object) -> Network:
        """A network from fields that the checker has settled."""
        network = object.__new__(cls)
        network.__dict__.update(fields)
        return network

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of every layer: its name, or its position, counted from 1."""
        return tuple(layer.name or str(k) for k, layer in enumerate(self.layers, start=1))

    @cached_property
    def _by_label(self) -> Mapping[str, Layer]:
        return dict(zip(self.labels, self.layers, strict=True))

    def layer(self, label: str) -> Layer:
        """The layer of that label; KeyError if there is none."""
        return self._by_label[label]

    def label(self, layer: Layer) -> str:
        """The label of a layer of this network.

        Unnamed layers that are equal in all else are told apart by identity.
        """
        for label, each in self._by_label.items():
            if each is layer:
                return label
        return self.labels[self.layers.index(layer)]

    def owner(self, label: str) -> str:
        """The label of the layer whose parameters this one uses: its own, unless it shares."""
        return self.layer(label).share or label

    @cached_property
    def _measured(self) -> Measured:
        from bpsym.network.check.sizes import measure

        return measure(self)

    @property
    def widths(self) -> Mapping[str, int]:
        """The number of values that each input and each layer gives for one sample, by label."""
        return self._measured.widths

    def width(self, label: str) -> int:
        """The number of values that an input or a layer gives for one sample."""
        return self.widths[label]

    @property
    def parameters(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of every parameter, by its name in emitted code, in order of use."""
        return self._measured.parameters

    def index_sizes(self, label: str) -> Mapping[str, int]:
        """The sizes of the indices in the equation of a layer, the sample left out."""
        return self._measured.indices.get(label, {})

    def gives_distribution(self, label: str) -> bool:
        """Whether a layer's values of one sample are positive and sum to one."""
        layer = self._by_label.get(label)
        if layer is None:
            return False
        row = KINDS.get(layer.kind)
        ends = layer.activation.name == SOFTMAX
        return ends or (row is not None and row.distribution)

    def spec(self) -> str | None:
        """The canonical shorthand of this network, or None if shorthand cannot say it."""
        from bpsym.network.declare.shorthand import written

        return written(self)
