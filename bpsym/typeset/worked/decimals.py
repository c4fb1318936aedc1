"""How results are written: rounded to significant digits, short numbers as they are."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal as Exact
from functools import lru_cache
from typing import Any

from bpsym.typeset.formulas.tree import (
    ELLIPSIS,
    VERTICAL,
    Decimal,
    Formula,
    Matrix,
    negative,
)

# Smaller numbers are written with a power of ten.
_SMALLEST = 1e-4
# Larger matrices are written with their first rows and columns and the last.
MOST_ROWS, MOST_COLUMNS = 4, 4
_FIRST = 2

ZERO = Decimal(0.0, "0")


def decimal(value: float, digits: int) -> Formula:
    """A number with that many significant digits at most, its sign before it."""
    value = float(value)
    if value == 0:
        return ZERO
    size = Decimal(abs(value), text_of(abs(value), digits))
    return size if value > 0 else negative(size)


@lru_cache(maxsize=8192)
def text_of(value: float, digits: int) -> str:
    """A positive number in digits: ``0.05``, ``0.593270`` without its last zero, ``3.2e-9``."""
    exact = Exact(repr(value))
    if len(exact.normalize().as_tuple().digits) > digits:
        exact = Exact(f"{value:.{digits - 1}e}")
    exact = exact.normalize()
    if abs(exact) < _SMALLEST:
        return f"{exact:e}".lower().replace("e+", "e")
    return f"{exact:f}"


def matrix(array: Any, digits: int) -> Matrix:
    """A matrix of numbers, elided beyond four rows or columns; a vector is a row.

    Raises ValueError for an array of more than two dimensions.
    """
    if array.ndim not in (1, 2):
        raise ValueError(f"{array.ndim} dimensions")
    rows = array.tolist() if array.ndim == 2 else [array.tolist()]
    cells = [[decimal(each, digits) for each in _kept(row, MOST_COLUMNS)] for row in rows]
    wide = len(rows[0]) > MOST_COLUMNS
    if wide:
        cells = [[*row[:_FIRST], ELLIPSIS, row[-1]] for row in cells]
    if len(rows) > MOST_ROWS:
        dots: list[Formula] = [VERTICAL] * len(cells[0])
        cells = [*cells[:_FIRST], dots, cells[-1]]
    return Matrix(tuple(tuple(row) for row in cells))


def _kept(row: Sequence[float], most: int) -> Sequence[float]:
    return row if len(row) <= most else [*row[:_FIRST], row[-1]]
