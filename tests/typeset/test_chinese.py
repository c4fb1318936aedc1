"""Chinese as it is set: a space between Chinese and Latin letters, none between Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest

from bpsym.network import parse
from bpsym.network.build import build
from bpsym.typeset.document import Document, Items, Paragraph, Table, Text
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.languages.listing import joined
from bpsym.typeset.notations import notation_of
from bpsym.typeset.notations.prepare import prepared
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.story import Story
from tests.typeset.networks import DECLARED

CHINESE, LATIN = "[一-鿿]", "[A-Za-z0-9]"
CROWDED = re.compile(
    f"{CHINESE}{LATIN}|{LATIN}{CHINESE}|{CHINESE} +{CHINESE}|{CHINESE} +[，。；：、]|[，。；：、] "  # noqa: RUF001
)
# A formula within a sentence.
LETTER = "F"
CASES = [
    ("2-3-1", ""),
    ("2-3-1", "watermelon"),
    ("2-3-1,l2=0.1", "nielsen"),
    ("3-4-2:softmax,loss=ce", "ng"),
    ("4-3:prelu-2:softmax,loss=half_squared_error", ""),
    ("ranking", "cs224n"),
    *((name, "") for name in DECLARED),
]


def document(spec: str, notation: str) -> Document:
    network = build(parse(tomllib.loads(DECLARED[spec]) if spec in DECLARED else spec))
    chosen = notation_of(notation or None)
    record = prepared(network, chosen).derivation
    words = LANGUAGES["zh"]
    return Story(record, network, notation=chosen, words=words, view="all").document()


def sentences(found: Document) -> Iterator[str]:
    """All that is said; each formula is a letter."""
    for section in found.sections:
        yield section.title
        for block in section.blocks:
            match block:
                case Paragraph(text):
                    yield plain(text)
                case Items(points):
                    yield from map(plain, points)
                case Table(heading, rows):
                    yield from heading
                    yield from (plain(cell) for row in rows for cell in row)


def plain(text: Text) -> str:
    return "".join(part if isinstance(part, str) else LETTER for part in text)


@pytest.mark.parametrize(("spec", "notation"), CASES)
def test_spaces_part_chinese_from_latin_and_nothing_else(spec: str, notation: str) -> None:
    said = list(sentences(document(spec, notation)))
    assert sum(bool(re.search(CHINESE, each)) for each in said) > 20
    found = [(match[0], each) for each in said if (match := CROWDED.search(each))]
    assert found == []


@pytest.mark.parametrize("wrong", ["更新h1 层", "第1 层", "共用 相加", "损失 。"])
def test_a_missing_space_is_seen(wrong: str) -> None:
    assert CROWDED.search(wrong)


@pytest.mark.parametrize("name", DECLARED)
def test_captions_of_a_picture_are_chinese(name: str) -> None:
    network = build(parse(tomllib.loads(DECLARED[name])))
    said = {line for group in picture_of(network, words=LANGUAGES["zh"].picture).groups
            for line in group.caption}  # fmt: skip
    assert not said & {"add", "concat", "multiply", "equation", "layer norm", "dense"}


def test_and_between_chinese_words() -> None:
    assert plain(joined([("甲",), ("乙",)])) == "甲和乙"
    assert plain(joined([("x",), ("y",), ("z",)])) == "x、y 和 z"
