"""What bpsym says when it cannot do what was asked.

Every error is one or more problems, and every problem names the place, what is wrong there, what
was expected beside what was found, and a way out:

    layer 2 'h2' of 'mlp': unknown activation.
      expected an activation of the catalogue, got 'tahn'.  Did you mean 'tanh'?
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

LONGEST_QUOTE = 60
MOST_PRINTED = 50


def quoted(text: str) -> str:
    """What a user wrote as it is shown in a message: in quotes, on one line, never long.

    Characters that do not show, or that look like others, are escaped.
    """
    if len(text) <= LONGEST_QUOTE:
        shown = _shown(text)
        if len(shown) <= 2 * LONGEST_QUOTE:
            return shown
    kept = LONGEST_QUOTE // 2 - 2
    return f"{_shown(text[:kept])[:-1]}...{_shown(text[-kept:])[1:]}"


def _shown(text: str) -> str:
    if text.isascii():
        return repr(text)
    return repr(text) if all(map(_is_unmistakable, text)) else ascii(text)


def _is_unmistakable(letter: str) -> bool:
    """Whether it is ASCII, a Latin letter with an accent, or a wide one as in Chinese."""
    if letter.isascii():
        return True
    from unicodedata import east_asian_width, normalize

    is_own = letter.isalpha() and normalize("NFKC", letter) == letter
    return is_own and (east_asian_width(letter) == "W" or normalize("NFD", letter)[0].isascii())


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was probably meant, or None if none is near.

    Upper and lower case and the choice of ``-`` or ``_`` do not count.
    """
    from difflib import get_close_matches  # only needed when something is wrong already

    folded = {candidate.lower(): candidate for candidate in candidates}
    wanted = name[:LONGEST_QUOTE].lower().replace("-", "_")
    near = get_close_matches(wanted, folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def way_to(name: str, candidates: Iterable[str], otherwise: str) -> str:
    """``Did you mean 'tanh'?`` where something is near, else the given way out."""
    near = closest(name, candidates)
    return f"Did you mean {near!r}?" if near is not None else otherwise


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and how to get out of it.

    where: the place, from the outside in (``layer 2 'h2' of 'mlp'``).
    what: what is wrong there, in a few words.
    expected, got: what should stand there, and what does.
    way_out: what to do about it, a sentence.
    """

    where: str
    what: str
    expected: str
    got: str
    way_out: str

    def __str__(self) -> str:
        way_out = self.way_out[:1].upper() + self.way_out[1:]
        end = "" if way_out.endswith((".", "?", "!")) else "."
        return (
            f"{self.where}: {self.what}.\n"
            f"  expected {self.expected}, got {self.got}.  {way_out}{end}"
        )


class BpsymError(Exception):
    """Anything bpsym refuses to do, as the problems it saw."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems

    @classmethod
    def single(cls, *, where: str, what: str, expected: str, got: str, way_out: str) -> Self:
        """An error with one problem."""
        return cls(Problem(where, what, expected, got, way_out))

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        printed = [f"{len(self.problems)} problems", *map(str, self.problems[:MOST_PRINTED])]
        left = len(self.problems) - MOST_PRINTED
        return "\n".join([*printed, f"and {left} more"] if left > 0 else printed)


class ExpressionError(BpsymError):
    """A formula that the index language does not have."""


class NetworkError(BpsymError):
    """A network that was not declared well, or a file that does not declare one."""


class ProofError(BpsymError):
    """An equals sign that could not be proven."""


class EmitError(BpsymError):
    """A derivation that cannot be written in the language or style that was asked for."""
