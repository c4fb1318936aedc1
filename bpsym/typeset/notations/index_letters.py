"""Which letters indices have in a notation: it depends on the layer whose units they count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Formula, Kind, Symbol, map_symbols, symbols
from bpsym.typeset.notations.notation import Letters
from bpsym.typeset.notations.places import Place, Places

_SPARE = ("r", "s", "t", "p", "q", "u", "i", "j", "k", "h")


class IndexLetters:
    """Gives the indices of the formulas of one network their letters."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.notation = places.notation

    def lettered(self, side: Formula, left: Formula, free: Mapping[str, str]) -> Formula:
        """A side of an equation with these left side and letters of free indices."""
        letters = self.letters_in(side, left, free)

        def change(symbol: Symbol) -> Symbol:
            if symbol.kind is not Kind.INDEX or symbol.name not in letters:
                return symbol
            return index(letters[symbol.name])

        return map_symbols(side, change)

    def letters_in(
        self, formula: Formula, left: Formula, known: Mapping[str, str]
    ) -> dict[str, str]:
        """The new letter of each index of a formula."""
        at = self.places.layer_of(left)
        found = dict(known)
        if at is None:
            return found
        for name, owner in dict.fromkeys(self._owners(formula)):
            if name not in found:
                wanted = self._wanted(owner, at, self._units_for(left))
                taken = set(found.values())
                found[name] = next(x for x in (wanted, *_SPARE) if x not in taken)
        # An index of samples keeps its letter, unless a unit has got it.
        indices = [each.name for each in symbols(formula) if each.kind is Kind.INDEX]
        for name in dict.fromkeys(indices):
            if name not in found and name in found.values():
                taken = {*found.values(), *indices}
                found[name] = next(x for x in _SPARE if x not in taken)
        return found

    def _wanted(self, owner: int, at: int, units: Letters) -> str:
        ends = self.notation.ends
        if ends is not None and owner == 0:
            return ends[0]
        if ends is not None and owner == self.places.depth:
            return ends[1]
        if ends is not None and at == self.places.depth and owner == at - 1:
            return units.own
        if owner == at:
            return units.own
        return units.below if owner < at else units.above

    def _units_for(self, left: Formula) -> Letters:
        place = self.places.of_left(left)
        units = self.notation.delta_units
        if place is None or units is None or place.layer == self.places.depth:
            return self.notation.units
        is_delta = place.part == "delta" or place.is_adjoint
        return units if is_delta else self.notation.units

    def _owners(self, formula: Formula) -> Iterator[tuple[str, int]]:
        for symbol in symbols(formula):
            place = self.places.of(symbol)
            if place is None:
                continue
            positions = self._positions(symbol, place)
            for each, owner in zip(symbol.subscripts, positions, strict=False):
                if owner is not None and isinstance(each, Symbol) and each.kind is Kind.INDEX:
                    yield each.name, owner

    def _positions(self, symbol: Symbol, place: Place) -> Sequence[int | None]:
        """For each subscript the number of the layer whose units it counts, None for samples."""
        layer = place.layer
        if layer is None:
            return []
        if place.part == "W":
            return [layer, layer - 1][: len(symbol.subscripts)]
        if place.part == "b":
            return [layer][: len(symbol.subscripts)]
        return [None, layer][: len(symbol.subscripts)]
