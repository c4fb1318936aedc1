"""The lanes between two columns: in which of them a wire goes up or down, so that few cross."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Wires that are so little apart are straight.
STRAIGHT = 0.75
# Trunks that share a lane are at least so far apart.
_APART = 5.0


@dataclass(frozen=True)
class Net:
    """What leaves one item: from a height to the heights of all that read it."""

    start: float
    ends: tuple[float, ...]

    @property
    def is_straight(self) -> bool:
        """Whether it needs no lane."""
        return all(abs(end - self.start) < STRAIGHT for end in self.ends)

    @property
    def span(self) -> tuple[float, float]:
        """From where to where its trunk goes."""
        return min(self.start, *self.ends), max(self.start, *self.ends)


def lanes(nets: Sequence[Net]) -> list[int]:
    """The lane of each net, from the left, 0 for a straight one too."""
    bent = [at for at, net in enumerate(nets) if not net.is_straight]
    bent.sort(key=lambda at: nets[at].span)
    improved = True
    while improved:
        improved = False
        for at in range(len(bent) - 1):
            left, right = nets[bent[at]], nets[bent[at + 1]]
            if _crossings(right, left) < _crossings(left, right):
                bent[at], bent[at + 1] = bent[at + 1], bent[at]
                improved = True
    found = [0] * len(nets)
    for number, at in enumerate(bent):
        before = (found[other] for other in bent[:number] if _overlap(nets[other], nets[at]))
        found[at] = 1 + max(before, default=-1)
    return found


def _overlap(one: Net, other: Net) -> bool:
    (top, bottom), (its_top, its_bottom) = one.span, other.span
    return top - _APART < its_bottom and its_top - _APART < bottom


def _crossings(left: Net, right: Net) -> int:
    """How often two nets cross if one has its trunk left of the other's."""
    (top, bottom), (its_top, its_bottom) = left.span, right.span
    outgoing = sum(its_top < end < its_bottom for end in left.ends)
    return outgoing + (top < right.start < bottom)
