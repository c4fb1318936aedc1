"""A formula between matrices with its numbers: matrices of decimals in place of the letters."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from bpsym.errors import ProofError
from bpsym.typeset.formulas.evaluate import Values, evaluate
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Chain,
    Comparison,
    Formula,
    Kind,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Symbol,
    Terms,
    Transpose,
    symbols,
)
from bpsym.typeset.matrices.algebra import sizes_of_ones
from bpsym.typeset.worked.decimals import decimal, matrix

_AGREE = 1e-9


class NoNumbersError(Exception):
    """A formula that is not written with matrices of numbers."""


class MatrixWriter:
    """Writes formulas between matrices. values: arrays in the storage of the document."""

    def __init__(self, values: Values, digits: int) -> None:
        self.values = values
        self.digits = digits

    def sides(self, chain: Chain) -> tuple[Formula, ...]:
        """The last side with numbers, and the result; none for what has no numeric form.

        Raises ProofError if the side is not what stands on the left.
        """
        (_, side) = chain.rest[-1]
        try:
            expected = self.array(chain.first)
            found = self.array(side)
            written = self.of(side)
        except (KeyError, NoNumbersError):
            return ()
        result = self.number(_as_columns(expected) if _has_ones(side) else expected)
        close = found.shape == expected.shape and np.allclose(
            found, expected, rtol=_AGREE, atol=_AGREE * max(1.0, float(np.max(np.abs(expected))))
        )
        if not close:
            raise ProofError.single(
                where="a formula between matrices with numbers",
                what="its value is not that of the derivation, so nothing is printed",
                expected=str(expected.tolist())[:200],
                got=str(found.tolist())[:200],
                way_out="this is a fault of bpsym: please report the network and its numbers",
            )
        return (result,) if written == result else (written, result)

    def array(self, formula: Formula) -> Any:
        """The value of a formula."""
        return np.asarray(evaluate(formula, self.values), dtype=float)

    def number(self, array: Any) -> Formula:
        """An array as it is printed."""
        if array.ndim == 0:
            return decimal(float(array), self.digits)
        return matrix(array, self.digits)

    def of(self, formula: Formula) -> Formula:
        """The formula with numbers."""
        match formula:
            case Symbol(name=name) if sizes_of_ones(name) is not None:
                return self.number(_as_columns(self.array(formula)))
            case Symbol(kind=Kind.TENSOR) | Partial() | Transpose(Symbol()):
                return self.number(self.array(formula))
            case Symbol(kind=Kind.SIZE):
                return Number(Fraction(int(evaluate(formula, self.values))))
            case Symbol() | Number():
                return formula
            case Terms(terms):
                return Terms(tuple((sign, self.of(term)) for sign, term in terms))
            case Product(factors, joint):
                parts = tuple(each for each in map(self.of, factors) if each != ONE)
                return parts[0] if len(parts) == 1 else Product(parts, joint)
            case Quotient(above, below):
                top, bottom = self.of(above), self.of(below)
                return top if bottom == ONE else Quotient(top, bottom)
            case Power(base, exponent):
                return Power(self.of(base), exponent)
            case Apply(function, arguments):
                return Apply(function, tuple(map(self.of, arguments)))
            case Transpose(argument):
                return Transpose(self.of(argument))
            case Bracket(condition):
                return Bracket(self.of(condition))
            case Comparison(first, rest):
                return Comparison(self.of(first), tuple((r, self.of(side)) for r, side in rest))
            case _:
                raise NoNumbersError


def _has_ones(side: Formula) -> bool:
    return any(sizes_of_ones(each.name) is not None for each in symbols(side))


def _as_columns(array: Any) -> Any:
    """A vector as the column that a product of matrices gives."""
    return array[:, None] if array.ndim == 1 else array
