"""The formula tree: mathematics as it is written, with the order of everything decided.

The tree is closed: a printer that handles each node here prints every formula of bpsym. It says
nothing of sizes of brackets, fonts or line breaks, and it never reorders: ``W a`` is not ``a W``.

    Chain(delta[n,i], (("=", Product((a, Terms(((1, Number(1)), (-1, a))), Summation(...)))),))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import Literal


class Kind(Enum):
    """What a symbol stands for."""

    TENSOR = "tensor"
    INDEX = "index"
    SIZE = "size"
    CONSTANT = "constant"


@dataclass(frozen=True)
class Symbol:
    """A letter or word, and what stands around it.

    name: what it is called in emitted code; symbols of one name and subscripts are one thing.
    base: the letter or word, Greek letters spelled out (``delta``).
    label: what tells it from others of the same letter, a layer's number or name.
    offset: if set, ``label`` is the letter of a running layer number and this is added to it.
    accent: a sign above the letter (``bar``, ``hat``, ``tilde``), or ``bold``.
    """

    name: str
    kind: Kind
    base: str
    label: str = ""
    offset: int | None = None
    subscripts: tuple[Formula, ...] = ()
    superscripts: tuple[Formula, ...] = ()
    accent: str = ""


@dataclass(frozen=True)
class Number:
    """An exact number, not negative where it stands first in a term: signs are in ``Terms``."""

    value: Fraction


@dataclass(frozen=True)
class Decimal:
    """A number in digits, not negative; ``text`` is ``value`` rounded as it is printed."""

    value: float
    text: str


@dataclass(frozen=True)
class Terms:
    """A sum written out: ``+`` or ``-`` and a formula, in order. One negative term is ``-u``."""

    terms: tuple[tuple[int, Formula], ...]


class Joint(Enum):
    """How the factors of a product are joined."""

    BESIDE = "beside"
    DOT = "dot"
    HADAMARD = "hadamard"


@dataclass(frozen=True)
class Product:
    """Factors in the order in which they are written."""

    factors: tuple[Formula, ...]
    joint: Joint = Joint.BESIDE


@dataclass(frozen=True)
class Quotient:
    """A fraction."""

    numerator: Formula
    denominator: Formula


@dataclass(frozen=True)
class Power:
    """``base`` to a constant exponent; one half is a square root."""

    base: Formula
    exponent: Fraction


@dataclass(frozen=True)
class Summation:
    """The sum of ``body`` over ``index`` from ``lower`` to ``upper``, both included."""

    index: Symbol
    lower: Formula
    upper: Formula
    body: Formula


@dataclass(frozen=True)
class Prime:
    """The derivative of a function of one variable, as a name: ``f'``."""

    function: str


@dataclass(frozen=True)
class Apply:
    """A function by name, or its derivative, applied to arguments."""

    function: str | Prime
    arguments: tuple[Formula, ...]


Relation = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Comparison:
    """A condition, possibly a chain: ``-3 < z <= 3``."""

    first: Formula
    rest: tuple[tuple[Relation, Formula], ...]


@dataclass(frozen=True)
class Conjunction:
    """Conditions that all hold."""

    conditions: tuple[Formula, ...]


@dataclass(frozen=True)
class Bracket:
    """``[condition]``: 1 where it holds, else 0."""

    condition: Formula


@dataclass(frozen=True)
class Cases:
    """Values with their conditions, the first that holds decides; None: otherwise."""

    branches: tuple[tuple[Formula, Formula | None], ...]


@dataclass(frozen=True)
class Transpose:
    """The transpose of a matrix."""

    argument: Formula


@dataclass(frozen=True)
class Matrix:
    """A matrix, row by row; ``ELLIPSIS`` and ``VERTICAL`` where entries are left out."""

    rows: tuple[tuple[Formula, ...], ...]


@dataclass(frozen=True)
class Partial:
    """The partial derivative of ``of`` with respect to ``by``."""

    of: Formula
    by: Formula


@dataclass(frozen=True)
class Chain:
    """Sides that are equal, ``left = right = right``; the first side is what is defined."""

    first: Formula
    rest: tuple[tuple[Relation, Formula], ...]


Formula = (
    Symbol
    | Number
    | Decimal
    | Terms
    | Product
    | Quotient
    | Power
    | Summation
    | Apply
    | Comparison
    | Conjunction
    | Bracket
    | Cases
    | Transpose
    | Matrix
    | Partial
    | Chain
)

ONE = Number(Fraction(1))

# What stands for terms or entries that are left out; below each other in a column of a matrix.
ELLIPSIS = Symbol("...", Kind.CONSTANT, "...")
VERTICAL = Symbol(":::", Kind.CONSTANT, ":::")


def equation(left: Formula, *sides: Formula) -> Chain:
    """``left = side = side ...``."""
    return Chain(left, tuple(("=", side) for side in sides))


def negative(formula: Formula) -> Formula:
    """``-formula``."""
    return Terms(((-1, formula),))


