"""Which way round arrays are stored: samples as rows, or as columns."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.arrays.nodes import Axes


@dataclass(frozen=True)
class Layout:
    """Where the sample axis stands.

    rows: ``X (m, n0)``, ``b (n1,)``; columns: ``X (n0, m)``, ``b (n1, 1)``.
    """

    name: str
    samples_first: bool

    def store(self, axes: tuple[str, ...], sample: str | None) -> Axes:
        """The stored axes of a tensor with these index letters, ``sample`` being the sample's.

        A quantity per sample, or per unit where samples are columns, keeps a dimension of length
        one, so that it broadcasts without being reshaped.
        """
        if sample is None:
            return axes if self.samples_first or len(axes) != 1 else (*axes, None)
        rest = tuple(axis for axis in axes if axis != sample)
        others: Axes = rest or (None,)
        return (sample, *others) if self.samples_first else (*others, sample)

    def order(self, axes: tuple[str, ...], samples: frozenset[str]) -> tuple[str, ...]:
        """Index letters in the order in which an array of this layout has them."""
        first = [axis for axis in axes if axis in samples]
        rest = [axis for axis in axes if axis not in samples]
        return tuple(first + rest if self.samples_first else rest + first)


LAYOUTS = {
    "rows": Layout("rows", samples_first=True),
    "columns": Layout("columns", samples_first=False),
}
