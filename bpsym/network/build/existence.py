"""Whether a formula of the user has a value anywhere: ``1/(sin(z)^2 + cos(z)^2 - 1)`` has none.

A division by zero that stands there is seen where the formula is read. One that takes an identity
to be seen is found by evaluating the formula at random points of the field, which has them.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import sympy as sp

from bpsym.calculus.system import Schema
from bpsym.calculus.terms.from_text import is_infinite
from bpsym.calculus.terms.indexed import name_of, subscripts_of
from bpsym.errors import NetworkError, quoted
from bpsym.proof.evaluate.point import NoElementError, Point
from bpsym.proof.values.algebra import RedrawError, UndefinedError
from bpsym.proof.values.field import Field

# Every index runs to this. Half of all signs come out each way, so few points meet each branch.
SIZE = 3
POINTS = 40


def require_value(schemas: tuple[Schema, ...], where: str, text: str) -> None:
    """Raise NetworkError if the last of the equations has no value at any point."""
    if _has_value(schemas):
        return
    raise NetworkError.single(
        where=where,
        what="the formula has no value, whatever its variables are",
        expected="divisors and arguments of logarithms that are not always 0",
        got=quoted(text),
        way_out="look for a difference that is always 0",
    )


@lru_cache(maxsize=512)
def _has_value(schemas: tuple[Schema, ...]) -> bool:
    formulas = [each.equation.rhs for each in schemas]
    formulas += [each.activation.expression for each in schemas if each.activation is not None]
    if any(map(is_infinite, formulas)):
        return False
    field = Field()
    point = Point(field, [each.equation for each in schemas])
    equation = schemas[-1].equation
    sizes = dict.fromkeys(sizes_in(schemas), SIZE)
    subscripts = subscripts_of(equation.lhs) if isinstance(equation.lhs, sp.Indexed) else ()
    places = list(product(*(range(1, SIZE + 1) for _ in subscripts)))
    for number in range(POINTS):
        field.restart(number, narrow=number % 2 == 1)
        point.restart(sizes)
        for place in places:
            try:
                point.read(name_of(equation.lhs), place)
            except UndefinedError:
                continue
            except (RedrawError, NoElementError, NotImplementedError, KeyError):
                pass  # the proofs will tell
            return True
    return False


def sizes_in(schemas: tuple[Schema, ...]) -> set[sp.Symbol]:
    """The sizes that equations count with, sum to, or run to."""
    equations = [each.equation for each in schemas]
    formulas = [each.rhs for each in equations]
    formulas += [values.last for each in equations for values in each.ranges.values()]
    symbols = {symbol for each in formulas for symbol in each.free_symbols}
    return {symbol for symbol in symbols if symbol.is_integer and symbol.is_positive}
