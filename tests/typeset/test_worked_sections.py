"""The sections on gates and on paths, their pictures, and the command line with numbers."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from bpsym.cli.main import main
from bpsym.typeset.document import Display, Figure, Paragraph, Section, Table
from bpsym.typeset.documents.drawing import svg, tikz
from bpsym.typeset.formulas.evaluate import Values
from bpsym.typeset.formulas.tree import (
    ONE,
    Decimal,
    Formula,
    Kind,
    Number,
    Product,
    Symbol,
    Terms,
    walk,
)
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.pictures.gates import RADIUS, GatePicture
from bpsym.typeset.printed import Printed, printed
from bpsym.typeset.sections.context import Context
from bpsym.typeset.worked.elements import Writer
from bpsym.typeset.worked.numbered import WORDS
from bpsym.typeset.worked.paths import multiplications
from bpsym.typeset.worked.request import Request
from bpsym.worked.gates import gates_of
from tests.worked.networks import EXAMPLES, MAZUR, SCORER, built_of, worked_of

ROOT = Path(__file__).parents[2]


def shown(spec: str, request: Request, *, notation: str = "", lang: str = "en") -> Printed:
    return printed(
        built_of(spec), notation=notation or None, lang=lang, prove=False, request=request
    )


def section(document: Printed, title: str) -> Section:
    (found,) = [each for each in document.document.sections if each.title == title]
    return found


# Gates


def picture(spec: str, notation: str = "") -> GatePicture:
    document = shown(spec, Request("seed:0", gates=True), notation=notation)
    blocks = section(document, WORDS["en"].gates).blocks
    (figure,) = [each for each in blocks if isinstance(each, Figure)]
    assert isinstance(figure.picture, GatePicture)
    return figure.picture


@pytest.mark.parametrize("spec", ["2-2-1", "1-2-1", "2-2:softmax"])
def test_the_picture_has_every_gate_and_no_two_in_one_place(spec: str) -> None:
    drawn, graph = picture(spec), gates_of(built_of(spec), worked_of(spec))
    assert len(drawn.spots) == len(graph.gates)
    # A wire that passes a column is in two parts, of which one has the text.
    assert sum(bool(each.text) for each in drawn.wires) == sum(
        len(gate.inputs) for gate in graph.gates
    )
    for number, spot in enumerate(drawn.spots):
        assert RADIUS < spot.x < drawn.width - RADIUS
        assert RADIUS < spot.y < drawn.height - RADIUS
        for other in drawn.spots[:number]:
            assert abs(spot.x - other.x) >= 4 * RADIUS or abs(spot.y - other.y) >= 2.5 * RADIUS


@pytest.mark.parametrize("notation", ["", "watermelon", "ng"])
def test_the_picture_as_svg_and_tikz(notation: str) -> None:
    drawn = picture("2-2-1", notation)
    root = ElementTree.fromstring(svg(drawn))
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    for spot in drawn.spots:
        assert spot.node.sign in ("", *texts)
        assert not spot.node.below or spot.node.below in texts
    source = tikz(drawn)
    assert source.count("{") == source.count("}")
    assert source.count(r"\draw") == len(drawn.wires) + len(drawn.spots)
    assert not re.search("[\u0370-\u03ff]", source)  # Greek letters are commands there


def test_values_and_error_signals_are_in_the_tables() -> None:
    text = shown("2-2-2", Request(MAZUR, gates=True)).text(width=120)
    assert re.search(r"a1\[1,1\] +σ\(z1\[1,1\]\) +0\.593269992 +0\.241300709", text)
    assert re.search(r"W2\[1,1\] +0\.593269992 · 0\.138498562 +0\.0821670406", text)
    assert re.search(
        r"a1\[1,1\] +0\.4 · 0\.138498562 \+ 0\.5 · \(−0\.0380982365\) +0\.0363503", text
    )


def test_the_smallest_example() -> None:
    spec = str(EXAMPLES / "product.toml")
    text = shown(spec, Request(str(EXAMPLES / "product_numbers.toml"), gates=True)).text()
    assert re.search(r"C +X_x\[1,1\] · X_y\[1,1\] +−12 +−3, 4", text)
    assert re.search(r"X_x\[1,1\] +\(−3\) · 1 +−3", text)
    assert re.search(r"X_y\[1,1\] +4 · 1 +4", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_several_samples_the_first(lang: str) -> None:
    text = shown("2-2-1", Request("0", samples=2, gates=True), lang=lang).text(width=200)
    assert ("first sample" if lang == "en" else "这里取第一个样本") in text


@pytest.mark.parametrize("notation", ["", "ng"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_error_signals_of_several_samples_are_those_of_the_document(
    reduction: str, notation: str
) -> None:
    """With the 1/m of a mean inside where the deltas of the document have it."""
    spec = f"2-3-2,reduction={reduction}"
    document = shown(spec, Request("0", samples=3, gates=True), notation=notation)
    table = section(document, WORDS["en"].gates).blocks[-1]
    assert isinstance(table, Table)
    signals = {
        row[0][0].name: next(each.value for each in walk(row[2][0]) if isinstance(each, Decimal))
        for row in table.rows
        if isinstance(row[0][0], Symbol) and row[0][0].subscripts == (ONE, ONE)
    }
    values = worked_of(spec, samples=3).values
    scale = 3 if notation == "ng" and reduction == "mean" else 1
    for name in ("z1", "z2"):
        right = abs(float(scale * values[f"delta{name[-1]}"][0, 0]))
        assert signals[name] == pytest.approx(right, rel=1e-9)


# Paths


@pytest.mark.parametrize("notation", ["", *NOTATIONS])
def test_paths_in_every_notation(notation: str) -> None:
    request = Request("seed:0", paths="W1[2,1]")
    found = section(shown("2-3-2-2", request, notation=notation), WORDS["en"].paths)
    whole, *factored = [
        each for block in found.blocks if isinstance(block, Display) for each in block.formulas
    ]
    value = whole.rest[-1][1]  # type: ignore[union-attr]
    (number,) = [each for each in walk(value) if isinstance(each, Decimal)]
    expected = worked_of("2-3-2-2").gradients["W1"][1, 0]
    assert number.value == pytest.approx(abs(float(expected)), rel=1e-9)
    assert len(factored) >= 4


def test_the_certificate_counts_the_sum_over_the_paths() -> None:
    with_paths, without = (
        section(printed(built_of("2-3-1"), request=request), LANGUAGES["en"].certificate)
        for request in (Request(paths="W1[2,1]"), Request())
    )
    counts = [
        int(re.search(r"(\d+) equalities", str(each.blocks[0]))[1])  # type: ignore[index]
        for each in (with_paths, without)
    ]
    assert counts[0] == counts[1] + 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_multiplications_are_counted(lang: str) -> None:
    text = shown("2-3-3-1", Request(paths="W1[2,1]"), lang=lang).text(width=200)
    (line,) = [each for each in text.splitlines() if "27" in each and "17" in each]
    assert "multiplications" in line or "乘法" in line


def test_what_counts_as_a_multiplication() -> None:
    a, b = (Symbol(each, Kind.TENSOR, each) for each in "ab")
    one: Formula = Number(Fraction(1))
    assert multiplications(a) == 0
    assert multiplications(Product((a, b))) == 1
    assert multiplications(Product((one, a, b))) == 1
    assert multiplications(Product((a, Product((a, b)), b))) == 3


def test_shared_weights() -> None:
    text = shown(SCORER, Request(paths="W_h[2,1]"), notation="cs224n").text(width=200)
    assert "along 2 paths" in text


def test_a_weight_may_be_named_in_the_letters_of_the_notation() -> None:
    in_code = shown("2-3-2", Request(paths="W1[3,1]"), notation="watermelon").text(width=120)
    in_notation = shown("2-3-2", Request(paths="v[1, 3]"), notation="watermelon").text(width=120)
    assert in_code == in_notation
    assert "v[1,3] reaches" in in_code


def factored_sentence(spec: str, weight: str) -> str:
    found = section(shown(spec, Request(paths=weight)), WORDS["en"].paths)
    texts = [block.text for block in found.blocks if isinstance(block, Paragraph)]
    (said,) = (each[0] for each in texts if "backward pass" in str(each[0]))
    return str(said)


@pytest.mark.parametrize(
    ("spec", "weight", "shared"),
    [
        ("2-3-3-1", "W1[2,1]", True),
        ("2-2-2", "W1[1,1]", True),
        ("2-2-1", "W1[1,1]", False),
        (SCORER, "W_h[2,1]", False),
    ],
)
def test_paths_are_said_to_share_steps_only_where_they_do(
    spec: str, weight: str, shared: bool
) -> None:
    assert ("in common" in factored_sentence(spec, weight)) == shared


def test_nothing_is_minus_zero() -> None:
    a, b = (Symbol(each, Kind.TENSOR, each) for each in "ab")
    values = Values({"a": 0.0, "b": 0.5}, {})
    product = Product((a, b))
    numeric = Writer(values, 6).numeric(Terms(((-1, product), (1, b), (-1, product))), {})
    shown_terms = Writer(values, 6).term_by_term(numeric)
    assert isinstance(shown_terms, Terms)
    assert all(sign > 0 for sign, _ in shown_terms.terms)


# Values and contexts


def test_the_first_sample_is_that_of_the_whole_loss() -> None:
    document = printed(built_of("2-2-1"), full=True, prove=False, request=Request("0", samples=3))
    assert document.document.sections


def test_a_context_without_numbers_is_left_alone() -> None:
    built = built_of("2-2-1")
    context = Context(prepared(built, None).derivation, built)
    assert Request().read(context.built) is None
    assert not Request()


# The command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["derive", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2-2-2", "--freeze", "b1"), "there are no numbers"),
        (("2-2-2", "--gates"), "there are no numbers"),
        (("2-2-2", "--rate", "1", "--samples", "2"), "--rate and --samples"),
        (("2-2-2", "--numbers", "0", "--freeze", "B1"), "Did you mean 'b1'"),
        (("2-2-2", "--numbers", "nothing"), "neither a file nor a seed"),
        (("8-9-9-1", "--numbers", "0", "--gates"), "too many gates"),
        (("3-9-9-9-1", "--paths", "W1[1,1]"), "got 81"),
        (("2-2-2", "--paths", "W7"), "no such tensor"),
        (("any-depth", "--numbers", "0"), "there is no network"),
        (("any-depth", "--gates"), "there is no network"),
        (("any-depth", "--act", "relu", "--l2", "3"), "Leave out --act and --l2"),
        (("any-depth", "--loss", "huber"), "any-depth --loss"),
        (("any-depth", "--full", "--steps"), "Leave out --full and --steps"),
        (("any-depth", "--weight", "q"), "any-depth --weight"),
        (("2-2-1", "--paths", "w1[1,1]"), "Did you mean 'W1'"),
        (("2-3-1", "--paths", "V[9,9]", "--notation", "watermelon"), "W1[3,2]"),
        (("3-2:prelu-1", "--notation", "watermelon"), "nothing but weights and biases"),
    ],
)
def test_errors_say_the_way_out(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments, "--no-prove")
    assert result.exit_code == 1
    assert said in result.output


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command in the head of each file of numbers is one that works."""
    monkeypatch.chdir(ROOT)
    commands = [
        " ".join(match.split()).replace("# ", "")
        for file in sorted(EXAMPLES.glob("*.toml"))
        for match in re.findall(r"^# +bpsym derive (.+)$", file.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(commands) >= 2
    for command in commands:
        result = run(*command.split())
        assert result.exit_code == 0, result.output


def test_python_has_the_same() -> None:
    import bpsym

    derivation = bpsym.derive("2-2-2")
    found = derivation.worked(MAZUR, freeze=["b1", "b2"])
    assert found.cost == pytest.approx(0.298371109, abs=1e-9)
    assert found.cost_after == pytest.approx(0.291027774, abs=1e-9)
    assert len(derivation.paths("W1[2,1]")) == 2
    document = derivation.document(numbers="seed:0", gates=True, paths="W1[2,1]", prove=False)
    titles = [each.title for each in document.document.sections]
    assert {"Numbers", "One step with numbers", "Gates", "All paths from one weight"} <= set(titles)
