"""What is the same in every layer is printed once, for a running layer number l.

Two entries are the same if they are equal once each layer number q is written as l + (q - l), so
that ``W3`` beside ``a2`` in layer 3 is the ``W4`` beside ``a3`` of layer 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bpsym.typeset.document import Block, map_block
from bpsym.typeset.formulas.tree import Kind, Symbol

RUNNING = "l"

# Fewer layers than this are printed one by one: that is what a beginner wants to see.
SHORTEST_RUN = 4


@dataclass(frozen=True)
class Entry:
    """What is printed for one layer, or for a run of layers.

    layer: the layer's number, None if it has a name or if the entry belongs to none.
    last: for a run the number of its last layer; ``blocks`` are then in the running number.
    """

    layer: int | None
    blocks: tuple[Block, ...]
    last: int | None = None


def relative_to(layer: int) -> Callable[[Symbol], Symbol]:
    """Writes the layer numbers of symbols as differences to ``layer``."""

    def change(symbol: Symbol) -> Symbol:
        if not symbol.label.isdigit() or symbol.kind not in (Kind.TENSOR, Kind.SIZE):
            return symbol
        offset = int(symbol.label) - layer
        return replace(symbol, name=f"{symbol.base}{{{offset}}}", label=RUNNING, offset=offset)

    return change


def running() -> Symbol:
    """The running layer number."""
    return Symbol(RUNNING, Kind.INDEX, RUNNING)


def collapsed(entries: Iterable[Entry], *, shortest: int = SHORTEST_RUN) -> list[Entry]:
    """The entries, with each run of layers that are the same put into one.

    shortest: the fewest layers that are a run.
    A run goes up or down by one layer at a time, as the forward and the backward pass do.
    """
    found: list[Entry] = []
    waiting: list[Entry] = []
    for entry in entries:
        if waiting and not _continues(waiting, entry):
            found += _closed(waiting, shortest)
            waiting = []
        waiting.append(entry)
    return found + _closed(waiting, shortest)


def _continues(run: Sequence[Entry], entry: Entry) -> bool:
    last = run[-1].layer
    if last is None or entry.layer is None or abs(entry.layer - last) != 1:
        return False
    if len(run) > 1 and run[-2].layer is not None and entry.layer - last != last - run[-2].layer:
        return False
    return _relative(run[-1]) == _relative(entry)


def _relative(entry: Entry) -> tuple[Block, ...]:
    assert entry.layer is not None
    change = relative_to(entry.layer)
    return tuple(map_block(block, change) for block in entry.blocks)


def _closed(run: list[Entry], shortest: int) -> list[Entry]:
    if len(run) < shortest:
        return run
    return [Entry(run[0].layer, _relative(run[0]), last=run[-1].layer)]