def product(factors: tuple[Formula, ...]) -> Formula:
    """A product; one factor stands for itself, none is 1."""
    if len(factors) == 1:
        return factors[0]
    return Product(factors) if factors else ONE


def flat_cases(branches: Sequence[tuple[Formula, Formula | None]]) -> Cases:
    """Cases of what is left over are further cases of the whole."""
    match branches[-1]:
        case (Cases(further), None):
            return Cases((*branches[:-1], *further))
    return Cases(tuple(branches))


def without_subscripts(symbol: Symbol) -> Symbol:
    """The symbol of the whole array."""
    return replace(symbol, subscripts=())


def children(node: Formula) -> tuple[Formula, ...]:
    """The direct parts of a node, in the order in which they are written."""
    match node:
        case Symbol():
            return (*node.superscripts, *node.subscripts)
        case Number() | Decimal():
            return ()
        case Terms(terms):
            return tuple(term for _, term in terms)
        case Product(factors):
            return factors
        case Quotient(numerator, denominator):
            return (numerator, denominator)
        case Power(base):
            return (base,)
        case Summation(index, lower, upper, body):
            return (index, lower, upper, body)
        case Apply(_, arguments):
            return arguments
        case Comparison(first, rest) | Chain(first, rest):
            return (first, *(side for _, side in rest))
        case Conjunction(conditions):
            return conditions
        case Bracket(condition):
            return (condition,)
        case Cases(branches):
            return tuple(part for branch in branches for part in branch if part is not None)
        case Transpose(argument):
            return (argument,)
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
        case Partial(of, by):
            return (of, by)


def walk(node: Formula) -> Iterator[Formula]:
    """The node and everything below it, parents first."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(children(each)))


def symbols(node: Formula) -> Iterator[Symbol]:
    """All symbols of a formula, in the order in which they are written."""
    return (each for each in walk(node) if isinstance(each, Symbol))


def has(node: Formula, kind: type[Summation] | type[Cases]) -> bool:
    """Whether a node of that kind is in the formula."""
    return any(isinstance(each, kind) for each in walk(node))


def map_symbols(
    node: Formula,
    change: Callable[[Symbol], Formula],
    known: Mapping[Formula, Formula] = MappingProxyType({}),
) -> Formula:
    """The formula with every symbol changed; subscripts are changed first.

    A summed index must become a symbol again. known: partial derivatives that are replaced whole.
    """

    def visit(each: Formula) -> Formula:
        return map_symbols(each, change, known)

    def symbol(each: Symbol) -> Formula:
        if not each.subscripts and not each.superscripts:
            return change(each)
        return change(
            replace(
                each,
                subscripts=tuple(map(visit, each.subscripts)),
                superscripts=tuple(map(visit, each.superscripts)),
            )
        )

    match node:
        case Symbol():
            return symbol(node)
        case Summation(index, lower, upper, body):
            changed = symbol(index)
            assert isinstance(changed, Symbol)
            return Summation(changed, visit(lower), visit(upper), visit(body))
        case Partial() if node in known:
            return known[node]
        case _:
            return with_parts(node, visit)


def map_nodes(node: Formula, change: Callable[[Formula], Formula]) -> Formula:
    """The formula with every node changed, parts before the whole.

    A summed index must become a symbol again.
    """
    return change(with_parts(node, lambda each: map_nodes(each, change)))


def with_parts(node: Formula, visit: Callable[[Formula], Formula]) -> Formula:
    """The node with each of its direct parts changed."""
    match node:
        case Symbol():
            return replace(
                node,
                subscripts=tuple(map(visit, node.subscripts)),
                superscripts=tuple(map(visit, node.superscripts)),
            )
        case Number() | Decimal():
            return node
        case Terms(terms):
            return Terms(tuple((sign, visit(term)) for sign, term in terms))
        case Product(factors, joint):
            return Product(tuple(map(visit, factors)), joint)
        case Quotient(numerator, denominator):
            return Quotient(visit(numerator), visit(denominator))
        case Power(base, exponent):
            return Power(visit(base), exponent)
        case Summation(index, lower, upper, body):
            changed = visit(index)
            assert isinstance(changed, Symbol)
            return Summation(changed, visit(lower), visit(upper), visit(body))
        case Apply(function, arguments):
            return Apply(function, tuple(map(visit, arguments)))
        case Comparison(first, rest):
            return Comparison(visit(first), tuple((sign, visit(side)) for sign, side in rest))
        case Chain(first, rest):
            return Chain(visit(first), tuple((sign, visit(side)) for sign, side in rest))
        case Conjunction(conditions):
            return Conjunction(tuple(map(visit, conditions)))
        case Bracket(condition):
            return Bracket(visit(condition))
        case Cases(branches):
            return Cases(tuple((visit(value), test and visit(test)) for value, test in branches))
        case Transpose(argument):
            return Transpose(visit(argument))
        case Matrix(rows):
            return Matrix(tuple(tuple(map(visit, row)) for row in rows))
        case Partial(of, by):
            return Partial(visit(of), visit(by))
