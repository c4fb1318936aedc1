"""Gates as a plane figure: who stands where, in numbers and texts that any language can draw.

Columns from what is given to the cost; wires leave a gate on its right and enter one on its left,
each input at a port of its own with the local gradient on the wire, so that no number stands on
another. A dot marks a fork. Units are those of SVG, y grows downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.pictures.parts import Picture
from bpsym.typeset.printers.styles import Labels

RADIUS = 12.0
# Pictures of more gates, given ones included, cannot be read.
MOST_DRAWN = 90
# Sizes of letters: of signs, of values and error signals, of local gradients, of names.
SIGN, VALUE, LOCAL, NAME = 11.0, 10.0, 9.0, 9.0
# The middle of a text is so far above, or below, what it stands at.
TEXT = 6.5
# How wide a digit is in parts of its size, in the fonts that are there everywhere.
_WIDE = 0.58


@dataclass(frozen=True)
class Node:
    """A gate before it has a place.

    sign: the operation, empty for what is given. name: what its value is called, a constant by
    itself. above, below: its value and its error signal, empty for a constant. edges: the local
    gradient on the wire from each input.
    """

    sign: str
    name: Formula
    inputs: tuple[int, ...]
    above: str
    below: str
    edges: tuple[str, ...]

    @property
    def is_given(self) -> bool:
        """Whether nothing is computed in it."""
        return not self.inputs


@dataclass(frozen=True)
class Spot:
    """A node with the place of its middle, half of its width and half of its height."""

    node: Node
    x: float
    y: float
    across: float
    down: float

    @property
    def is_round(self) -> bool:
        """Whether it is drawn as a circle."""
        return not self.node.is_given and self.across == self.down == RADIUS

    @property
    def value_y(self) -> float:
        """The middle of its value."""
        return self.y - self.down - TEXT

    @property
    def name_y(self) -> float:
        """The middle of its name, which a given node has inside of it."""
        return self.y if self.node.is_given else self.value_y - VALUE - 1

    @property
    def signal_y(self) -> float:
        """The middle of its error signal."""
        return self.y + self.down + TEXT


@dataclass(frozen=True)
class Wire:
    """From an item to a port, through points at right angles; the text is where it comes in."""

    points: tuple[tuple[float, float], ...]
    text: str = ""
    text_x: float = 0.0
    text_y: float = 0.0

    @property
    def text_width(self) -> float:
        """How wide the text is."""
        return wide(self.text, LOCAL)


@dataclass(frozen=True)
class GatePicture:
    """The whole drawing. forks: where a wire parts. labels: where names have their layer."""

    title: str
    width: float
    height: float
    spots: tuple[Spot, ...]
    wires: tuple[Wire, ...]
    forks: tuple[tuple[float, float], ...]
    labels: Labels = Labels.ROUND


Drawn = Picture | GatePicture


def wide(text: str, size: float) -> float:
    """About how wide digits of a size are."""
    return _WIDE * size * len(text)
