"""What the printers write is what the formula says, in every language."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest

from bpsym.typeset.formulas.evaluate import evaluate
from bpsym.typeset.formulas.symbols import activation_of
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Bracket,
    Cases,
    Chain,
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
    flat_cases,
    negative,
    symbols,
)
from bpsym.typeset.printers import printer as printer_module
from bpsym.typeset.printers.latex import LaTeX
from bpsym.typeset.printers.markdown import Markdown
from bpsym.typeset.printers.mathml import MathML
from bpsym.typeset.printers.printer import ConditionWords, FormulaPrinter, Labels
from bpsym.typeset.printers.typst import Typst
from bpsym.typeset.sections.updates import STEP
from tests.typeset import latex_reader, values
from tests.typeset.networks import NAMES

LANGUAGES = (LaTeX, Markdown, MathML, Typst)
MATHML = "{http://www.w3.org/1998/Math/MathML}"


def tensor(base: str, *below: Formula, label: str = "", offset: int | None = None) -> Symbol:
    return Symbol(base + label, Kind.TENSOR, base, label, offset, below)


i, j = (Symbol(letter, Kind.INDEX, letter) for letter in "ij")
a, y, z, w = (tensor(letter) for letter in "ayzw")
w1 = tensor("W", label="1")
m = Symbol("m", Kind.SIZE, "m")
two = Number(Fraction(2))
difference = Terms(((1, a), (-1, y)))
total = Summation(j, ONE, m, Product((tensor("w", i, j), tensor("x", j))))


def latex(formula: Formula, labels: Labels = Labels.ROUND) -> str:
    return FormulaPrinter(LaTeX(), labels=labels).inline(formula).strip("$")


def displayed(formula: Formula) -> str:
    (line,) = FormulaPrinter(LaTeX()).lines((formula,))
    return line.right


# Read back


def read_back(chain: Formula, width: float = printer_module.PAGE) -> Formula:
    """A formula as someone reads it who has only the LaTeX."""
    heads = latex_reader.heads_of(symbols(chain), lambda each: latex(each))
    text = FormulaPrinter(LaTeX(), room=width).display((chain,))
    (found,) = latex_reader.read_display(text, heads)
    return found


def value_of(read: Formula, here: values.Values) -> float:
    """The value of what was read; not a number, where it makes no sense."""
    try:
        return float(evaluate(read, here))
    except (KeyError, IndexError, TypeError):
        return float("nan")


def differences(name: str, width: float, most: int = 3) -> list[str]:
    """Where a side of an equation has another value once it is printed and read back."""
    at = values.values(name)
    found = []
    for chain in values.chains(values.document(name)):
        if getattr(chain.first, "name", "").startswith(STEP):
            continue  # no value of the network: read with numbers in test_notations
        read = read_back(chain, width)
        sides = [side for _, side in chain.rest]
        again = [side for _, side in read.rest] if isinstance(read, Chain) else []
        if len(again) != len(sides):
            found.append(f"{len(again)} sides: {latex(chain)}")
            continue
        try:
            places = list(itertools.islice(values.places(chain.first, at), most))
        except (AssertionError, KeyError):
            continue  # the definition of a function has no indices
        for side, other in zip(sides, again, strict=True):
            for here in places:
                if not np.isclose(evaluate(side, here), value_of(other, here), rtol=1e-9):
                    found.append(latex(side))
                    break
    return found


@pytest.mark.parametrize("width", [printer_module.PAGE, 14.0], ids=["page", "narrow"])
@pytest.mark.parametrize("name", NAMES)
def test_every_line_reads_back(name: str, width: float) -> None:
    assert differences(name, width) == []


def test_a_lost_bracket_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        FormulaPrinter, "_stands_free", lambda self, factor, style, *, first, last: True
    )
    assert differences("2-3-1", printer_module.PAGE)


def test_a_lost_factor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = FormulaPrinter._product
    monkeypatch.setattr(
        FormulaPrinter,
        "_product",
        lambda self, factors, joint, style: right(self, factors[:2], joint, style),
    )
    assert differences("2-3-1", printer_module.PAGE)


# How it is written

WRITTEN = [
    (Product((w, a)), r"w \, a"),
    (Product((two, a)), r"2 a"),
    (Product((difference, a, Terms(((1, ONE), (-1, a))))), r"(a - y) \, a(1 - a)"),
    (negative(difference), r"- (a - y)"),
    (Product((w, a), Joint.HADAMARD), r"w \odot a"),
    (Transpose(w1), r"W^{(1) \mathsf{T}}"),
    (Transpose(w), r"w^{\mathsf{T}}"),
    (Transpose(Product((w, a))), r"(w \, a)^{\mathsf{T}}"),
    (Apply(Prime("f"), (z,)), "f'(z)"),
    (Apply(Prime("sigmoid"), (z,)), r"\sigma'(z)"),
    (Apply(Prime("leaky_relu"), (z,)), r"\operatorname{leaky\_relu}'(z)"),
    (Apply("abs", (difference,)), r"\lvert a - y \rvert"),
    (Apply("max", (Number(Fraction(0)), z)), r"\max(0, z)"),
    (Apply("np.sum", (a,)), r"\mathtt{np.sum}(a)"),
    (Power(a, Fraction(2)), "a^2"),
    (Power(w1, Fraction(2)), "(W^{(1)})^2"),
    (Power(Apply("tanh", (z,)), Fraction(2)), r"\tanh^2(z)"),
    (Power(difference, Fraction(1, 2)), r"\sqrt{a - y}"),
    (Power(Power(a, Fraction(2)), Fraction(3)), "(a^2)^3"),
    (Partial(a, z), r"\partial a / \partial z"),
    (Quotient(ONE, m), "1 / m"),
    (Quotient(ONE, Product((m, a))), r"1 / (m \, a)"),
    (Quotient(ONE, two), r"\tfrac{1}{2}"),
    (Number(Fraction(1, 100000)), "10^{- 5}"),
    (Bracket(Comparison(z, ((">", Number(Fraction(0))),))), "[z > 0]"),
    (
        Bracket(
            Conjunction(
                (Comparison(z, (("!=", a),)), Comparison(z, (("<=", y), ("<=", a))))
            )
        ),
        r"[z \neq a, z \le y \le a]",
    ),
    (Product((total,)), r"\sum_{j = 1}^m w_{ij} \, x_j"),
    (Product((total, a)), r"\bigl(\sum_{j = 1}^m w_{ij} \, x_j \bigr) \, a"),
    (tensor("w", Number(Fraction(2)), ONE), "w_{21}"),
    (tensor("w", Number(Fraction(12)), ONE), "w_{12, 1}"),
    (tensor("x", Terms(((1, i), (1, ONE))), j), "x_{i + 1, j}"),
    (tensor("adj_a", i, label="2"), r"\bar{a}_i^{(2)}"),
    (tensor("dW", label="2"), "d W^{(2)}"),
    (tensor("Delta_w", i), r"\Delta w_i"),
    (tensor("gain", i), r"\mathrm{gain}_i"),
    (tensor("delta", label="l", offset=1), r"\delta^{(l + 1)}"),
    (Symbol("y", Kind.TENSOR, "y", accent="hat"), r"\hat{y}"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_how_it_is_written(formula: Formula, text: str) -> None:
    compact = latex_reader.compact
    assert compact(latex(formula)) == compact(text.replace(r"\bigl", "").replace(r"\bigr", "")) or (
        latex(formula) == text
    )


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (Labels.ROUND, "W^{(1)}"),
        (Labels.SQUARE, "W^{[1]}"),
        (Labels.BARE, "W^1"),
        (Labels.BELOW, "W_1"),
    ],
)
def test_where_the_layer_stands(labels: Labels, text: str) -> None:
    assert latex(w1, labels) == text


def test_the_prime_of_a_function_with_a_layer_stands_at_the_function() -> None:
    slope = Apply(Prime(activation_of("l", 1)), (z,))
    assert FormulaPrinter(Typst()).inline(slope) == "$f'_(l + 1) paren.l z paren.r$"
    assert latex(slope).startswith("f_{l + 1}'")


def test_a_transpose_beside_a_bare_label_is_no_power() -> None:
    assert latex(Transpose(w1), Labels.BARE) == r"(W^1)^{\mathsf{T}}"


def test_brackets_grow_with_what_is_in_them() -> None:
    tall = Power(Terms(((1, Quotient(a, y)), (1, z))), Fraction(2))
    assert r"\biggl(" in displayed(tall)
    assert r"\Bigl(" in displayed(Power(total, Fraction(2)))
    nested = Apply("f", (Product((Power(difference, Fraction(2)), a)),))
    assert r"\bigl(" in displayed(nested)


def test_shapes_stand_under_factors() -> None:
    n = Symbol("n", Kind.SIZE, "n")
    printer = FormulaPrinter(LaTeX())
    text = printer.display((equation(z, Product((w, a))),), {w: (n, m)})
    assert r"\underbrace{w}_{n \times m}" in text
    assert r"\underbrace" not in printer.display((equation(z, Product((w, a))),))


def test_words_in_cases_are_those_of_the_language() -> None:
    cases = Cases(((a, Comparison(z, ((">", ONE),))), (y, None)))
    text = FormulaPrinter(LaTeX(), words=ConditionWords("wenn", "sonst")).display((cases,))
    assert r"\text{wenn }" in text
    assert r"\text{sonst}" in text
    assert r"\begin{cases}" in text
    assert r"\right\}" in latex(Product((two, cases)))


# Line breaks


def long_sum(length: int) -> Chain:
    terms = tuple(
        (1 if number % 3 else -1, Product((tensor("w", i, label=str(number)), difference)))
        for number in range(1, length + 1)
    )
    return equation(z, Terms(terms), Product((w, Terms(terms))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_is_wider_than_the_page(language: type) -> None:
    printer = FormulaPrinter(language())
    for length in (1, 5, 20, 60):
        assert printer.width(long_sum(length)) <= printer_module.PAGE


@pytest.mark.parametrize("name", [*NAMES, "2-3-3-1", "784-128:relu-10:softmax"])
def test_no_line_of_a_derivation_is_wider_than_the_page(name: str) -> None:
    printer = FormulaPrinter(LaTeX())
    for chain in values.chains(values.document(name)):
        assert printer.width(chain) <= printer_module.PAGE


LONG = Terms(tuple((1, tensor("w", i, label=str(n))) for n in range(1, 25)))
ABOVE = Comparison(LONG, ((">", two),))
NESTED = Cases(((LONG, ABOVE), (Cases(((z, Comparison(z, (("<", two),))), (LONG, None))), None)))
TOO_LONG = {
    "cases": NESTED,
    "cases in a product": Product((two, NESTED)),
    "bracket": Product((two, Bracket(ABOVE))),
    "bracket of two": Bracket(Conjunction((ABOVE, Comparison(LONG, (("<", two),))))),
    "absolute value": Apply("abs", (LONG,)),
    "two arguments": Apply("max", (LONG, Product((two, LONG)))),
    "root": Power(LONG, Fraction(1, 2)),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TOO_LONG)
def test_cases_brackets_and_arguments_are_broken(name: str, language: type) -> None:
    printer = FormulaPrinter(language())
    chain = equation(z, TOO_LONG[name])
    assert printer.width(chain) <= printer_module.PAGE
    for each in range(1, 25):  # nothing is lost
        assert printer.display((chain,)).count(f"{each}") >= 1


@pytest.mark.parametrize("width", [16.0, printer_module.PAGE])
@pytest.mark.parametrize("name", ["cases", "cases in a product", "bracket"])
@pytest.mark.parametrize("at_z", [1.0, 3.0])
def test_broken_cases_read_the_same(name: str, width: float, at_z: float) -> None:
    tensors = {f"w{n}": [at_z * (-1.0) ** n * n] for n in range(1, 25)}
    at = values.Values({**tensors, "z": at_z}, {}, {"i": 1})
    read = read_back(equation(z, TOO_LONG[name]), width)
    assert isinstance(read, Chain)
    assert np.isclose(evaluate(read.rest[0][1], at), evaluate(TOO_LONG[name], at))


def test_cases_of_what_is_left_over_are_further_cases() -> None:
    found = flat_cases(NESTED.branches)
    assert len(found.branches) == 3
    assert not any(isinstance(value, Cases) for value, _ in found.branches)


def test_lines_break_at_relations_and_then_before_signs() -> None:
    lines = FormulaPrinter(LaTeX()).lines((long_sum(12),))
    assert [line.left for line in lines].count("z") == 1
    for line in lines:
        bare = line.right.removeprefix(LaTeX.indent).strip()
        assert bare.startswith(("=", "+", "-"))
    broken = [line for line in lines if not line.right.startswith("=")]
    assert len(broken) >= 2


def wide_terms(count: int, factors: int) -> Chain:
    """A sum whose terms are products of so many factors."""
    parts = [tensor(f"w{k}", i) for k in range(1, factors + 1)]
    return equation(z, Terms(tuple((1, Product(tuple(parts))) for _ in range(count))))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("factors", "each"), [(8, 0), (12, 1), (15, 1), (20, 2), (40, 3)])
def test_terms_of_which_no_two_fit_have_lines_of_their_own(
    language: type, factors: int, each: int
) -> None:
    lines = FormulaPrinter(language()).lines((wide_terms(3, factors),))
    assert len(lines) == (3 * each or 2)
    indent = language.indent.rstrip('"').rstrip()
    for at, line in enumerate(lines if each else []):
        assert line.right.count(indent) == (at >= each) + (at % each > 0)


@pytest.mark.parametrize("length", [1, 7, 20])
@pytest.mark.parametrize("width", [12.0, 20.0, printer_module.PAGE])
def test_what_is_broken_reads_the_same(length: int, width: float) -> None:
    chain = long_sum(length)
    tensors = {f"w{number}": [number + 1.0, 0.5] for number in range(1, length + 1)}
    at = values.Values({**tensors, "a": 1.7, "y": 0.4, "w": 3.0, "z": 0.0}, {}, {"i": 1})
    read = read_back(chain, width)
    assert isinstance(read, Chain)
    for (_, side), (_, other) in zip(chain.rest, read.rest, strict=True):
        assert np.isclose(evaluate(side, at), evaluate(other, at))


# Structure


@pytest.mark.parametrize("name", NAMES)
def test_mathml_is_well_formed(name: str) -> None:
    printer = FormulaPrinter(MathML())
    counts = dict.fromkeys(("msub", "msup", "mfrac", "mover", "munder"), 2) | dict.fromkeys(
        ("msubsup", "munderover"), 3
    )
    for chain in values.chains(values.document(name)):
        tree = ElementTree.fromstring(printer.display((chain,)))
        for each in tree.iter():
            assert len(each) == counts.get(each.tag, len(each)), each.tag


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", [LaTeX, Markdown, Typst])
def test_delimiters_are_balanced(language: type, name: str) -> None:
    printer = FormulaPrinter(language())
    for chain in values.chains(values.document(name)):
        text = re.sub(r"\\[{}]|\"[^\"]*\"", "", printer.display((chain,)))
        assert text.count("{") == text.count("}")
        assert text.count("$") % 2 == 0
        if language is Typst:
            assert text.count("(") == text.count(")")


@pytest.mark.parametrize("name", NAMES)
def test_markdown_keeps_its_hands_off_the_formulas(name: str) -> None:
    """No escape that Markdown undoes, no underscore that may begin an emphasis, no HTML."""
    printer = FormulaPrinter(Markdown())
    for chain in values.chains(values.document(name)):
        for text in (printer.display((chain,)), printer.inline(chain)):
            assert not re.search(r"\\[^A-Za-z\s]", text)
            assert not re.search(r"(?<![A-Za-z0-9])_", text)
            assert "<" not in text
            assert "*" not in text


def test_every_language_prints_every_node() -> None:
    nodes = [formula for formula, _ in WRITTEN]
    nodes.append(Cases(((a, Comparison(z, ((">", ONE),))), (y, None))))
    for language in LANGUAGES:
        printer = FormulaPrinter(language())
        for node in nodes:
            assert printer.inline(node)
            assert printer.display((node,))
