"""The order in which a mathematician writes factors and terms.

Factors: the coefficient; the error ``a - y`` of the loss; masks; parameters; what comes back from
above (deltas and adjoints); values; slopes such as ``(1 - a)``; last whatever holds a sum, since
nothing may stand to the right of a sum without seeming to belong to it. So it is

    W a,  delta a,  W delta,  (a - y) a (1 - a),  a (1 - a) sum W delta.

An error written out belongs with the slope behind it, as the delta that both make: a parameter
follows them, ``sum (a - y) a (1 - a) W``.

Terms: positive ones first, so that it is ``a - y`` and ``1 - a``; sums before what is added to
them, and parameters last, so that it is ``sum W x + b``; a number first, but last in a subscript
and where there is a sum; short before long.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpsym.typeset.formulas.symbols import Rank, SymbolTable
from bpsym.typeset.formulas.tree import (
    ONE,
    Bracket,
    Cases,
    Formula,
    Kind,
    Power,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    has,
    symbols,
    walk,
)

_COEFFICIENT, _ERROR, _MASK, _PARAMETER, _ADJOINT, _TARGET, _VALUE, _SLOPE = range(8)
_BEHIND_SLOPE, _SUBSCRIPTS_AGREE, _SUM = range(8, 11)

_OF_RANK = {
    Rank.PARAMETER: _PARAMETER,
    Rank.ADJOINT: _ADJOINT,
    Rank.TARGET: _TARGET,
    Rank.VALUE: _VALUE,
    Rank.ERROR: _ERROR,
}
_LAST = 1 << 30


class Order:
    """The order of factors and terms in the formulas of one system."""

    def __init__(self, table: SymbolTable) -> None:
        self.table = table

    def factors(self, factors: Iterable[Formula]) -> tuple[Formula, ...]:
        """Factors as they are written."""
        placed = [(self._place(each), each) for each in factors]
        has_error = any(place == _ERROR for place, _ in placed)

        def key(pair: tuple[int, Formula]) -> tuple[int, int, int, str]:
            place, each = pair
            length = sum(1 for _ in walk(each))
            if has_error and place == _PARAMETER:
                place = _BEHIND_SLOPE
            return (place, self._position(each), length, str(each))

        return tuple(each for _, each in sorted(placed, key=key))

    def terms(self, terms: Iterable[tuple[int, Formula]]) -> tuple[tuple[int, Formula], ...]:
        """Signed terms as they are written."""
        signed = tuple(terms)
        among_sums = any(has(term, Summation) for _, term in signed)
        in_subscript = all(self._is_of_integers(term) for _, term in signed)

        def place(term: Formula) -> int:
            kinds = {each.kind for each in symbols(term)}
            if not kinds:
                return 4 if among_sums or in_subscript else 0
            if has(term, Summation) or kinds == {Kind.SIZE}:
                return 1
            return 3 if self._is_parameter(term) else 2

        def key(each: tuple[int, Formula]) -> tuple[bool, int, int, int, str]:
            sign, term = each
            length = sum(1 for _ in walk(term))
            return (sign < 0, place(term), length, self._position(term), str(term))

        return tuple(sorted(signed, key=key))

    def error_first(self, formula: Formula) -> Formula | None:
        """``a - y`` for ``y - a``, with y a target; None for anything else.

        The error of the loss is always written this way round; the sign goes to whoever asks.
        """
        match formula:
            case Terms(((1, first), (-1, second))):
                reads = [
                    any(self._rank(each) is Rank.TARGET for each in symbols(term))
                    for term in (first, second)
                ]
                if reads == [True, False] and isinstance(first, Symbol):
                    return Terms(((1, second), (-1, first)))
        return None

    def one_minus(self, formula: Formula) -> Formula | None:
        """``1 - a`` for ``a - 1``, with a a value of the forward pass or its square."""
        match formula:
            case Terms(((1, (Symbol() | Power(Symbol())) as value), (-1, one))) if one == ONE:
                if self._rank(next(symbols(value))) is Rank.VALUE:
                    return Terms(((1, ONE), (-1, value)))
        return None

    def turned(self, formula: Formula) -> Formula | None:
        """``v - u`` for ``u - v``, to take up a minus sign; not for ``1 - a`` and ``a - y``.

        None for these, and for anything that is no difference of two terms.
        """
        match formula:
            case Terms(((1, first), (-1, second))) if first != ONE:
                ranks = {self._rank(each) for each in symbols(formula)}
                if not ranks & {Rank.TARGET, Rank.ERROR}:
                    return Terms(((1, second), (-1, first)))
        return None

    def _place(self, factor: Formula) -> int:
        if has(factor, Summation):
            return _SUM
        match factor:
            case Bracket():
                return _SUBSCRIPTS_AGREE if self._is_of_integers(factor) else _MASK
            case Cases():
                return _MASK
            case _ if self._is_of_integers(factor):
                return _COEFFICIENT
            case Symbol() | Power(Symbol()):
                symbol = factor if isinstance(factor, Symbol) else next(symbols(factor))
                return _OF_RANK[self._rank(symbol) or Rank.VALUE]
            case _ if any(self._rank(each) is Rank.TARGET for each in symbols(factor)):
                return _ERROR
            case _:
                return _SLOPE

    def _is_of_integers(self, formula: Formula) -> bool:
        """Whether no tensor is in it: numbers, sizes and indices only."""
        return all(each.kind is not Kind.TENSOR for each in symbols(formula))

    def _is_parameter(self, term: Formula) -> bool:
        """Whether a term is a parameter, by itself or scaled by numbers: a bias, a decay."""
        match term:
            case Product(factors):
                *scale, last = factors
                return all(map(self._is_of_integers, scale)) and self._is_parameter(last)
            case Quotient(numerator, denominator):
                return self._is_of_integers(denominator) and self._is_parameter(numerator)
            case Symbol():
                return self._rank(term) is Rank.PARAMETER
            case _:
                return False

    def _rank(self, symbol: Symbol) -> Rank | None:
        entry = self.table.tensors.get(symbol.name)
        return None if entry is None or symbol.kind is not Kind.TENSOR else entry.rank

    def _position(self, formula: Formula) -> int:
        """Where the first of its tensors stands in the system; what has none comes last."""
        places = (
            self.table.tensors[each.name].position
            for each in symbols(formula)
            if each.kind is Kind.TENSOR and each.name in self.table.tensors
        )
        return min(places, default=_LAST)
