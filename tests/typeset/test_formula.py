"""The tree is closed, and every walk over it knows every node."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest

from bpsym.typeset.formulas import tree
from bpsym.typeset.formulas.evaluate import Values, evaluate
from bpsym.typeset.formulas.strength import strength
from bpsym.typeset.formulas.tree import Formula, Kind, Number, Symbol
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.terminal.glyphs import ASCII

X = Symbol("x", Kind.TENSOR, "x")
Y = Symbol("y", Kind.TENSOR, "y", subscripts=(Symbol("i", Kind.INDEX, "i"),))
TWO = Number(Fraction(2))
I = Symbol("i", Kind.INDEX, "i")
TEST = tree.Comparison(X, ((">", TWO),))

# One of each node, with its value where x = 3, y = (5, 7) and i = 2.
SAMPLES: dict[Formula, object] = {
    X: 3,
    TWO: 2,
    tree.Decimal(1 / 3, "0.333"): 0.333,
    tree.Terms(((1, X), (-1, Y))): -4,
    tree.Product((X, Y)): 21,
    tree.Quotient(Y, TWO): 3.5,
    tree.Power(Y, Fraction(2)): 49,
    tree.Summation(I, Number(Fraction(1)), TWO, Y): 12,
    tree.Apply("max", (X, Y)): 7,
    TEST: None,
    tree.Conjunction((TEST, TEST)): None,
    tree.Bracket(TEST): 1,
    tree.Cases(((Y, TEST), (X, None))): 7,
    tree.Transpose(X): None,
    tree.Matrix(((X, Y), (TWO, TWO))): [[3, 7], [2, 2]],
    tree.Partial(X, Y): None,
    tree.equation(X, Y): 7,
}
HERE = Values({"x": 3, "y": (5, 7)}, indices={"i": 2})


def test_there_is_a_sample_of_each_node() -> None:
    assert {type(each) for each in SAMPLES} == set(get_args(Formula))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: type(each).__name__)
def test_every_walk_knows_the_node(sample: Formula) -> None:
    assert Printer(ASCII).line(sample)
    assert Printer(ASCII).lines(sample, 60)
    assert strength(sample, stacked=False) >= 0
    assert tree.map_symbols(sample, lambda symbol: symbol) == sample
    expected = SAMPLES[sample]
    if expected is not None:
        assert evaluate(sample, HERE) == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: type(each).__name__)
def test_a_change_reaches_every_symbol(sample: Formula) -> None:
    before = list(tree.symbols(sample))
    changed = tree.map_symbols(sample, lambda symbol: replace(symbol, label="new"))
    after = list(tree.symbols(changed))
    assert len(after) == len(before) == len([s for s in after if s.label == "new"])


def test_every_node_is_frozen() -> None:
    for node in get_args(Formula):
        assert node.__dataclass_params__.frozen, node
        assert fields(node)


def test_matrices() -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2) - 2
    A, B = Symbol("A", Kind.TENSOR, "A"), Symbol("B", Kind.TENSOR, "B")
    here = Values({"A": a, "B": b})
    assert np.allclose(evaluate(tree.Product((A, B)), here), a @ b)
    turned = tree.Product((A, tree.Transpose(B)), tree.Joint.HADAMARD)
    assert np.allclose(evaluate(turned, here), a * b.T)


def test_a_rounded_number_is_what_is_printed_or_what_it_was() -> None:
    third = tree.Decimal(1 / 3, "0.333")
    assert evaluate(third, HERE) == 0.333
    assert evaluate(third, replace(HERE, exactly=True)) == 1 / 3


def test_exact_numbers() -> None:
    here = Values({"x": Fraction(3)}, number=lambda value: value)
    third = tree.Quotient(X, Number(Fraction(9)))
    assert evaluate(tree.Terms(((1, third), (1, third))), here) == Fraction(2, 3)


def test_a_factor_zero_hides_the_others() -> None:
    log = tree.Apply("log", (X,))
    zero = Values({"x": 0.0})
    assert evaluate(tree.Product((X, log)), zero) == 0
    assert evaluate(tree.Product((log, tree.Bracket(tree.Comparison(X, ((">", X),))))), zero) == 0


def test_what_has_no_value_is_said() -> None:
    with pytest.raises(TypeError, match="Partial has no value"):
        evaluate(tree.Partial(X, Y), HERE)
    with pytest.raises(TypeError, match="no condition"):
        evaluate(tree.Bracket(X), HERE)
    with pytest.raises(IndexError, match="no element 0"):
        evaluate(replace(Y, subscripts=(Number(Fraction(0)),)), HERE)
    with pytest.raises(KeyError):
        evaluate(Symbol("w", Kind.TENSOR, "w"), HERE)
