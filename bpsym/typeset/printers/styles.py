"""How a formula is to be written: where layers stand, which words, how large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from bpsym.typeset.formulas.tree import Formula


class Labels(Enum):
    """Where the number or name of a layer stands: w^(2), w^[2], w^2, or w_2."""

    ROUND = "round"
    SQUARE = "square"
    BARE = "bare"
    BELOW = "below"


@dataclass(frozen=True)
class ConditionWords:
    """The words in a list of cases."""

    when: str = "if"
    otherwise: str = "otherwise"


# What is to be written under a factor: its sizes.
Shapes = Mapping[Formula, tuple[Formula, ...]]
NO_SHAPES: Shapes = MappingProxyType({})


class Style(Enum):
    """DISPLAY: fractions with a rule, limits above sums. TEXT: as in a line. SCRIPT: raised."""

    DISPLAY = "display"
    TEXT = "text"
    SCRIPT = "script"


def smaller(style: Style) -> Style:
    """The style inside of a fraction or an argument."""
    return Style.TEXT if style is Style.DISPLAY else style
