"""What the symbols of a network are to a notation: which part of which layer."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.network.build import BuiltNetwork
from bpsym.typeset.formulas.symbols import SymbolTable
from bpsym.typeset.formulas.tree import Formula, Kind, Partial, Symbol
from bpsym.typeset.notations.notation import Notation

ADJOINT = "adj_"
_LAYERED = frozenset("XzaWb")


@dataclass(frozen=True)
class Place:
    """What a symbol is: a part of a layer, and which layer; an adjoint that has no letter.

    layer: its number, None for a layer with a name.
    """

    part: str
    layer: int | None
    is_adjoint: bool = False


class Places:
    """Finds the place of each symbol of one network.

    depth: the number of the last layer that is numbered.
    """

    def __init__(self, notation: Notation, built: BuiltNetwork, table: SymbolTable) -> None:
        self.notation = notation
        self.built = built
        self.table = table
        self.depth = max(
            (
                int(entry.symbol.label)
                for entry in table.tensors.values()
                if entry.symbol.label.isdigit() and entry.symbol.base in _LAYERED
            ),
            default=0,
        )

    def of(self, symbol: Symbol) -> Place | None:
        """What a symbol is in a layered network, None if it is nothing of the kind."""
        if symbol.kind is not Kind.TENSOR:
            return None
        entry = self.table.tensors.get(symbol.name)
        if entry is None:
            return None
        base, label = entry.symbol.base, entry.symbol.label
        is_adjoint = base.startswith(ADJOINT)
        part = base.removeprefix(ADJOINT)
        if part not in self.notation.words:
            return None
        layer = int(label) if label.isdigit() else None
        if part == "X":
            layer = 0 if len(self.built.inputs) == 1 else None
        if part in ("Y", "error"):
            layer = self.depth or None
        return Place(part, layer, is_adjoint)

    def running(self, symbol: Symbol) -> Place | None:
        """A symbol with a running layer number, whose name no table has."""
        is_adjoint = symbol.base.startswith(ADJOINT)
        part = symbol.base.removeprefix(ADJOINT)
        return Place(part, None, is_adjoint) if part in self.notation.words else None

    def of_left(self, left: Formula) -> Place | None:
        """The place of what an equation defines, or by which it differentiates."""
        symbol = left.by if isinstance(left, Partial) else left
        return self.of(symbol) if isinstance(symbol, Symbol) else None

    def layer_of(self, left: Formula) -> int | None:
        """The layer that an equation belongs to; that of the cost is the last one."""
        place = self.of_left(left)
        if place is not None:
            return place.layer
        return self.depth or None
