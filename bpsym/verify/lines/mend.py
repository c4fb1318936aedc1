"""One change of a formula as it was written that makes it right.

The catalogue's mistakes are made in the derivation; these are slips of the pen that it does not
have: a wrong index, a lost square, factors in the wrong order. The formula that comes out is the
user's own with one place changed, so that it says how to mend it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations

import numpy as np

from bpsym.typeset.formulas.tree import (
    Apply,
    Formula,
    Joint,
    Kind,
    Number,
    Power,
    Prime,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
    negative,
    symbols,
    walk,
)
from bpsym.verify.lines.arranged import Arranged
from bpsym.verify.lines.equality import TreeEquality
from bpsym.verify.lines.tree_values import FormulaError

# A formula with more parts is not searched, and no search takes longer.
LARGEST = 200
MOST = 4_000
SECONDS = 2.0
CLOSE = 1e-9
TWO = Fraction(2)
Rebuild = Callable[[Formula], Formula]


@dataclass(frozen=True)
class Mended:
    """A changed formula: which slip it undoes, and words for it. Lower ranks are likelier."""

    formula: Formula
    code: str
    words: Mapping[str, str] = field(default_factory=dict)
    rank: int = 0


def mended(equality: TreeEquality, points: Sequence[Arranged]) -> Mended | None:
    """The likeliest single change with which it holds at all points; None if none does."""
    found: list[Mended] = []
    if sum(1 for _ in walk(equality.side)) > LARGEST:
        return None
    ends = time.process_time() + SECONDS
    try:
        wanted = [np.asarray(equality.wanted(at)) for at in points]
    except (FormulaError, ValueError, TypeError, IndexError, KeyError):
        return None
    for number, each in enumerate(_changes(equality)):
        if number >= MOST or time.process_time() > ends:
            break
        if found and each.rank >= min(other.rank for other in found):
            continue
        if all(_holds(equality, each, at, right) for at, right in zip(points, wanted, strict=True)):
            found.append(each)
    return min(found, key=lambda each: each.rank, default=None)


def _holds(
    equality: TreeEquality,
    each: Mended,
    at: Arranged,
    wanted: np.ndarray[tuple[int, ...], np.dtype[np.floating]],
) -> bool:
    try:
        given = equality.value(each.formula, at)
    except (FormulaError, ValueError, TypeError, IndexError, KeyError):
        return False
    if given.shape != wanted.shape:
        return False
    scale = float(np.max(np.abs(wanted), initial=0.0)) or 1.0
    return bool(np.all(np.abs(given - wanted) <= CLOSE * scale))


def _changes(equality: TreeEquality) -> Iterator[Mended]:
    letters = tuple(
        dict.fromkeys(
            each.name
            for each in (*symbols(equality.left), *symbols(equality.side))
            if each.kind is Kind.INDEX
        )
    )
    tensors = _tensors(equality)
    for node, rebuild in _places(equality.side):
        for each in _of_node(node, letters, tensors):
            yield replace(each, formula=rebuild(each.formula))
    places = dict.fromkeys(each.name for each in symbols(equality.left) if each.kind is Kind.INDEX)
    for one, other in combinations(places, 2):
        yield Mended(_exchanged(equality.side, one, other), "index-order", {}, 1)
    bound = {each.index.name for each in walk(equality.side) if isinstance(each, Summation)}
    left = {each.name for each in symbols(equality.left)}
    for letter in letters:
        if letter not in bound and letter not in left:
            index = Symbol(letter, Kind.INDEX, letter)
            whole = Summation(index, Number(Fraction(1)), index, equality.side)
            yield Mended(whole, "sum-missing", {"index": letter}, 3)


def _exchanged(formula: Formula, one: str, other: str) -> Formula:
    """The formula with two letters in each other's place."""
    letters = {one: other, other: one}

    def visit(node: Formula) -> Formula:
        if not isinstance(node, Symbol):
            return node
        if node.kind is Kind.INDEX and node.name in letters:
            return replace(node, name=letters[node.name], base=letters[node.name])
        return replace(node, subscripts=tuple(everywhere(each, visit) for each in node.subscripts))

    return everywhere(formula, visit)


def _tensors(equality: TreeEquality) -> tuple[Symbol, ...]:
    """Symbols that may have been meant: those of the formula with another layer's number too."""
    found: dict[str, Symbol] = {}
    for each in symbols(equality.side):
        if each.kind is Kind.TENSOR:
            found.setdefault(each.name, replace(each, subscripts=()))
    return tuple(found.values())


