"""What a printer must know of an output language: how each sign and each construction is written.

Nothing of mathematics is decided here. ``FormulaPrinter`` decides what stands where and between
which brackets; a language says how that is spelled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bpsym.typeset.formulas.tree import Joint, Relation

# A display of at most so many lines, those of lists of cases counted, is kept on one page: they
# take less than a third of it, and no more is left empty where they go to the next.
MOST_UNBROKEN = 4


class Fence(Enum):
    """Kinds of brackets."""

    ROUND = "round"
    SQUARE = "square"
    BARS = "bars"


@dataclass(frozen=True)
class Line:
    """One line of a displayed formula: what stands before and after the mark of alignment.

    starts: whether a new formula starts here; it gets a little more room above.
    """

    left: str
    right: str
    starts: bool = False


def is_kept_together(lines: Sequence[Line], row: str) -> bool:
    """Whether a display is short enough for that; ``row``: what each row of a list of cases has."""
    return sum(max(1, line.right.count(row)) for line in lines) <= MOST_UNBROKEN


class Language(ABC):
    """The syntax of one output language.

    relations, joints: the signs between formulas; BESIDE is the small gap between two factors.
    spaced: whether it puts a gap before the names of functions by itself.
    greek: spelled letters that the language has. operators: functions that it has a name for.
    """

    relations: Mapping[Relation, str]
    joints: Mapping[Joint, str]
    greek: Mapping[str, str]
    operators: Mapping[str, str]
    spaced = True
    plus: str
    minus: str
    leading_minus: str
    comma: str
    slash: str
    times: str
    dots: str
    vertical_dots: str
    partial: str
    transpose: str
    indent: str

    @abstractmethod
    def letter(self, letter: str) -> str:
        """A single letter, in italics."""

    @abstractmethod
    def upright(self, word: str) -> str:
        """A word as the name of a quantity, escaped."""

    @abstractmethod
    def operator(self, word: str) -> str:
        """A word as the name of a function, escaped."""

    @abstractmethod
    def code(self, word: str) -> str:
        """A name as it stands in code, escaped."""

    @abstractmethod
    def words(self, text: str) -> str:
        """Words inside a formula, escaped, with the spaces around them."""

    @abstractmethod
    def digits(self, digits: str) -> str:
        """A number without a sign."""

    @abstractmethod
    def row(self, parts: Sequence[str]) -> str:
        """Parts side by side, without any gap but what the language puts there itself."""

    @abstractmethod
    def primed(self, function: str) -> str:
        """The derivative of a function."""

    @abstractmethod
    def bold(self, letter: str) -> str:
        """A single letter or digit, upright and bold."""

    @abstractmethod
    def accented(self, inner: str, accent: str) -> str:
        """``bar``, ``hat`` or ``tilde`` over a letter."""

    @abstractmethod
    def scripts(self, base: str, below: str, above: str) -> str:
        """Subscript and superscript, either may be empty."""

    @abstractmethod
    def fraction(self, above: str, below: str, *, small: bool) -> str:
        """A fraction with a rule; ``small``: as small as in a line of text."""

    @abstractmethod
    def root(self, inner: str) -> str:
        """A square root."""

    @abstractmethod
    def summation(self, below: str, above: str, *, display: bool) -> str:
        """The sign of a sum with its limits: above and below it in a display, else beside."""

    @abstractmethod
    def opening(self, fence: Fence, size: int) -> str:
        """A left bracket in one of five sizes, which need not be closed on the same line."""

    @abstractmethod
    def closing(self, fence: Fence, size: int) -> str:
        """A right bracket."""

    @abstractmethod
    def cases(self, rows: Sequence[tuple[str, str]], *, closed: bool) -> str:
        """Values and their conditions after a brace; ``closed``: something follows."""

    @abstractmethod
    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        """A matrix in square brackets."""

    @abstractmethod
    def under(self, inner: str, label: str) -> str:
        """A formula with a brace and a label below it."""

    @abstractmethod
    def inline(self, body: str) -> str:
        """A formula within a sentence."""

    @abstractmethod
    def display(self, lines: Sequence[Line]) -> str:
        """Formulas on lines of their own, aligned."""
