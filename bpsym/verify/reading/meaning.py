"""What a formula is read with: the notation's names, a layer's number, names of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpsym.verify.reading.names import Names

# What names of the user's own begin with, so that they are no others; and what no such name is.
OWN = "own."
RESERVED = frozenset(
    "a b w x y z A B W X Y Z dA dW dX dZ da db dw dz delta Delta input eta pi sigma f g h".split()
)


class RunningLayerError(Exception):
    """A layer is given by a letter; the formula holds for every layer that it can stand for."""

    def __init__(self, letter: str) -> None:
        super().__init__(letter)
        self.letter = letter


@dataclass
class OwnNames:
    """Symbols that earlier equations define: ``e_j = t_j - y_j``. known: how each is written."""

    known: set[str] = field(default_factory=set)


@dataclass
class Meaning:
    """What a formula is read with.

    names: the notation's symbols. running: the number that a letter for a layer stands for.
    local: the arguments of a function that the formula defines. own: names of the user's own.
    """

    names: Names
    running: Mapping[str, int] = field(default_factory=dict)
    local: frozenset[str] = frozenset()
    own: OwnNames = field(default_factory=OwnNames)
