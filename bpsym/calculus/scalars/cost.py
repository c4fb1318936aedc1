"""The whole cost of a small network as one expression in its weights, and its plain derivative.

    C = (1/(1 + exp(-W2[1,1]/(1 + exp(-W1[1,1]*X[1] - b1[1])) - b2[1])) - Y[1])**2/2

This is what the delta form saves everyone from writing: with every layer the expressions grow by
a factor. Both are refused beyond ``LARGEST`` operations, before sympy is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

import sympy as sp

from bpsym.calculus.scalars.unroll import Unrolled
from bpsym.calculus.slopes.activation import Opaque
from bpsym.calculus.system import Role, System
from bpsym.calculus.terms.cases import with_where
from bpsym.calculus.terms.elements import parse_element
from bpsym.calculus.terms.functions import U, define
from bpsym.errors import EmitError, ExpressionError

if TYPE_CHECKING:
    from bpsym.calculus.derivation import Derivation

# sympy differentiates an expression of this size in about a second.
LARGEST = 30_000
# sympy calls itself a few times for every level of an expression, Python gives it 1000 calls.
DEEPEST = 150


def full_loss(derivation: Derivation, samples: int = 1) -> sp.Expr:
    """The cost of ``samples`` samples as one nested expression in the weights, X and Y.

    A weight is the symbol of its name, ``W1[2,1]``; with one sample its number is left out of
    ``X[1]``. Activations are written out, a sigmoid as 1/(1 + exp(-z)).
    Raises EmitError if it would have more than LARGEST operations.
    """
    unrolled = unroll(derivation.system, samples)
    _refuse_if_large("the full loss", growth(unrolled).loss(), unrolled)
    return nested_loss(unrolled)


def raw_gradient(derivation: Derivation, target: str, samples: int = 1) -> sp.Expr:
    """sympy's ``diff`` of the full loss in one parameter or input, ``"W1[2,1]"``, as it comes.

    Raises ExpressionError if there is no such element, EmitError if the derivative would have more
    than LARGEST operations.
    """
    unrolled = unroll(derivation.system, samples)
    return raw_derivative(unrolled, leaf(unrolled, target))


def raw_derivative(unrolled: Unrolled, symbol: sp.Symbol) -> sp.Expr:
    """``raw_gradient`` for a symbol."""
    sizes = growth(unrolled)
    larger = max(sizes.loss(), sizes.derivative(symbol))
    _refuse_if_large(f"the derivative by {symbol}", larger, unrolled)
    return sp.diff(nested_loss(unrolled), symbol)


@lru_cache(maxsize=8)
def unroll(system: System, samples: int) -> Unrolled:
    """The scalar equations of a system; EmitError if they alone are too many or too deep."""
    if samples < 1:
        raise ExpressionError.single(
            where="samples",
            what="a cost has at least one sample",
            expected="a positive integer",
            got=str(samples),
            way_out="leave it out for one sample",
        )
    unrolled = Unrolled(system, samples)
    # Every parameter is read for every sample, with an operation to join it to the others.
    parameters = sum(prod(unrolled.shape(each.name)) for each in system.of_role(Role.PARAMETER))
    _refuse_if_large("the full loss", parameters * samples, unrolled, at_least=True)
    depth = growth(unrolled).depth()
    if depth > DEEPEST:
        raise _too_large("the full loss", f"{depth} levels of brackets", f"at most {DEEPEST}")
    return unrolled


def leaf(unrolled: Unrolled, target: str) -> sp.Symbol:
    """The symbol of a parameter's or input's element, ``"W1[2,1]"``.

    In ``"X[1,2]"`` the sample comes first, as in every formula; of one sample it may be left out.
    Raises ExpressionError for anything else.
    """
    leaves = unrolled.elements(Role.PARAMETER, Role.INPUT)
    by_name = {symbol.name: symbol for symbol in leaves}
    plain_text = "".join(target.split())
    if plain_text in by_name:
        return by_name[plain_text]
    place = parse_element(target, unrolled.system, Role.PARAMETER, Role.INPUT)
    for symbol, each in leaves.items():
        if each == place:
            return symbol
    raise ExpressionError.single(
        where=repr(target[:60]),
        what="this is not one element of a parameter or an input",
        expected=f"a name such as {next(iter(by_name))!r}",
        got=target[:60],
        way_out="give the subscripts of one element, counted from 1",
    )


def plain(expr: sp.Expr) -> sp.Expr:
    """An expression with every activation and named function written out."""
    known = {node: _applied(node) for node in expr.atoms(Opaque)}
    return with_where(define(expr.xreplace(known)))


def _applied(node: Opaque) -> sp.Expr:
    activation = node.activation
    values = dict(zip((U, *activation.learned), node.args, strict=True))
    return activation.expression.xreplace(values)


@lru_cache(maxsize=8)
def plain_rows(unrolled: Unrolled) -> Mapping[sp.Symbol, sp.Expr]:
    """The right side of every scalar equation, written out."""
    return {symbol: plain(row.rhs) for symbol, row in unrolled.rows.items()}


@lru_cache(maxsize=8)
def nested_loss(unrolled: Unrolled) -> sp.Expr:
    """The cost with every scalar replaced by its right side, from the inputs upwards."""
    values: dict[sp.Symbol, sp.Expr] = {}
    for symbol, rhs in plain_rows(unrolled).items():
        values[symbol] = rhs.xreplace(values)
    return unrolled.cost.xreplace(values)


class Growth:
    """How large the nested expressions are, counted without writing them.

    An expression counts its own operations and, for each place where it reads a scalar, those of
    that scalar again: nothing is shared in a formula. Terms that sympy would merge count twice.
    """

    def __init__(self, unrolled: Unrolled) -> None:
        self._cost = unrolled.cost
        self._rows = plain_rows(unrolled)
        self._sizes: dict[sp.Symbol, int] = {}
        for symbol, rhs in self._rows.items():
            self._sizes[symbol] = self._size(rhs)

    def _size(self, expr: sp.Expr) -> int:
        return int(sp.count_ops(expr)) + sum(
            times * self._sizes.get(symbol, 0) for symbol, times in _reads(expr).items()
        )

    def loss(self) -> int:
        """The operations of the full loss."""
        return self._size(self._cost)

    def derivative(self, leaf: sp.Symbol) -> int:
        """The operations of its derivative by one symbol."""
        slopes: dict[sp.Symbol, int] = {leaf: 0}
        for symbol, rhs in self._rows.items():
            if rhs.free_symbols & slopes.keys():
                slopes[symbol] = self._slope(rhs, slopes)
        return self._slope(self._cost, slopes)

    def _slope(self, expr: sp.Expr, slopes: Mapping[sp.Symbol, int]) -> int:
        """The chain rule: partial times slope for each symbol read, and the signs between."""
        size = 0
        for read in sorted(expr.free_symbols & slopes.keys(), key=str):
            partial = _partial(expr, read)
            times = 0 if sp.Integer(1) in (partial, -partial) else 1
            size += self._size(partial) + slopes[read] + times + (1 if size else 0)
        return size

    def depth(self) -> int:
        """The levels of brackets of the full loss."""
        depths: dict[sp.Basic, int] = {}
        for symbol, rhs in self._rows.items():
            depths[symbol] = _depth(rhs, depths)
        return _depth(self._cost, depths)


def _depth(node: sp.Basic, known: Mapping[sp.Basic, int]) -> int:
    if node in known:
        return known[node]
    return 1 + max((_depth(child, known) for child in node.args), default=0)


@lru_cache(maxsize=8)
def growth(unrolled: Unrolled) -> Growth:
    """The sizes of the expressions of one network."""
    return Growth(unrolled)


@lru_cache(maxsize=20_000)
def _partial(rhs: sp.Expr, read: sp.Symbol) -> sp.Expr:
    return sp.diff(rhs, read)


@lru_cache(maxsize=20_000)
def _reads(expr: sp.Expr) -> Mapping[sp.Symbol, int]:
    """How often each symbol stands in an expression."""
    found: dict[sp.Symbol, int] = {}
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Symbol):
            found[node] = found.get(node, 0) + 1
    return found


def _refuse_if_large(
    what: str, operations: int, unrolled: Unrolled, *, at_least: bool = False
) -> None:
    if operations <= LARGEST:
        return
    number = f"{'at least' if at_least else 'about'} {operations:,} operations"
    if unrolled.samples > 1:
        number += f" for {unrolled.samples} samples"
    raise _too_large(what, number, f"at most {LARGEST:,} operations")


def _too_large(what: str, got: str, expected: str) -> EmitError:
    return EmitError.single(
        where=what,
        what="it is too large to be written as one expression",
        expected=expected,
        got=got,
        way_out="use the delta form, which grows with the network only, or a smaller network",
    )
