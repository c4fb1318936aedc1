"""What is printed can be read back, and means what the tree means."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bpsym.typeset.formulas.evaluate import Values, evaluate
from bpsym.typeset.formulas.tree import (
    Apply,
    Bracket,
    Cases,
    Comparison,
    Conjunction,
    Formula,
    Joint,
    Kind,
    Number,
    Partial,
    Power,
    Prime,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    Transpose,
    equation,
    walk,
)
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.terminal.glyphs import ASCII, UNICODE, glyphs_for
from tests.typeset import values
from tests.typeset.networks import NAMES
from tests.typeset.plane import flattened
from tests.typeset.reader import read

PRINTERS = {"unicode": Printer(UNICODE), "ascii": Printer(ASCII)}
BOTH = pytest.mark.parametrize("kind", PRINTERS)


@BOTH
@pytest.mark.parametrize("name", NAMES)
def test_every_printed_line_can_be_read_back(name: str, kind: str) -> None:
    printer, at = PRINTERS[kind], values.values(name)
    for chain in values.chains(values.document(name)):
        if any(isinstance(node, Apply) for node in walk(chain.first)):
            continue  # a definition: its letters are no tensors
        letters = {"n": 2, "i": 1, "j": 2, "k": 1, "i1": 1, "i2": 1, "i3": 1}
        here = at.at(**letters)
        for _, side in chain.rest:
            if any(isinstance(node, Partial) for node in walk(side)):
                continue
            got = read(printer.line(side), here)
            assert np.isclose(got, evaluate(side, here), rtol=1e-9), printer.line(side)


def scalar(name: str) -> Symbol:
    return Symbol(name, Kind.TENSOR, name)


X, Y = scalar("x"), scalar("y")
HERE = Values({"x": 0.7, "y": 1.9, "alpha": 2.5}, {"m": 3}, {"k": 2})
LEAVES = st.sampled_from(
    [
        X,
        Y,
        scalar("alpha"),
        Symbol("m", Kind.SIZE, "m"),
        Number(Fraction(2)),
        Number(Fraction(3, 10)),
        Number(Fraction(1, 3)),
        Number(Fraction(1, 100000)),
        Number(Fraction(3, 2000000)),
        Symbol("pi", Kind.CONSTANT, "pi"),
    ]
)


def larger(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    some = st.lists(inner, min_size=2, max_size=3).map(tuple)
    signs = st.sampled_from((1, -1))
    index = Symbol("j", Kind.INDEX, "j")
    bounds = (Number(Fraction(1)), Symbol("m", Kind.SIZE, "m"))
    comparison = st.builds(
        lambda left, relation, right: Comparison(left, ((relation, right),)),
        inner,
        st.sampled_from(["<", "<=", ">", ">="]),
        inner,
    )
    return st.one_of(
        st.builds(Terms, st.lists(st.tuples(signs, inner), min_size=1, max_size=3).map(tuple)),
        st.builds(Product, some),
        st.builds(Quotient, inner, inner),
        st.builds(Power, inner, st.sampled_from([Fraction(2), Fraction(3), Fraction(1, 2)])),
        st.builds(lambda body: Summation(index, *bounds, body), inner),
        st.builds(lambda body: Apply("tanh", (body,)), inner),
        st.builds(lambda body: Apply("abs", (body,)), inner),
        st.builds(lambda one, two: Apply("max", (one, two)), inner, inner),
        st.builds(Bracket, comparison),
        st.builds(
            lambda one, test, two: Cases(((one, test), (two, None))), inner, comparison, inner
        ),
    )


TREES = st.recursive(LEAVES, larger, max_leaves=8)


@BOTH
@settings(max_examples=300, deadline=None)
@given(tree=TREES)
def test_brackets_stand_where_they_are_needed(kind: str, tree: Formula) -> None:
    assume(not nested_bars(tree))
    try:
        expected = evaluate(tree, HERE)
    except (ZeroDivisionError, OverflowError, TypeError):  # TypeError: a complex root
        assume(False)
    assume(isinstance(expected, int | float))
    line = PRINTERS[kind].line(tree)
    assert read(line, HERE) == pytest.approx(expected, rel=1e-9), line


def nested_bars(tree: Formula) -> bool:
    """``|x |y||`` cannot be read from left to right, by nobody."""
    bars = [node for node in walk(tree) if isinstance(node, Apply) and node.function == "abs"]
    return any(len([n for n in walk(bar) if n in bars]) > 1 for bar in bars)


def test_a_missing_bracket_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpsym.typeset.terminal.boxes.is_factor", lambda *_, **__: True)
    tree = Product((X, Terms(((1, X), (-1, Y)))))
    assert read(Printer(ASCII).line(tree), HERE) != pytest.approx(evaluate(tree, HERE))


def indices(*letters: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(letter, Kind.INDEX, letter) for letter in letters)


LINES = [
    (Symbol("delta1", Kind.TENSOR, "delta", "1", subscripts=indices("n", "i")), "δ1[n,i]"),
    (Symbol("W_h1", Kind.TENSOR, "W", "h1", subscripts=indices("i", "j")), "W_h1[i,j]"),
    (Symbol("W", Kind.TENSOR, "W", "l", offset=0), "Wₗ"),
    (Symbol("W", Kind.TENSOR, "W", "l", offset=1), "Wₗ₊₁"),
    (Symbol("W", Kind.TENSOR, "W", "l", offset=-12), "Wₗ₋₁₂"),
    (Symbol("y", Kind.TENSOR, "y", accent="hat", subscripts=indices("j")), "y_hat[j]"),
    (Symbol("W", Kind.TENSOR, "W", superscripts=indices("k")), "W^(k)"),
    (Apply(Prime("sigmoid"), (X,)), "σ′(x)"),
    (Partial(scalar("C"), scalar("b")), "∂C/∂b"),
    (Transpose(X), "xᵀ"),
    (Transpose(Product((X, Y))), "(x y)ᵀ"),
    (Product((X, Y), Joint.HADAMARD), "x ⊙ y"),
    (Product((X, Y), Joint.DOT), "x · y"),
    (Power(Terms(((1, X), (1, Y))), Fraction(12)), "(x + y)¹²"),
    (Power(X, Fraction(3, 2)), "x^(3/2)"),
    (Bracket(Conjunction((Comparison(X, ((">", Y),)), Comparison(Y, (("!=", X),))))), None),
    (Number(Fraction(-3, 2)), "−3/2"),
    (Number(Fraction(3, 2000000)), "1.5·10⁻⁶"),
    (Number(Fraction("1.0507009873554805")), "1.0507009873554805"),
    (equation(X, Y, Number(Fraction(2))), "x = y = 2"),
]


@pytest.mark.parametrize(("formula", "line"), LINES, ids=[str(line) for _, line in LINES])
def test_lines(formula: Formula, line: str | None) -> None:
    assert Printer().line(formula) == (line or "[x > y, y ≠ x]")


def test_plain_text_is_plain() -> None:
    for formula, _ in LINES:
        assert Printer(ASCII).line(formula).isascii()
    running = Symbol("W", Kind.TENSOR, "W", "l", offset=-1)
    assert Printer(ASCII).line(running) == "W{l-1}"


DISPLAYED = """\
          ⎛ 1   n1               ⎞
