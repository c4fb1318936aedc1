"""In what order a text writes the factors of a side, where that differs from the order of all."""

from __future__ import annotations

from bpsym.typeset.formulas.tree import (
    Formula,
    Joint,
    Product,
    Summation,
    Symbol,
    Terms,
    negative,
    symbols,
)
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.notations.places import Place, Places


class FactorOrder:
    """Orders the factors of the formulas of one network."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.notation = places.notation

    def ordered(self, side: Formula, left: Formula) -> Formula:
        """A side of an equation as the text writes it."""
        if self.notation.layers_only:
            side = self._values_last(side, left)
        if self.notation.scale is Scale.MINUS:
            side = self._error_turned(side)
        return side

    def _values_last(self, side: Formula, left: Formula) -> Formula:
        """What a layer reads after all that belongs to the layer itself, but before a sum."""
        place = self.places.of_left(left)
        match side:
            case Terms(((-1, only),)):
                return negative(self._values_last(only, left))
            case Product(factors, Joint.BESIDE) if place is not None and place.part == "W":
                if not any(symbol.subscripts for symbol in symbols(side)):
                    return side
                sums = [each for each in factors if isinstance(each, Summation)]
                read = [each for each in factors if self._is_read_by(each, place)]
                own = [each for each in factors if each not in (*read, *sums)]
                return Product((*own, *read, *sums))
        return side

    def _is_read_by(self, factor: Formula, place: Place) -> bool:
        if not isinstance(factor, Symbol) or place.layer is None:
            return False
        found = self.places.of(factor)
        return found is not None and found.part in ("X", "a") and found.layer == place.layer - 1

    def _error_turned(self, side: Formula) -> Formula:
        """``-(a - y)`` as ``y - a``, with y a target."""
        match side:
            case Terms(((-1, Product((Terms() as error, *rest), joint)),)):
                turned = self._turned(error)
                return side if turned is None else Product((turned, *rest), joint)
            case Terms(((-1, Terms() as error),)):
                return self._turned(error) or side
        return side

    def _turned(self, error: Terms) -> Terms | None:
        match error:
            case Terms(((1, first), (-1, Symbol() as second))):
                place = self.places.of(second)
                if place is not None and place.part == "Y":
                    return Terms(((1, second), (-1, first)))
        return None
