"""Every fault of the texts: our document has the right formula, and the faulty one is false.

A fault is a change of one side of a line that is printed. The line as printed must be true, the
changed one must not be; both are evaluated, with the numbers of a small network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bpsym.typeset.any_depth.recursion import AnyDepthStory
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import (
    ONE,
    Chain,
    Formula,
    Joint,
    Kind,
    Power,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
    map_symbols,
    negative,
)
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.terminal.formulas import Printer
from tests.typeset.notation_values import Reader, document_of
from tests.typeset.values import chains

Change = Callable[[Formula], Formula]


@dataclass(frozen=True)
class Fault:
    """What a text has wrong.

    source: the number of the text. notation, spec, left: where our document has the line, by its
    left side. right: what is right there. change: what makes it as faulty as the text.
    """

    source: str
    what: str
    notation: str
    spec: str
    left: str
    right: str
    change: Change


def without_square(side: Formula) -> Formula:
    return everywhere(side, lambda node: node.base if isinstance(node, Power) else node)


def summed(side: Formula) -> Formula:
    """The whole sum of errors where one of them is the derivative."""
    inner = renamed_index(side, "j", "k")
    return Summation(index("k"), ONE, Symbol("n2", Kind.SIZE, "n", "2"), inner)


def renamed_index(side: Formula, old: str, new: str) -> Formula:
    def change(symbol: Symbol) -> Symbol:
        return index(new) if symbol.kind is Kind.INDEX and symbol.name == old else symbol

    return map_symbols(side, change)


def another_tensor(old: str, new: str, letter: str) -> Change:
    """One tensor for another, at an index that it has."""

    def change(symbol: Symbol) -> Symbol:
        if symbol.name != old:
            return symbol
        return Symbol(new, Kind.TENSOR, new, subscripts=(index(letter),))

    return lambda side: map_symbols(side, change)


def at_own_index(side: Formula) -> Formula:
    """``dC/du_j`` of the next layer for ``dC/du_k``, in a sum over k."""

    def change(node: Formula) -> Formula:
        match node:
            case Symbol(name="delta2"):
                return renamed_index(node, "k", "j")
        return node

    return everywhere(side, change)


def weight_of_its_own_layer(side: Formula) -> Formula:
    """``w_jk`` of layer l for ``w_kj`` of layer l+1."""

    def change(symbol: Symbol) -> Symbol:
        if symbol.name != "W2":
            return symbol
        return replace(symbol, name="W1", label="1", subscripts=symbol.subscripts[::-1])

    return map_symbols(side, change)


def in_the_other_order(side: Formula) -> Formula:
    """``v delta`` as it stands: two columns, neither of them transposed."""
    assert isinstance(side, Product)
    plain = tuple(each.argument if isinstance(each, Transpose) else each for each in side.factors)
    return Product(plain[::-1])


def slope_outside(side: Formula) -> Formula:
    """``(W^T dL/dx) . f'`` for ``W^T (dL/dx . f')``."""
    assert isinstance(side, Product)
    weight, (first, *slopes) = side.factors[0], side.factors[1].factors  # type: ignore[union-attr]
    return Product((Product((weight, first)), *slopes), Joint.HADAMARD)


def plus_inside_a_minus(side: Formula) -> Formula:
    """``-(Y/A + (1-Y)/(1-A))`` for ``(1-Y)/(1-A) - Y/A``."""
    assert isinstance(side, Terms)
    return Terms(tuple((-1, term) for _, term in side.terms))


def minus_left_out(side: Formula) -> Formula:
    match side:
        case Terms(((-1, only),)):
            return only
    raise AssertionError("the cost of a cross-entropy begins with a minus")


def everywhere(side: Formula, change: Change) -> Formula:
    match side:
        case Product(factors, joint):
            return Product(tuple(everywhere(each, change) for each in factors), joint)
        case Summation():
            return replace(side, body=everywhere(side.body, change))
        case Terms(terms):
            return Terms(tuple((sign, everywhere(each, change)) for sign, each in terms))
        case Quotient(above, below):
            return Quotient(everywhere(above, change), everywhere(below, change))
        case _:
            return change(side)


# Widths at which the faulty indices exist, so that values decide.
FITTING = "3-2-3"

FAULTS = (
    Fault(
        "000",
        "the square is missing in the first E_k",
        *("watermelon", "2-3-2", "E"),
        "= (1/2) Σ_{j=1..n2} (y_hat[j] − y[j])²",
        without_square,
    ),
    Fault(
        "000",
        "a sum over j stands inside the derivative in one output",
        *("fully-connected", "2-3-2", "∂L/∂y_hat[i]"),
        "= y_hat[i] − y[i]",
        lambda side: summed(renamed_index(side, "i", "j")),
    ),
    Fault(
        "000",
        "the weights of a hidden layer are corrected by the delta of the layer behind",
        *("haykin", FITTING, "Δw1[i,j]"),
        "= η δ1[j] v0[i]",
        another_tensor("delta1", "delta2", "j"),
    ),
    Fault(
        "000",
        "a step uphill",
        *("watermelon", "2-3-2", "Δw[h,j]"),
        "= −η g[j] b[h]",
        negative,
    ),
    Fault(
        "001",
        "y - yhat where yhat - y is right",
        *("fully-connected", "2-3-2,loss=mse", "∂L/∂y_hat[i]"),
        "= (2/n3) (y_hat[i] − y[i])",
        negative,
    ),
    Fault(
        "002",
        "the inner sign of dA of the last layer",
        *("ng", "2-3-1,loss=bce", "dA2[j,n]"),
        "= (1 − Y[j,n])/(1 − A2[j,n]) − Y[j,n]/A2[j,n]",
        plus_inside_a_minus,
    ),
    Fault(
        "002",
        "the minus of the cross-entropy is left out",
        *("ng", "2-3-1,loss=bce", "J"),
        "= −(1/m) Σ_{n=1..m} Σ_{j=1..n2} (Y[j,n] log(A2[j,n])",
        minus_left_out,
    ),
    Fault(
        "002",
        "du_j for du_k of the next layer in BP2",
        *("nielsen", FITTING, "δ1[j]"),
        "Σ_{k=1..n2} w2[k,j] δ2[k]",
        at_own_index,
    ),
    Fault(
        "002",
        "w_jk of layer l for w_kj of layer l+1 in BP2",
        *("nielsen", FITTING, "δ1[j]"),
        "Σ_{k=1..n2} w2[k,j] δ2[k]",
        weight_of_its_own_layer,
    ),
    Fault(
        "002",
        "the vector form of BP4 in the other order",
        *("nielsen", "2-3-2", "∂C/∂w2"),
        "= δ2 a1ᵀ",
        in_the_other_order,
    ),
    Fault(
        "002",
        "W^T dA . g' grouped so that the slope is that of another layer",
        *("fully-connected", "2-2-2", "∂L/∂x2"),
        "= W2ᵀ ((∂L/∂y_hat) ⊙ σ′(z2))",
        slope_outside,
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: f"{each.source}: {each.what}")
def test_the_fault_is_false_and_our_line_is_true(fault: Fault) -> None:
    reader = Reader(fault.spec, fault.notation)
    document = document_of(fault.spec, fault.notation)
    found = [each for each in chains(document) if Printer().line(each.first) == fault.left]
    line = next(each for each in found if fault.right in Printer().line(each))
    side = line.rest[-1][1]
    assert reader.wrong_sides(Chain(line.first, (("=", side),))) == []
    try:
        wrong = reader.wrong_sides(Chain(line.first, (("=", fault.change(side)),)))
    except ValueError:
        return  # the shapes do not fit
    assert wrong


@pytest.mark.parametrize("name", ["watermelon", "haykin"])
def test_the_question_that_a_text_leaves_open_is_answered(name: str) -> None:
    """000 ends on the recursion for any number of hidden layers, "not so easy to derive"."""
    story = AnyDepthStory(notation=NOTATIONS[name])
    story.require_proof()
    titles = [section.title for section in story.document().sections]
    assert "Proof by induction" in titles
    assert any("step" in each.rule and each.ok for each in story.equalities)
