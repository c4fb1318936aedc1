"""Changes that were made one after the other, as changes of the file that the user has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bpsym.verify.mending.source import Patch


def as_shown(groups: Sequence[Sequence[Patch]]) -> list[list[Patch]]:
    """Each change with the line that it has in the user's file; of one statement one change.

    groups: changes by finding, each made to the text that the one before it left.
    """
    moves: list[tuple[int, int]] = []
    found: list[list[Patch]] = []
    for group in groups:
        mine: list[Patch] = []
        for patch in group:
            line = patch.line
            for at, more in reversed(moves):
                line -= more if line > at else 0
            moves.append((patch.line, _count(patch.new) - _count(patch.old)))
            _add(mine, replace(patch, line=line))
        found.append(mine)
    return found


def _add(shown: list[Patch], patch: Patch) -> None:
    """A change more, which may be of lines that were changed before."""
    for at, each in enumerate(shown):
        if each.line == patch.line and each.new == patch.old:
            shown[at] = replace(patch, old=each.old)
            return
    shown.append(patch)


def _count(text: str) -> int:
    """How many lines a text has; one that was taken out has none."""
    return text.count("\n") + 1 if text else 0
