"""The algebra of matrix formulas: products, transposes and sums of entries, as they are written.

Matrices stand side by side, products entry by entry have a circled dot. A sum over rows or columns
is a product with the column **1** of ones:

    sum_n delta[n,i]            delta^T 1
    sum_k u[n,k]                u 1
    sum_k u[k] v[k]             u^T v          for one sample, where u and v are columns
"""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.formulas.order import Order
from bpsym.typeset.formulas.tree import (
    ONE,
    Formula,
    Joint,
    Kind,
    Number,
    Product,
    Quotient,
    Symbol,
    Terms,
    Transpose,
    negative,
    product,
    symbols,
    walk,
)

_ONES = "ones_"
_COLUMN = "_1"


class NoMatrixFormError(Exception):
    """A formula that keeps its indices."""


def is_number(formula: Formula) -> bool:
    """Whether it has no tensor in it, so that it scales all entries."""
    return all(each.kind is not Kind.TENSOR for each in symbols(formula))


def ones(label: str, *, column: bool) -> Symbol:
    """As many ones as a size says: a vector, or a column, which is a matrix."""
    return Symbol(f"{_ONES}{label}{_COLUMN * column}", Kind.TENSOR, "1", accent="bold")


def sizes_of_ones(name: str) -> tuple[str, ...] | None:
    """The size labels of ones by their name, None for any other name."""
    if not name.startswith(_ONES):
        return None
    label = name.removeprefix(_ONES)
    return (label.removesuffix(_COLUMN), "1") if label.endswith(_COLUMN) else (label,)


def transposed(formula: Formula) -> Formula:
    """The transpose, with as few letters transposed as possible.

    ``(A B)^T`` is ``B^T A^T``, but ``(A . B)^T`` stays as it is unless A or B are transposes.
    """
    match formula:
        case Transpose(argument):
            return argument
        case Product(factors, Joint.BESIDE):
            numbers = [each for each in factors if is_number(each)]
            rest = [transposed(each) for each in reversed(factors) if not is_number(each)]
            return Product((*numbers, *rest))
        case Product(factors, joint):
            return _fewer(formula, Product(tuple(map(transposed, factors)), joint))
        case Terms(terms):
            return _fewer(formula, Terms(tuple((sign, transposed(term)) for sign, term in terms)))
        case each if is_number(each):
            return each
        case _:
            return Transpose(formula)


def _fewer(formula: Formula, pushed: Formula) -> Formula:
    """The transpose of the whole or of its parts, whichever has fewer signs."""
    signs = [sum(isinstance(each, Transpose) for each in walk(x)) for x in (formula, pushed)]
    return pushed if signs[1] <= signs[0] + 1 else Transpose(formula)


def summed(formulas: Sequence[Formula]) -> Formula:
    """``u + v``; sums within are taken apart."""
    terms: list[tuple[int, Formula]] = []
    for each in formulas:
        terms += each.terms if isinstance(each, Terms) else ((1, each),)
    return Terms(tuple(terms))


def beside(factors: Sequence[Formula]) -> Formula:
    """A product of matrices, numbers and minus signs in front."""
    flat: list[Formula] = []
    sign = 1
    for each in factors:
        match each:
            case Product(inner, Joint.BESIDE):
                flat += inner
            case Terms(((-1, only),)):
                sign = -sign
                flat.append(only)
            case _:
                flat.append(each)
    numbers = [each for each in flat if is_number(each) and each != ONE]
    match numbers:
        case [Quotient(above, below), Number() as number] if above == ONE:
            numbers = [Quotient(number, below)]
    flat = [*numbers, *(each for each in flat if not is_number(each))]
    found = product(tuple(flat))
    return found if sign > 0 else negative(found)


def over_rows(argument: Formula, one: Symbol, *, keep: bool) -> Formula:
    """The sums of the columns: a row ``1^T u`` if it is kept, else the vector ``u^T 1``."""
    if keep:
        return beside([Transpose(one), argument])
    return beside([transposed(argument), one])


def over_entries(column: Formula, one: Symbol) -> Formula:
    """The sum of all entries of a column: ``u^T v`` if these are products ``u . v``."""
    match column:
        case Product((first, *rest), Joint.HADAMARD) if not is_number(first):
            other = rest[0] if len(rest) == 1 else Product(tuple(rest), Joint.HADAMARD)
            return beside([transposed(first), other])
    return beside([Transpose(one), column])


def fewest_minus_signs(formula: Formula, order: Order) -> Formula:
    """``u . (1 - v)`` for ``-u . (v - 1)``, in each term of a sum."""
    if not isinstance(formula, Terms):
        return formula
    terms = []
    for sign, term in formula.terms:
        turned = _turned(term, order) if sign < 0 else None
        terms.append((sign, term) if turned is None else (1, turned))
    match terms:
        case [(1, only)]:
            return only
    return Terms(tuple(terms))


def _turned(term: Formula, order: Order) -> Formula | None:
    """Minus the term, if one of its factors takes up the sign."""
    match term:
        case Product(factors, joint):
            for at, factor in enumerate(factors):
                turned = order.turned(factor) or _turned(factor, order)
                if turned is not None:
                    return Product((*factors[:at], turned, *factors[at + 1 :]), joint)
        case Quotient(numerator, denominator):
            turned = order.turned(numerator) or _turned(numerator, order)
            return None if turned is None else Quotient(turned, denominator)
    return None
