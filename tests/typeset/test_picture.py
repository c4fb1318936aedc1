"""The drawing of a network: every unit, every weight, nothing on top of anything else."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest

from bpsym.typeset.documents.drawing import svg, tikz
from bpsym.typeset.pictures.network import MOST_COLUMNS, MOST_UNITS, picture_of
from bpsym.typeset.pictures.parts import RADIUS, Picture
from tests.typeset.networks import NAMES, derived

SVG = "{http://www.w3.org/2000/svg}"
DEEP = "-".join(["3"] * 30)
WIDE = "784-128:relu-10:softmax"


def drawn(name: str, **more: object) -> Picture:
    return picture_of(derived(name)[0], **more)  # type: ignore[arg-type]


def of_class(picture: Picture, tag: str, name: str) -> list[ElementTree.Element]:
    tree = ElementTree.fromstring(svg(picture))
    return [each for each in tree.iter(SVG + tag) if name in each.attrib.get("class", "").split()]


@pytest.mark.parametrize("name", [*NAMES, DEEP, WIDE])
def test_everything_is_inside_and_nothing_overlaps(name: str) -> None:
    picture = drawn(name)
    units = [unit for group in picture.groups for unit in group.units]
    for unit in units:
        assert RADIUS <= unit.x <= picture.width - RADIUS
        assert RADIUS <= unit.y <= picture.height - RADIUS
    for one, other in itertools.combinations(units, 2):
        assert max(abs(one.x - other.x), abs(one.y - other.y)) >= 2 * RADIUS
    for group in picture.groups:
        assert group.caption_y + 15 * (len(group.caption) - 1) <= picture.height
        below = [unit.y - RADIUS for unit in units if unit.x == group.x and unit.y > group.top]
        others = [y for y in below if y > group.units[-1].y]
        assert all(group.caption_y + 15 * (len(group.caption) - 1) <= y for y in others)


@pytest.mark.parametrize("name", ["2-3-1", "residual", "ranking", "gated"])
def test_every_weight_that_joins_neighbours_is_a_line(name: str) -> None:
    network = derived(name)[0].network
    picture = drawn(name)
    found = {each.weight for each in picture.connections if each.weight}
    matrices = {each[: each.index("[")] for each in found}
    expected = {
        f"{matrix}[{row},{column}]"
        for matrix in matrices
        for row in range(1, network.parameters[matrix][0] + 1)
        for column in range(1, network.parameters[matrix][1] + 1)
    }
    assert found == expected
    dense = [layer for layer in network.layers if layer.kind == "dense" and layer.share is None]
    assert len(matrices) == len(dense)


def test_a_line_joins_the_units_of_its_weight() -> None:
    for each in drawn("2-3-1").connections:
        row, column = re.findall(r"\d+(?=[,\]])", each.weight)
        assert (each.target.number, each.source.number) == (int(row), int(column))


def test_wide_layers_are_elided() -> None:
    picture = drawn(WIDE)
    for group, width in zip(picture.groups, (784, 128, 10), strict=True):
        assert group.width == width
        assert len(group.units) < MOST_UNITS
        assert group.units[-1].number == width
        assert group.dots is not None
        assert f"{width} in all" in group.caption
    assert len(picture.connections) == 2 * len(picture.groups[0].units) ** 2


def test_deep_chains_are_elided() -> None:
    picture = drawn(DEEP)
    assert len(picture.groups) < MOST_COLUMNS
    assert picture.groups[-1].layer == "29"
    (gap,) = picture.gaps
    assert len(picture.groups) + int(gap.caption.split()[0]) == 30


def test_connections_that_pass_a_layer_are_arcs() -> None:
    assert [(arc.source, arc.target) for arc in drawn("residual").arcs] == [("h1", "s")]
    assert drawn("2-3-1").arcs == ()


def test_lines_are_as_thick_as_their_weights() -> None:
    weights = {"W1[1,1]": 2.0, "W1[2,1]": -1.0, "W1[3,1]": 0.0}
    by_weight = {each.weight: each for each in drawn("2-3-1", weights=weights).connections}
    one, two, three = (by_weight[weight] for weight in weights)
    assert one.thickness > two.thickness > three.thickness > 0
    assert [one.negative, two.negative, three.negative] == [False, True, False]
    assert by_weight["W2[1,1]"].thickness == drawn("2-3-1").connections[0].thickness


@pytest.mark.parametrize("name", [*NAMES, DEEP, WIDE])
def test_svg_has_what_the_picture_has(name: str) -> None:
    picture = drawn(name)
    circles = of_class(picture, "circle", "unit")
    assert len(circles) == sum(len(group.units) for group in picture.groups)
    assert len({each.attrib["data-unit"] for each in circles}) == len(circles)
    assert len(of_class(picture, "line", "connection")) == len(picture.connections)
    assert len(of_class(picture, "path", "arc")) == len(picture.arcs)


@pytest.mark.parametrize("name", [*NAMES, DEEP, WIDE])
def test_tikz_has_what_the_picture_has(name: str) -> None:
    picture, text = drawn(name), tikz(drawn(name))
    assert text.count("circle[") == sum(len(group.units) for group in picture.groups)
    assert text.count(" -- ") == len(picture.connections)
    assert text.count(".. controls") == len(picture.arcs)
    assert text.count("{") == text.count("}")
