"""Places on a line, as near to where each is wanted as the room between them allows."""

from __future__ import annotations

from collections.abc import Sequence


def apart(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones, by weighted least squares, at least gaps apart.

    With the gaps taken off, the places have to be non-decreasing: isotonic regression by pooling
    adjacent violators (Barlow et al. 1972).
    """
    before = [0.0]
    for gap in gaps:
        before.append(before[-1] + gap)
    pools: list[tuple[float, float, int]] = []
    for place, weight, shift in zip(wanted, weights, before, strict=True):
        mean, heavy, count = place - shift, weight, 1
        while pools and pools[-1][0] > mean:
            other, its_weight, its_count = pools.pop()
            mean = (mean * heavy + other * its_weight) / (heavy + its_weight)
            heavy, count = heavy + its_weight, count + its_count
        pools.append((mean, heavy, count))
    levels = [mean for mean, _, count in pools for _ in range(count)]
    return [level + shift for level, shift in zip(levels, before, strict=True)]
