"""The update of the parameters: each gradient times minus the learning rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bpsym.typeset.document import Block, Display
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Partial,
    Product,
    Symbol,
    Terms,
    equation,
    negative,
)

RATE = Symbol("eta", Kind.TENSOR, "eta")
STEP = "Delta_"


def updates(gradients: Iterable[Block]) -> Iterator[Chain]:
    """``Delta w = -eta dE/dw = ...`` for each gradient that is shown with indices."""
    for block in gradients:
        if isinstance(block, Display):
            for each in block.formulas:
                found = update(each)
                if found is not None:
                    yield found


def correction(of: Symbol, gradient: Formula) -> Chain:
    """``Delta W = -eta dC/dW``."""
    return equation(_step(of), _times_rate(gradient))


def _step(of: Symbol) -> Symbol:
    """The letter for what a parameter is corrected by."""
    return replace(of, name=STEP + of.name, base=STEP + of.base)


def update(gradient: Formula) -> Chain | None:
    """The step of one parameter, None for what is no gradient of a parameter."""
    match gradient:
        case Chain(Partial(_, Symbol(kind=Kind.TENSOR) as by), rest) if rest:
            return equation(_step(by), _times_rate(gradient.first), _times_rate(rest[-1][1]))
    return None


def _times_rate(formula: Formula) -> Formula:
    """Minus eta times a formula, its sign put before it."""
    match formula:
        case Terms(((-1, only),)):
            return _beside(only)
        case _:
            return negative(_beside(formula))


def _beside(formula: Formula) -> Formula:
    factors = formula.factors if isinstance(formula, Product) else (formula,)
    return Product((RATE, *factors))
