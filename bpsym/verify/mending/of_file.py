"""What mends the file that a target names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bpsym.verify.mending.resident import file_of, read_from_file
from bpsym.verify.numbers.compare import judged

if TYPE_CHECKING:
    from bpsym.verify.adapters.choose import Reading
    from bpsym.verify.diagnosis.chain import Chain
    from bpsym.verify.diagnosis.observe import Observation, Point
    from bpsym.verify.diagnosis.search import Finding
    from bpsym.verify.mending.sights import Lines
    from bpsym.verify.mending.source import Patch
    from bpsym.verify.numbers.reference import Reference

# How near the returned loss must stay to the declared one in a changed copy of the code.
LOSS_CLOSE = 1e-6
# Stands for the loss among the parameters that a changed copy gets wrong.
LOSS = "C"

Mend = Callable[["Chain", "Lines", Sequence["Finding"]], "list[list[Patch]] | None"]


def mender_of(
    target: Any,
    reading: Reading,
    reference: Reference,
    points: Sequence[Point],
    first: Observation,
    epsilon: float,
) -> Mend | None:
    """What changes the file of a target until it passes; None for what is in no file.

    first: what the code gave at the first point. epsilon: the roundoff that it is judged by.
    """
    place = file_of(target)
    if place is None:
        return None
    path, name = place
    loss = reference.at(first.point).loss
    had_loss = first.loss is not None and abs(first.loss - loss) <= LOSS_CLOSE * abs(loss)

    def wrong(seen: Observation) -> frozenset[str]:
        every = reference.parameters
        found = {name for name in every if not judged(reference, name, seen, epsilon).result.ok}
        if had_loss and seen.loss is not None:  # and it must stay right
            right = reference.at(seen.point).loss
            if not abs(seen.loss - right) <= LOSS_CLOSE * abs(right):  # nan is not right either
                found.add(LOSS)
        return frozenset(found)

    def mend(chain: Chain, lines: Lines, findings: Sequence[Finding]) -> list[list[Patch]] | None:
        from bpsym.verify.mending.mender import Mender

        load = {"do": "load", "path": str(path.resolve()), "name": name}
        decay = float(reference.derivation.network.l2)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        with read_from_file(reading, target) as again:
            mender = Mender(again, load, chain, points, wrong, lines, decay)
            return mender.mended(findings, text)

    return mend