def _of_node(node: Formula, letters: Sequence[str], tensors: Sequence[Symbol]) -> Iterator[Mended]:
    match node:
        case Terms(terms):
            for at, (sign, term) in enumerate(terms):
                changed = (*terms[:at], (-sign, term), *terms[at + 1 :])
                yield Mended(Terms(changed), "sign", {}, 0)
            if len(terms) > 1:
                yield Mended(Terms(tuple((-sign, term) for sign, term in terms)), "sign", {}, 0)
        case Symbol(kind=Kind.TENSOR):
            yield from _of_symbol(node, letters, tensors)
        case Product(factors, joint):
            yield from _of_product(factors, joint)
        case Summation(index, _, _, body):
            yield Mended(body, "sum-extra", {"index": index.name}, 2)
            for letter in letters:
                if letter != index.name:
                    other = Symbol(letter, Kind.INDEX, letter)
                    yield Mended(replace(node, index=other), "wrong-index", {"index": letter}, 3)
        case Power(base, exponent) if exponent == TWO:
            yield Mended(base, "square-extra", {}, 2)
        case Apply(Prime(name), arguments):
            yield Mended(Apply(name, arguments), "prime-extra", {}, 4)
        case Apply(str() as name, arguments) if name not in ("np.sum", "softmax"):
            yield Mended(Apply(Prime(name), arguments), "prime-missing", {}, 4)
        case Transpose(argument):
            yield Mended(argument, "transpose-extra", {}, 2)
    if isinstance(node, Terms | Symbol):
        yield Mended(Power(node, TWO), "square-missing", {}, 2)
    if not isinstance(node, Transpose | Number | Terms) and not _has_subscripts(node):
        yield Mended(Transpose(node), "transpose-missing", {}, 3)
    if not isinstance(node, Terms | Number):
        yield Mended(negative(node), "sign", {}, 1)


def _of_symbol(node: Symbol, letters: Sequence[str], tensors: Sequence[Symbol]) -> Iterator[Mended]:
    places = node.subscripts
    if len(places) == 2 and places[0] != places[1]:
        yield Mended(replace(node, subscripts=places[::-1]), "index-order", {}, 1)
    for at, place in enumerate(places):
        for letter in letters:
            other = Symbol(letter, Kind.INDEX, letter)
            if other != place:
                changed = (*places[:at], other, *places[at + 1 :])
                yield Mended(replace(node, subscripts=changed), "wrong-index", {"index": letter}, 1)
    for each in tensors:
        if each.name != node.name:
            yield Mended(replace(each, subscripts=places), "wrong-symbol", {"symbol": each.name}, 5)


def _of_product(factors: tuple[Formula, ...], joint: Joint) -> Iterator[Mended]:
    if joint is Joint.HADAMARD:
        # (A B) . C for A (B . C)
        for at, each in enumerate(factors):
            match each:
                case Product((*before, last), Joint.BESIDE) if at == 0:
                    inner = Product((last, *factors[1:]), Joint.HADAMARD)
                    yield Mended(Product((*before, inner)), "grouping", {}, 2)
        yield Mended(Product(factors), "product-kind", {}, 4)
    else:
        for at in range(len(factors) - 1):
            turned = (*factors[:at], factors[at + 1], factors[at], *factors[at + 2 :])
            yield Mended(Product(turned), "factor-order", {}, 2)
        match factors:
            case (*before, Product((first, *rest), Joint.HADAMARD)):
                inner = Product((*before, first))
                yield Mended(Product((inner, *rest), Joint.HADAMARD), "grouping", {}, 2)
        yield Mended(Product(factors, Joint.HADAMARD), "product-kind", {}, 4)
    for at in range(len(factors)):
        kept = (*factors[:at], *factors[at + 1 :])
        left = kept[0] if len(kept) == 1 else Product(kept, joint)
        yield Mended(left, "factor-extra", {}, 4)


def _has_subscripts(node: Formula) -> bool:
    return any(each.subscripts for each in symbols(node))


def _places(node: Formula) -> Iterator[tuple[Formula, Rebuild]]:
    """Every part of a formula with what puts another in its place; the whole first."""
    yield node, lambda new: new
    for child, put in _children(node):
        for inner, rebuild in _places(child):
            yield inner, lambda new, put=put, rebuild=rebuild: put(rebuild(new))  # type: ignore[misc]


def everywhere(formula: Formula, change: Callable[[Formula], Formula]) -> Formula:
    """A formula with every part changed, the inner ones first."""
    for number in range(len(list(_children(formula)))):
        child, put = list(_children(formula))[number]
        formula = put(everywhere(child, change))
    return change(formula)


def _children(node: Formula) -> Iterator[tuple[Formula, Rebuild]]:
    match node:
        case Terms(terms):
            for at, (sign, term) in enumerate(terms):
                yield (
                    term,
                    lambda new, at=at, sign=sign: Terms(  # type: ignore[misc]
                        (*terms[:at], (sign, new), *terms[at + 1 :])
                    ),
                )
        case Product(factors, joint):
            for at, each in enumerate(factors):
                yield (
                    each,
                    lambda new, at=at: Product(  # type: ignore[misc]
                        (*factors[:at], new, *factors[at + 1 :]), joint
                    ),
                )
        case Quotient(above, below):
            yield above, lambda new: Quotient(new, below)
            yield below, lambda new: Quotient(above, new)
        case Power(base, exponent):
            yield base, lambda new: Power(new, exponent)
        case Summation(index, lower, upper, body):
            yield body, lambda new: Summation(index, lower, upper, new)
        case Apply(function, arguments):
            for at, each in enumerate(arguments):
                yield (
                    each,
                    lambda new, at=at: Apply(  # type: ignore[misc]
                        function, (*arguments[:at], new, *arguments[at + 1 :])
                    ),
                )
        case Transpose(argument):
            yield argument, Transpose
