"""Which letters indices have in a notation: it depends on the layer whose units they count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from bpsym.calculus.terms.letters import free_letter
from bpsym.typeset.formulas.scopes import free_indices
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Formula, Kind, Summation, Symbol, symbols, with_parts
from bpsym.typeset.notations.notation import Letters
from bpsym.typeset.notations.places import Place, Places

_SPARE = ("r", "s", "t", "p", "q", "u", "i", "j", "k", "h")


class IndexLetters:
    """Gives the indices of the formulas of one network their letters."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.notation = places.notation

    def lettered(self, side: Formula, left: Formula, free: Mapping[str, str]) -> Formula:
        """A side of an equation with these left side and letters of free indices.

        A summed index never gets a letter that something around it has; sums beside each other
        may share one.
        """
        at = self.places.layer_of(left)
        letters = self.letters_in(side, left, free)
        return self._in_scope(side, letters, frozenset(letters.values()), at, self._units_for(left))

    def letters_in(
        self, formula: Formula, left: Formula, known: Mapping[str, str]
    ) -> dict[str, str]:
        """The new letter of each free index of a formula."""
        at, units = self.places.layer_of(left), self._units_for(left)
        found, names = dict(known), free_indices(formula)
        for name, owner in dict.fromkeys(self._owners(formula)):
            if name in names and name not in found and at is not None:
                found[name] = self._letter(self._wanted(owner, at, units), found.values())
        # An index of samples keeps its letter, unless a unit has got it.
        for name in names:
            if name not in found:
                found[name] = self._letter(name, found.values())
        return found

    def _in_scope(
        self,
        node: Formula,
        letters: Mapping[str, str],
        used: frozenset[str],
        at: int | None,
        units: Letters,
    ) -> Formula:
        """A part of a formula; letters: of the indices around it. used: what they are now."""
        match node:
            case Symbol(kind=Kind.INDEX):
                return index(letters[node.name]) if node.name in letters else node
            case Summation(bound, lower, upper, body):
                own = self._letter(self._wanted_by(bound.name, body, at, units), used)
                inner = {**letters, bound.name: own}
                return Summation(
                    index(own),
                    self._in_scope(lower, letters, used, at, units),
                    self._in_scope(upper, letters, used, at, units),
                    self._in_scope(body, inner, used | {own}, at, units),
                )
            case _:
                return with_parts(node, lambda each: self._in_scope(each, letters, used, at, units))

    def _wanted_by(self, name: str, body: Formula, at: int | None, units: Letters) -> str:
        """The letter that a summed index would have if it were alone; its own for samples."""
        if at is not None:
            for each, owner in self._owners(body):
                if each == name:
                    return self._wanted(owner, at, units)
        return name

    def _letter(self, wanted: str, used: Collection[str]) -> str:
        return free_letter((wanted, *_SPARE), used)

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
