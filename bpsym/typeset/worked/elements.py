"""A formula for one element: index letters as numbers, sums written out, symbols as decimals.

z1[n,i] = sum_j W1[i,j] X[n,j] + b1[i]
z1[1,1] = W1[1,1] X[1,1] + W1[1,2] X[1,2] + b1[1]        symbolic
        = 0.15 . 0.05 + 0.2 . 0.1 + 0.35                 numeric
        = 0.0075 + 0.02 + 0.35                           term by term
        = 0.3775
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from bpsym.errors import ProofError
from bpsym.typeset.formulas.evaluate import Values, evaluate
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Cases,
    Comparison,
    Conjunction,
    Decimal,
    Formula,
    Joint,
    Kind,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
)
from bpsym.typeset.worked.decimals import decimal
from bpsym.typeset.worked.sums import MOST_TERMS, added, elided, times

# How far two ways to compute a number may be apart, in parts of the largest number in them.
_AGREE = 1e-9

Indices = Mapping[str, int]


class Writer:
    """Writes formulas at places. values: what symbols stand for. digits: of results."""

    def __init__(self, values: Values, digits: int) -> None:
        self.values = values
        self.digits = digits

    def value(self, formula: Formula, at: Indices) -> float:
        """The value of a formula at a place."""
        return float(evaluate(formula, self.values.at(**at)))

    def symbolic(self, formula: Formula, at: Indices) -> Formula:
        """The formula of the element: its sums written out, its symbols kept."""
        return elided(_Element(self, at, numeric=False).of(formula))

    def numeric(self, formula: Formula, at: Indices) -> Formula:
        """The same with every symbol as its value."""
        return _Element(self, at, numeric=True).of(formula)

    def sides(self, formula: Formula, at: Indices, expected: float) -> tuple[Formula, ...]:
        """The numeric side, that with its terms computed if it tells more, and the value.

        expected: what the side must be. Raises ProofError if it is not.
        """
        whole = self.numeric(formula, at)
        self.require(float(evaluate(whole, self.values)), expected)
        whole = self.without_zeros(whole)
        found = [elided(whole)]
        halfway = self.term_by_term(whole)
        if halfway is not None:
            found.append(elided(halfway))
        found.append(decimal(expected, self.digits))
        return tuple(each for at, each in enumerate(found) if each not in found[at + 1 :])

    def require(self, got: float, expected: float) -> None:
        """Raise ProofError unless two ways to compute a number agree."""
        if abs(got - expected) > _AGREE * max(1.0, abs(expected)):
            raise ProofError.single(
                where="a formula with numbers",
                what="its value is not that of the derivation, so nothing is printed",
                expected=f"{expected:.12g}",
                got=f"{got:.12g}",
                way_out="this is a fault of bpsym: please report the network and its numbers",
            )

    def without_zeros(self, formula: Formula) -> Formula:
        """The formula without the terms of long sums that are 0, unless all of them are."""
        match formula:
            case Terms(terms) if len(terms) > MOST_TERMS:
                kept = [each for each in terms if float(evaluate(each[1], self.values)) != 0]
                return added(kept or terms[:1])
            case Product(factors, Joint.DOT):
                return times(tuple(map(self.without_zeros, factors)))
            case Quotient(above, below):
                return Quotient(self.without_zeros(above), self.without_zeros(below))
            case _:
                return formula

    def term_by_term(self, formula: Formula) -> Formula | None:
        """A numeric sum with each term computed; factors before it computed or multiplied in."""
        match formula:
            case Terms(terms) if len(terms) > 1 and not _is_plain(formula):
                return self._computed(terms, 1.0)
            case Product(factors):
                sums = [each for each in factors if isinstance(each, Terms)]
                sums = [each for each in sums if len(each.terms) > 1 and not _is_plain(each)]
                if len(sums) != 1:
                    return None
                (inner,) = sums
                rest = tuple(each for each in factors if each is not inner)
                number = 1.0
                for each in rest:
                    number *= float(evaluate(each, self.values))
                if all(map(_is_exact, rest)):
                    return self._computed(inner.terms, number)
                return times((decimal(number, self.digits), self._computed(inner.terms, 1.0)))
        return None

    def _computed(self, terms: tuple[tuple[int, Formula], ...], factor: float) -> Formula:
        found = [(sign, factor * float(evaluate(term, self.values))) for sign, term in terms]
        # What is taken away is written as added where it is 0: there is no minus 0.
        return added((sign if value else 1, decimal(value, self.digits)) for sign, value in found)


class _Element:
    """Writes out one formula at one place."""

    def __init__(self, writer: Writer, at: Indices, *, numeric: bool) -> None:
        self.writer = writer
        self.at = at
        self.is_numeric = numeric

    def of(self, formula: Formula) -> Formula:
        match formula:
            case Symbol():
                return self._symbol(formula)
            case Number() | Decimal():
                return formula
            case Terms(terms):
                return added((sign, self.of(term)) for sign, term in terms)
            case Product(factors, joint):
                parts = tuple(map(self.of, factors))
                return times(parts) if self.is_numeric else Product(parts, joint)
            case Quotient(above, below):
                return self._quotient(self.of(above), self.of(below))
            case Power(base, exponent):
                return Power(self.of(base), exponent)
            case Summation():
                return self._summed(formula)
            case Apply(function, arguments):
                return Apply(function, tuple(map(self.of, arguments)))
            case Partial(of, by):
                return self._partial(of, by)
            case Comparison(first, rest):
                return Comparison(self.of(first), tuple((r, self.of(side)) for r, side in rest))
            case Conjunction(conditions):
                return Conjunction(tuple(map(self.of, conditions)))
            case Bracket(condition):
                return Bracket(self.of(condition))
            case Cases(branches):
                return self._chosen(branches)
            case _:
                raise TypeError(f"a {type(formula).__name__} has no element")

    def _symbol(self, symbol: Symbol) -> Formula:
        match symbol.kind:
            case Kind.INDEX if symbol.name in self.at:
                return Number(Fraction(self.at[symbol.name]))
            case Kind.SIZE if self.is_numeric:
                return Number(Fraction(self.writer.values.sizes[symbol.name]))
            case Kind.TENSOR:
                placed = symbol
                if symbol.subscripts:
                    placed = replace(symbol, subscripts=tuple(map(self._place, symbol.subscripts)))
                return self._decimal(placed) if self.is_numeric else placed
            case _:
                return symbol

    def _place(self, subscript: Formula) -> Formula:
        match subscript:
            case Number():
                return subscript
            case Symbol(kind=Kind.INDEX, name=name) if name in self.at:
                return Number(Fraction(self.at[name]))
            case _:
                return Number(Fraction(int(evaluate(subscript, self.writer.values.at(**self.at)))))

    def _decimal(self, formula: Formula) -> Formula:
        return decimal(self.writer.value(formula, {}), self.writer.digits)

    def _partial(self, of: Formula, by: Formula) -> Formula:
        keeping = _Element(self.writer, self.at, numeric=False)
        partial = Partial(keeping.of(of), keeping.of(by))
        return self._decimal(partial) if self.is_numeric else partial

    def _quotient(self, above: Formula, below: Formula) -> Formula:
        return above if below == ONE else Quotient(above, below)

    def _summed(self, total: Summation) -> Formula:
        values = self.writer.values.at(**self.at)
        last = int(evaluate(total.upper, values))
        numbers = range(int(evaluate(total.lower, values)), last + 1)
        return added((1, self._term(total, k)) for k in numbers)

    def _term(self, total: Summation, number: int) -> Formula:
        inner = {**self.at, total.index.name: number}
        return _Element(self.writer, inner, numeric=self.is_numeric).of(total.body)

    def _chosen(self, branches: tuple[tuple[Formula, Formula | None], ...]) -> Formula:
        """The branch that holds; its formula alone, as a reader would go on with it."""
        if not self.is_numeric:
            return Cases(
                tuple((self.of(value), test and self.of(test)) for value, test in branches)
            )
        values = self.writer.values.at(**self.at)
        for value, test in branches:
            if test is None or evaluate(Bracket(test), values):
                return self.of(value)
        raise ValueError("no case holds")


def _is_plain(formula: Formula) -> bool:
    """Whether it is a sum of mere numbers."""
    return isinstance(formula, Terms) and all(
        isinstance(term, Number | Decimal) for _, term in formula.terms
    )


def _is_exact(formula: Formula) -> bool:
    match formula:
        case Number():
            return True
        case Quotient(above, below):
            return _is_exact(above) and _is_exact(below)
        case _:
            return False
