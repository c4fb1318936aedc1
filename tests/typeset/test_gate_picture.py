"""The picture of gates can be read: nothing hides anything, and no picture is too full."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from bpsym.calculus.derivation import derive_system
from bpsym.typeset.document import Figure, Paragraph, Table
from bpsym.typeset.documents.gate_drawing import gates_svg
from bpsym.typeset.documents.svg_formula import runs
from bpsym.typeset.formulas.tree import Kind, Number, Symbol
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.pictures.gate_layout.drawing import gate_picture
from bpsym.typeset.pictures.gate_layout.sizes import width_of_name
from bpsym.typeset.pictures.gate_layout.wires import Net, lanes
from bpsym.typeset.pictures.gates import (
    LOCAL,
    MOST_DRAWN,
    NAME,
    SIGN,
    VALUE,
    GatePicture,
    Node,
    Spot,
)
from bpsym.typeset.pictures.spacing import apart
from bpsym.typeset.printers.styles import Labels
from bpsym.typeset.sections.context import Context
from bpsym.typeset.worked.gates import GateSection
from bpsym.worked.data import read_numbers
from bpsym.worked.record import worked
from tests.worked.networks import built_of

Box = tuple[float, float, float, float]
# How wide a sign is in parts of its size, on average, in the fonts that are there everywhere.
WIDE = 0.55
DRAWN = (
    "1-1-1",
    "2-1",
    "2-2-1",
    "1-2-1",
    "2-2:softmax",
    "3-1:softplus",
    "2-1-1:tanh",
    "2-3-3-1",
    "3-4-2:softmax",
)


def section(spec: str, lang: str = "en"):
    built = built_of(spec)
    context = Context(derive_system(built.system), built, words=LANGUAGES[lang])
    return GateSection(context, worked(built, read_numbers("seed:0", built))).section()


def picture(spec: str) -> GatePicture:
    (figure,) = (each for each in section(spec).blocks if isinstance(each, Figure))
    assert isinstance(figure.picture, GatePicture)
    return figure.picture


def around(x: float, y: float, wide: float, high: float) -> Box:
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def texts(drawn: GatePicture) -> Iterator[tuple[str, Box]]:
    """Every text with the box that it covers: left, top, right, bottom."""

    def box(text: str, x: float, y: float, size: float) -> tuple[str, Box]:
        return text, around(x, y, WIDE * size * len(text), 0.7 * size)

    for wire in drawn.wires:
        if wire.text:
            yield box(wire.text, wire.text_x, wire.text_y, LOCAL)
    for spot in drawn.spots:
        node, size = spot.node, SIGN if spot.node.is_given else NAME
        for text, y in ((node.above, spot.value_y), (node.below, spot.signal_y)):
            if text:
                yield box(text, spot.x, y, VALUE)
        if node.sign:
            yield box(node.sign, spot.x, spot.y, SIGN)
        wide = width_of_name(node.name, size, drawn.labels)
        yield str(node.name), around(spot.x, spot.name_y, wide, 0.8 * size)


def shape(spot: Spot) -> Box:
    return around(spot.x, spot.y, 2 * spot.across, 2 * spot.down)


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def hidden(drawn: GatePicture) -> list[tuple[str, str]]:
    """The pairs of texts that lie over each other."""
    pairs = itertools.combinations(texts(drawn), 2)
    return [(one, other) for (one, a), (other, b) in pairs if overlap(a, b)]


def segments(drawn: GatePicture) -> Iterator[tuple[int, Box]]:
    for number, wire in enumerate(drawn.wires):
        for (x1, y1), (x2, y2) in itertools.pairwise(wire.points):
            yield number, (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


@pytest.mark.parametrize("spec", DRAWN)
def test_no_text_hides_another(spec: str) -> None:
    assert hidden(picture(spec)) == []


@pytest.mark.parametrize("spec", DRAWN)
def test_wires_keep_off_gates_and_their_numbers(spec: str) -> None:
    drawn = picture(spec)
    for number, segment in segments(drawn):
        ends = drawn.wires[number].points[0], drawn.wires[number].points[-1]
        for spot in drawn.spots:
            left, top, right, bottom = shape(spot)
            own = any(left <= x <= right and top <= y <= bottom for x, y in ends)
            assert own or not overlap(segment, shape(spot))
    named = [box for spot in drawn.spots for _, box in texts_of(drawn, spot)]
    for _, segment in segments(drawn):
        assert not any(overlap(segment, box) for box in named)


def texts_of(drawn: GatePicture, spot: Spot) -> list[tuple[str, Box]]:
    alone = GatePicture("", 0, 0, (spot,), (), (), drawn.labels)
    return [each for each in texts(alone) if not overlap(each[1], shape(spot))]


@pytest.mark.parametrize("spec", DRAWN)
def test_wires_have_right_angles_and_go_to_the_right(spec: str) -> None:
    for wire in picture(spec).wires:
        for (x1, y1), (x2, y2) in itertools.pairwise(wire.points):
            assert x1 == x2 or (y1 == y2 and x1 < x2)


@pytest.mark.parametrize("spec", DRAWN)
def test_wires_of_two_sources_do_not_run_in_each_other(spec: str) -> None:
    drawn = picture(spec)
    upright = [
        (drawn.wires[number].points[0], box)
        for number, box in segments(drawn)
        if box[0] == box[2] and box[3] - box[1] > 1
    ]
    for (one, a), (other, b) in itertools.combinations(upright, 2):
        assert one == other or a[0] != b[0] or a[3] <= b[1] or b[3] <= a[1]


def test_texts_over_each_other_would_be_seen() -> None:
    name = Symbol("W", Kind.TENSOR, "W")
    given = Node("", name, (), "1", "1", ())
    wide = Node("+", name, (0,), "1", "1", ("1",))
    drawn = gate_picture("too near", [given, wide])
    (source, target) = drawn.spots
    near = Spot(target.node, source.x + 5, source.y, target.across, target.down)
    assert hidden(GatePicture("", 0, 0, (source, near), (), ()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("spec", ["3-4-3", "2-4-3:softmax"])
def test_too_many_gates_are_listed_but_not_drawn(spec: str, lang: str) -> None:
    found = section(spec, lang).blocks
    assert not any(isinstance(each, Figure) for each in found)
    assert sum(isinstance(each, Table) for each in found) == 2
    said = " ".join(
        str(part) for each in found if isinstance(each, Paragraph) for part in each.text
    )
    assert str(MOST_DRAWN) in said
    assert "2-3-3-1" in said


def test_the_way_out_is_one() -> None:
    assert len(picture("2-3-3-1").spots) <= MOST_DRAWN


# The pieces


def test_heights_are_the_nearest_that_are_apart() -> None:
    wanted, weights, gaps = [0.0, 0.0, 10.0], [1.0, 3.0, 1.0], [4.0, 4.0]
    found = apart(wanted, weights, gaps)
    assert [b - a for a, b in itertools.pairwise(found)] == pytest.approx([4.0, 9.0])

    def cost(heights: list[float]) -> float:
        return sum(w * (y - d) ** 2 for w, y, d in zip(weights, heights, wanted, strict=True))

    for shift in itertools.product((-0.01, 0.0, 0.01), repeat=3):
        moved = [y + d for y, d in zip(found, shift, strict=True)]
        if all(b - a >= gap for (a, b), gap in zip(itertools.pairwise(moved), gaps, strict=True)):
            assert cost(moved) >= cost(found) - 1e-9


def test_wires_that_go_down_together_do_not_cross() -> None:
    upper, lower = Net(0.0, (30.0,)), Net(10.0, (40.0,))
    first, second = lanes([upper, lower])
    assert first > second
    assert lanes([Net(0.0, (10.0,)), Net(50.0, (60.0,)), Net(5.0, (5.0,))]) == [0, 0, 0]


def test_names_have_their_scripts() -> None:
    places = (Number(Fraction(2)), Number(Fraction(1)))
    name = Symbol("W1", Kind.TENSOR, "W", label="1", subscripts=places)
    found = runs(name, Labels.ROUND)
    assert (found[0].text, found[0].is_slanted) == ("W", True)
    assert "".join(each.text for each in found if each.y > 0) == "21"
    assert "".join(each.text for each in found if each.y < 0) == "(1)"


@pytest.mark.parametrize("in_page", [False, True])
def test_the_svg_is_well_formed_and_has_every_number(in_page: bool) -> None:
    drawn = picture("2-2-1")
    tree = ElementTree.fromstring(gates_svg(drawn, in_page=in_page, font="serif"))
    shown = [each.text for each in tree.iter("{http://www.w3.org/2000/svg}text")]
    for spot in drawn.spots:
        assert not spot.node.above or spot.node.above in shown
        assert not spot.node.below or spot.node.below in shown
