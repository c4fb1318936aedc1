"""Points and lines in the letters of one notation, as the template takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

from bpsym.calculus.system import SAMPLES
from bpsym.typeset.document import Display
from bpsym.typeset.documents.page.article import ArticleRenderer
from bpsym.typeset.documents.page.drawn import COST
from bpsym.typeset.documents.page.lines import Line
from bpsym.typeset.documents.page.points import Point
from bpsym.typeset.documents.page.variants import Variant
from bpsym.typeset.formulas.tree import Chain, Formula, Number, equation
from bpsym.typeset.story import Story
from bpsym.typeset.worked.decimals import decimal
from bpsym.worked.record import Worked

# The sheet beside the network is narrower than a page of paper.
_ROOM = 25.0


@dataclass(frozen=True)
class Given:
    """A number that is given. sample: whose it is, 0 for a parameter."""

    point: str
    value: float
    sample: int


@dataclass(frozen=True)
class Lettered:
    """One notation.

    worked, code: the values of its system and those of the code. samples: those that can be
    chosen; what differs between them is marked with its own.
    """

    variant: Variant
    worked: Worked
    code: Worked
    samples: Sequence[int]

    @property
    def story(self) -> Story:
        """What it was written from."""
        assert self.variant.story is not None
        return self.variant.story

    def lines(self, given: Iterable[Given], written: Iterable[Line]) -> list[Mapping[str, str]]:
        """The lines, each with the names of all groups that show it."""
        formulas = ArticleRenderer(self.variant.manner("en"), room=_ROOM).formulas
        found = [(each.point, self._given(each), each.sample) for each in given]
        found += [(" ".join(_groups(each)), each.chain, each.sample) for each in written]
        return [
            {
                "groups": escape(groups),
                "shown": formulas.display((chain,)),
                "sample": str(sample) if sample and len(self.samples) > 1 else "",
            }
            for groups, chain, sample in found
        ]

    def _given(self, given: Given) -> Chain:
        """A given number, which the notation may have with another sign."""
        value, name = given.value, given.point.partition("[")[0]
        if name in self.story.built.system.tensors:
            turned = self.worked.values[name].flat[0]
            value = -value if turned == -self.code.values[name].flat[0] != 0 else value
        left = symbol_of(given.point, self.story, given.sample or 1)
        return equation(left, decimal(value, self.worked.digits))

    def chips(self, points: Iterable[Point]) -> list[Mapping[str, str]]:
        """The points as symbols."""
        formulas = ArticleRenderer(self.variant.manner("en")).formulas
        found: list[Mapping[str, str]] = []
        for point in points:
            shown = [formulas.inline(symbol_of(point.key, self.story, n)) for n in self.samples]
            alike = len(set(shown)) == 1
            for sample, text in zip(self.samples, shown[: 1 if alike else None], strict=False):
                own = "" if alike else str(sample)
                found.append({"point": escape(point.key), "shown": text, "sample": own})
        return found


def _groups(line: Line) -> list[str]:
    return [each for each in (f"step:{line.step}", line.tensor, line.point) if each]


def symbol_of(key: str, story: Story, sample: int) -> Formula:
    """A point in the letters of a story; of several samples in those of one of them."""
    if key == COST:
        return story.cost
    system = story.built.system
    name, bracket, place = key.partition("[")
    if bracket or name in system.tensors:
        numbers = [int(each) for each in place.rstrip("]").split(",") if each]
    else:
        label, _, number = key.rpartition(".")
        name = story.built.outputs[label]
        numbers = [
            sample if size == SAMPLES else int(number) for size in system.tensors[name].sizes
        ]
    places = tuple(Number(Fraction(each)) for each in numbers)
    (block,) = story.noted(Display((story.table.tensor(name, places),)))
    assert isinstance(block, Display)
    return block.formulas[0]