x + y = − ⎜───  Σ  (x − y)² + 0.3⎟²
          ⎝ m  j=1               ⎠
"""


def test_two_dimensions() -> None:
    j = Symbol("j", Kind.INDEX, "j")
    n1 = Symbol("n1", Kind.SIZE, "n", "1")
    share = Quotient(Number(Fraction(1)), Symbol("m", Kind.SIZE, "m"))
    square = Power(Terms(((1, X), (-1, Y))), Fraction(2))
    mean = Product((share, Summation(j, Number(Fraction(1)), n1, square)))
    inside = Terms(((1, mean), (1, Number(Fraction(3, 10)))))
    left = Terms(((1, X), (1, Y)))
    chain = equation(left, Terms(((-1, Power(inside, Fraction(2))),)))
    lines = Printer().lines(chain, 80)
    assert "\n".join(lines).replace("⎞²", "⎞").replace("⎟", "⎟²") == DISPLAYED.rstrip("\n")
    assert "⎞²" in lines[0]


@pytest.mark.parametrize("width", [20, 30, 50])
def test_no_line_is_longer_than_the_width(width: int) -> None:
    long = Symbol("W_" + "x" * 60, Kind.TENSOR, "W", "x" * 60, subscripts=indices("i", "j"))
    terms = Terms(tuple((1, Product((X, long))) for _ in range(4)))
    for formula in (equation(X, terms), equation(long, terms), Quotient(terms, terms)):
        lines = Printer().lines(formula, width)
        assert max(map(len, lines)) <= width
        squeezed = "".join("".join(lines).split())
        assert squeezed.count("x" * 10) > 0


def test_glyphs_follow_the_encoding() -> None:
    assert glyphs_for("utf-8") is UNICODE
    assert glyphs_for("ascii") is ASCII
    assert glyphs_for("latin-1") is ASCII
    assert glyphs_for(None) is ASCII
    assert glyphs_for("no such encoding") is ASCII


@pytest.mark.parametrize("name", NAMES)
def test_every_display_can_be_read_back(name: str) -> None:
    printer, at = PRINTERS["unicode"], values.values(name)
    letters = {"n": 2, "i": 1, "j": 2, "k": 1, "i1": 1, "i2": 1, "i3": 1}
    here = at.at(**letters)
    for chain in values.chains(values.document(name)):
        if any(isinstance(node, Apply) for node in walk(chain.first)):
            continue
        for _, side in chain.rest:
            if any(isinstance(node, Partial) for node in walk(side)):
                continue
            lines = printer.lines(side, 10_000)
            got = read(flattened(lines), here)
            assert np.isclose(got, evaluate(side, here), rtol=1e-9), "\n".join(lines)


def test_a_missing_bracket_in_a_display_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Product((Quotient(X, Y), Terms(((1, X), (-1, Y)))))
    assert read(flattened(Printer().lines(tree, 80)), HERE) == pytest.approx(evaluate(tree, HERE))
    monkeypatch.setattr("bpsym.typeset.terminal.boxes.is_factor", lambda *_, **__: True)
    wrong = read(flattened(Printer().lines(tree, 80)), HERE)
    assert wrong != pytest.approx(evaluate(tree, HERE))
