"""What the drawing of a network is made of, each part where it stands, in points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# Of the circle of a unit.
RADIUS = 13.0
# Of a line without a weight.
PLAIN = 0.7


@dataclass(frozen=True)
class Unit:
    """One unit: where it is, and which of its layer, from 1."""

    layer: str
    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Group:
    """An input or a layer.

    units: those that are drawn. width: how many there are. dots: where the ellipsis stands for
    the units that are left out. caption: the lines below it, at ``x`` from ``caption_y`` down.
    """

    layer: str
    x: float
    units: tuple[Unit, ...]
    width: int
    dots: tuple[float, float] | None
    caption: tuple[str, ...]
    caption_y: float

    @property
    def top(self) -> float:
        """The height at which its first unit begins."""
        return self.units[0].y - RADIUS


@dataclass(frozen=True)
class Connection:
    """A line between two units.

    weight: the weight on it, ``W1[2,1]``, empty for a connection without a weight of its own.
    thickness: of the line; ``negative``: the weight is below 0.
    """

    source: Unit
    target: Unit
    weight: str
    thickness: float = PLAIN
    negative: bool = False


@dataclass(frozen=True)
class Gap:
    """Where layers of a deep chain are left out, and what is written there."""

    x: float
    y: float
    caption: str


@dataclass(frozen=True)
class Arc:
    """A connection of layers that stand further apart: a curve above everything between them."""

    source: str
    target: str
    start: tuple[float, float]
    control: tuple[float, float, float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """The whole drawing."""

    title: str
    width: float
    height: float
    groups: tuple[Group, ...]
    connections: tuple[Connection, ...]
    arcs: tuple[Arc, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class PictureWords:
    """The words in a picture.

    in_all: below a wide layer, with a place for its width. left_out: below the ellipsis of a deep
    chain, with a place for the number of layers. title: with a place for the network.
    kinds: kinds of layers that are not called as in a declaration.
    """

    in_all: str = "{} in all"
    left_out: str = "{} layers"
    title: str = "The network: {}"
    kinds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
