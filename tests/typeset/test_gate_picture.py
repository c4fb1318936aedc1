"""The picture of gates can be read: no number hides another, and no picture is too full."""

from __future__ import annotations

import itertools

import pytest

from bpsym.typeset.document import Figure, Paragraph, Table
from bpsym.typeset.gate_picture import MOST_DRAWN, RADIUS, GatePicture, Node, gate_picture
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.printed import printed
from bpsym.typeset.worked.numbered import WORDS
from bpsym.typeset.worked.request import Request
from tests.worked.networks import built_of

# How wide a sign is in parts of its size, on average, in the fonts that are there everywhere.
WIDE = 0.55
DRAWN = ("1-1-1", "2-1", "2-2-1", "1-2-1", "2-2:softmax", "3-1:softplus", "2-1-1:tanh")


def blocks(spec, lang="en"):
    document = printed(
        built_of(spec), lang=lang, prove=False, request=Request("seed:0", gates=True)
    ).document
    (found,) = (each for each in document.sections if each.title == WORDS[lang].gates)
    return found.blocks


def picture(spec) -> GatePicture:
    (figure,) = (each for each in blocks(spec) if isinstance(each, Figure))
    return figure.picture


def texts(drawn):
    """Every text with the box that it covers: left, top, right, bottom."""

    def box(text, x, y, size):
        across, down = WIDE * size * len(text) / 2, 0.35 * size
        return text, (x - across, y - down, x + across, y + down)

    for line in drawn.lines:
        yield box(line.text, line.text_x, line.text_y, 9.5)
    for spot in drawn.spots:
        for text, y in ((spot.node.above, -RADIUS - 7), (spot.node.below, RADIUS + 6)):
            if text:
                yield box(text, spot.x, spot.y + y, 11)
        yield box(spot.node.text, spot.x, spot.y, 11)


def hidden(drawn):
    """The pairs of texts that lie over each other."""
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(texts(drawn), 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


@pytest.mark.parametrize("spec", DRAWN)
def test_no_text_hides_another(spec):
    assert hidden(picture(spec)) == []


def test_texts_over_each_other_would_be_seen():
    given = Node("W", (), "1", "1", (), is_given=True)
    wide = Node("+", (0,), "0.123456789123456789", "1", ("1" * 40,), is_given=False)
    assert hidden(gate_picture("too wide", [given, wide]))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("spec", ["2-2-2", "3-4-2:softmax"])
def test_too_many_gates_are_listed_but_not_drawn(spec, lang):
    found = blocks(spec, lang)
    assert not any(isinstance(each, Figure) for each in found)
    assert sum(isinstance(each, Table) for each in found) == 2
    said = " ".join(
        str(part) for each in found if isinstance(each, Paragraph) for part in each.text
    )
    assert str(MOST_DRAWN) in said
    assert "2-2-1" in said


def test_the_way_out_is_one():
    assert len(picture("2-2-1").spots) <= MOST_DRAWN
