"""What a notation is: a table of letters, and habits of writing indices, samples and deltas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

# What a tensor is in a layered network, by the letter that emitted code has for it.
PARTS = ("X", "Y", "z", "a", "W", "b", "delta", "error")


class Samples(Enum):
    """How samples are written.

    ROWS: a sample is a row, as in the code. ONE: the formulas are those of one sample, which is
    the batch of size m = 1. COLUMNS: a sample is a column.
    """

    ROWS = "rows"
    ONE = "one"
    COLUMNS = "columns"


class Scale(Enum):
    """What the deltas of a notation are: dC/dz itself, minus that, or m times that."""

    PLAIN = "plain"
    MINUS = "minus"
    SAMPLES = "samples"


class Numbered(Enum):
    """Whether a letter bears the number of its layer: always, never, or in deep networks only."""

    ALWAYS = "always"
    NEVER = "never"
    DEEP = "deep"


@dataclass(frozen=True)
class Word:
    """How a part is written: letter, accent, and the number of its layer plus ``shift``."""

    base: str
    accent: str = ""
    numbered: Numbered = Numbered.ALWAYS
    shift: int = 0


@dataclass(frozen=True)
class Letters:
    """The letters of units: of the layer at hand, of the one before it and of the one after it."""

    own: str
    below: str
    above: str


@dataclass(frozen=True)
class Notation:
    """A notation.

    cost: the letter of the cost. words: the word of each part. last: words of the last layer that
    differ. units, delta_units: the letters of units in equations of values and parameters, and in
    those of deltas. ends: the letters of input and output units, where they have letters of their
    own. from_to: a weight's subscripts are written from-to. layers_only: there are no words but
    for layers one after another. by_outputs: derivatives in the outputs of layers are passed back,
    not those in what goes into the activation. differentials: dC/dW is written dW.
    written_out: chains are written as products of partial derivatives first, and corrections of
    the weights are given. labels: how the number of a layer is set: ``round``, ``square``,
    ``bare``. thresholds: they are subtracted where others add biases. errors: the error of each
    output has a letter, and the cost is a function of it. error_signals: one signal is passed back
    from the cost to a weight, hop by hop, and scores that are compared have letters of their own.
    lines: what a text calls its four lines. output_derivatives: derivatives in the outputs of
    layers are shown on the way to the deltas. sums_in_code: a sum over the rows or columns of a
    matrix is written as a call of numpy.
    """

    name: str
    cost: str
    words: Mapping[str, Word]
    units: Letters
    samples: Samples
    last: Mapping[str, Word] = field(default_factory=dict)
    delta_units: Letters | None = None
    ends: tuple[str, str] | None = None
    from_to: bool = False
    layers_only: bool = False
    by_outputs: bool = False
    differentials: bool = False
    scale: Scale = Scale.PLAIN
    labels: str = "round"
    written_out: bool = False
    thresholds: bool = False
    errors: bool = False
    error_signals: bool = False
    output_derivatives: bool = False
    sums_in_code: bool = False
    lines: tuple[str, str, str, str] = ("", "", "", "")

    @property
    def shift(self) -> int:
        """How much the layer numbers of values differ from those of the code."""
        return self.words["a"].shift

    def word(self, part: str, *, is_last: bool) -> Word:
        """The word of a part, in the last layer or in another."""
        return self.last.get(part, self.words[part]) if is_last else self.words[part]
