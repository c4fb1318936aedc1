"""From sums of products of elements to products of matrices and vectors, for one sample.

    sum_k W[k,i] d[k] f'(z[i])        (W^T d) . f'(z)
    d[i] a[j]                         d a^T
    sum_j W[i,j] a[j] + b[i]          W a + b

Vectors are columns. What is not of this form keeps its indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bpsym.typeset.formulas.tree import (
    Apply,
    Chain,
    Formula,
    Joint,
    Kind,
    Partial,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
    equation,
    map_symbols,
    symbols,
)


class NoVectorFormError(Exception):
    """A formula that keeps its indices."""


def vector_form(chain: Chain) -> Chain | None:
    """An equation between elements as one between vectors or matrices, None if it has none."""
    free = _letters(chain.first)
    try:
        sides = tuple((sign, _whole(side, free)) for sign, side in chain.rest)
    except NoVectorFormError:
        return None
    return Chain(_bare(chain.first), sides)


def vectors_of_batch(chain: Chain) -> Chain | None:
    """The same for samples in columns: ``1/m sum_n d[j,n] a[k,n]`` as ``1/m d a^T``.

    A sum over the samples is the inner index of a product of two matrices; over one matrix alone
    it is ``np.sum`` along the columns.
    """
    if len(chain.rest) != 1:
        return None
    body, factor = chain.rest[0][1], None
    match body:
        case Product((Quotient() as mean, Summation(Symbol(name="n"), _, _, inner))):
            body, factor = inner, mean
    column = vector_form(_one_column(Chain(chain.first, (("=", body),))))
    if column is None or factor is None:
        return column
    found = column.rest[0][1]
    if isinstance(found, Product):
        return equation(column.first, Product((factor, *found.factors)))
    total = Apply("np.sum", (found, _keyword("axis=1"), _keyword("keepdims=True")))
    return equation(column.first, Product((factor, total)))


def _keyword(text: str) -> Symbol:
    return Symbol(text, Kind.CONSTANT, text)


def _one_column(chain: Chain) -> Chain:
    """The equation without the index of the sample."""

    def change(symbol: Symbol) -> Symbol:
        kept = tuple(
            each
            for each in symbol.subscripts
            if not (isinstance(each, Symbol) and each.name == _SAMPLE)
        )
        return replace(symbol, subscripts=kept)

    found = map_symbols(chain, change)
    assert isinstance(found, Chain)
    return found


def _letters(formula: Formula) -> tuple[str, ...]:
    """The letters of units, in the order in which they are met."""
    found = (each.name for each in symbols(formula) if each.kind is Kind.INDEX)
    return tuple(dict.fromkeys(found))


def _bare(formula: Formula) -> Formula:
    def change(symbol: Symbol) -> Symbol:
        return replace(symbol, subscripts=()) if symbol.kind is Kind.TENSOR else symbol

    return map_symbols(formula, change)


def _whole(side: Formula, free: Sequence[str]) -> Formula:
    """A side with these free letters: one for a vector, two for a matrix."""
    match side:
        case Terms(terms):
            return Terms(tuple((sign, _whole(term, free)) for sign, term in terms))
        case Product(factors, Joint.BESIDE):
            return _product(factors, free)
        case _:
            return _product((side,), free)


def _product(factors: Sequence[Formula], free: Sequence[str]) -> Formula:
    groups: dict[str, list[Formula]] = {letter: [] for letter in free}
    for factor in factors:
        letters = _outer(factor)
        if len(letters) == 1 and letters[0] in groups:
            groups[letters[0]].append(_vector(factor))
        elif len(factors) == 1 and letters == tuple(free) and not isinstance(factor, Summation):
            return _bare(factor)
        else:
            raise NoVectorFormError
    if len(free) == 1:
        return _hadamard(groups[free[0]])
    if len(free) != _MATRIX or not all(groups.values()):
        raise NoVectorFormError
    left, right = (_hadamard(groups[letter]) for letter in free)
    return Product((left, Transpose(right)))


def _outer(factor: Formula) -> tuple[str, ...]:
    """The letters of a factor that are not summed over."""
    match factor:
        case Summation(index, _, _, body):
            return tuple(each for each in _outer(body) if each != index.name)
        case Product(factors):
            return tuple(dict.fromkeys(each for factor in factors for each in _outer(factor)))
        case Symbol() | Partial() | Apply():
            return _letters(factor)
        case _:
            raise NoVectorFormError


def _vector(factor: Formula) -> Formula:
    match factor:
        case Summation(index, _, _, Product(factors, Joint.BESIDE)):
            return _times_vector(index.name, factors)
        case Symbol() | Partial() | Apply():
            return _bare(factor)
    raise NoVectorFormError


def _times_vector(summed: str, factors: Sequence[Formula]) -> Formula:
    """``sum_k W[k,i] u[k] v[k]`` as ``W^T (u . v)``."""
    matrices = [each for each in factors if len(_outer(each)) == _MATRIX]
    vectors = [each for each in factors if _outer(each) == (summed,)]
    if len(matrices) != 1 or len(matrices) + len(vectors) != len(factors) or not vectors:
        raise NoVectorFormError
    matrix: Formula = _bare(matrices[0])
    if _outer(matrices[0])[0] == summed:
        matrix = Transpose(matrix)
    return Product((matrix, _hadamard([_bare(each) for each in vectors])))


def _hadamard(factors: Sequence[Formula]) -> Formula:
    if len(factors) == 1:
        return factors[0]
    ordered = sorted(factors, key=lambda each: not isinstance(each, Product))
    return Product(tuple(ordered), Joint.HADAMARD)


_MATRIX = 2
# The index of the sample.
_SAMPLE = "n"
