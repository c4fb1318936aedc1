"""The network with its numbers: what the drawing, the sheet beside it and the script are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from html import escape

from bpsym.calculus.system import SAMPLES, System
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.document import Display
from bpsym.typeset.documents.page.article import ArticleRenderer
from bpsym.typeset.documents.page.drawn import COST, drawn
from bpsym.typeset.documents.page.figure import figure
from bpsym.typeset.documents.page.flow import Flow
from bpsym.typeset.documents.page.formulas import formula_points
from bpsym.typeset.documents.page.lines import Line, Lines
from bpsym.typeset.documents.page.points import Point, Points, Said, said
from bpsym.typeset.documents.page.reach import Reach
from bpsym.typeset.documents.page.steps import Step, Steps, after_said, signed
from bpsym.typeset.documents.page.variants import CODE, Variant
from bpsym.typeset.formula import Chain, Formula, Number, equation
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.picture import picture_of
from bpsym.typeset.story import Story
from bpsym.typeset.worked.decimals import decimal
from bpsym.typeset.worked.request import Request, worked_for
from bpsym.worked.record import Worked

SEED = 0
# The sheet beside the network is narrower than a page of paper.
_ROOM = 25.0
# Digits of a number in the drawing, and signs inside a circle and below it.
_SHORT, _INSIDE, _BELOW = 3, 6, 8


class Explorer:
    """Everything that is pointed at on the page of one network."""

    def __init__(self, built: BuiltNetwork, found: Sequence[Variant], request: Request) -> None:
        self.built = built
        self.found = found
        self.request = request
        asked = request if request.numbers is not None else replace(request, numbers=SEED)
        numbers = asked.read(built)
        assert numbers is not None
        self.numbers = numbers
        self.flow = Flow(built, numbers.samples)
        self._worked: dict[tuple[System, bool, bool], Worked] = {}
        self.worked = self._worked_in(self._code)
        self.elements = self.worked.elements()
        self.network = drawn(built, self.elements)
        self.reach = Reach(built, self.network)
        self.points = Points(built, self.network, self.reach, self.flow).all()

    @property
    def _code(self) -> Story:
        (story,) = (each.story for each in self.found if each.name == CODE)
        assert story is not None
        return story

    def _worked_in(self, story: Story) -> Worked:
        """The values of the system that a notation writes, computed once for each."""
        turned = story.notation is not None and story.notation.thresholds
        of_first = self.numbers.samples > 1 and story.is_of_one_sample
        key = (story.built.system, turned, of_first)
        if key not in self._worked:
            self._worked[key] = worked_for(story, self.numbers)[0]
        return self._worked[key]

    @cached_property
    def written(self) -> Mapping[str, Sequence[Line]]:
        """The lines of each notation."""
        wanted = [each.key for each in self.points]
        found = {}
        for variant in self.found:
            story, told = variant.story, variant.told
            assert story is not None
            assert told is not None
            lines = Lines(story, told, self._worked_in(story), self.reach, wanted)
            found[variant.name] = lines.all()
        return found

    @cached_property
    def formulas(self) -> tuple[Point, ...]:
        """The formulas that can be pointed at, in all notations."""
        names = dict.fromkeys(line.tensor for lines in self.written.values() for line in lines)
        return formula_points(self.built, self.network, self.reach, names)

    @cached_property
    def keys(self) -> frozenset[str]:
        """What formulas of the articles can be pointed at."""
        return frozenset((COST, *(each.key for each in self.formulas)))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps."""
        return Steps(self.built, self.network, self.worked, self._source(), self.flow).all()

    def _source(self) -> Said:
        """Where the numbers are from."""
        given = self.request.numbers
        if isinstance(given, Mapping):
            return said(lambda words: words.given)
        seed = str(SEED if given is None else given).removeprefix("seed:").strip()
        if seed.isdecimal():
            return said(lambda words: words.seed(int(seed)))
        return said(lambda _: str(given))

    def title(self, language: str) -> str:
        """What the drawing shows."""
        return picture_of(self.built, words=LANGUAGES[language].picture).title

    # Pieces of the page

    def figure(self) -> str:
        """The drawing."""
        values = {COST: in_a_few_signs(self.worked.cost, _INSIDE)}
        for node in self.network.nodes:
            if node.key != COST:
                array = self.worked.values[self.built.outputs[node.layer]]
                value = float(array[0, node.number - 1]) if array.ndim > 1 else float(array[0])
                values[node.key] = in_a_few_signs(value, _INSIDE)
        return figure(self.built, self.network, values)

    def lines(self, name: str) -> list[Mapping[str, str]]:
        """The lines of a notation, each with the names of all groups that show it."""
        variant = self._variant(name)
        formulas = ArticleRenderer(variant.manner("en"), room=_ROOM).formulas
        assert variant.story is not None
        given = [(key, self._given(key, value, variant.story)) for key, value in self._values()]
        written = [(" ".join(_groups(line)), line.chain) for line in self.written[name]]
        return [
            {"groups": escape(groups), "shown": formulas.display((chain,))}
            for groups, chain in (*given, *written)
        ]

    def _values(self) -> Iterator[tuple[str, float]]:
        """What is given: each parameter and input that can be pointed at, and its value."""
        elements = self.elements
        for point in self.points:
            label, _, number = point.key.rpartition(".")
            if point.key in elements:
                yield point.key, elements[point.key]
            elif label in self.built.inputs:
                yield (
                    point.key,
                    float(self.worked.values[self.built.inputs[label]][0, int(number) - 1]),
                )

    def _given(self, key: str, value: float, story: Story) -> Chain:
        """A given number in the letters of a notation, which may have it with another sign."""
        system = story.built.system
        name = key.partition("[")[0]
        if name in system.tensors:
            turned = self._worked_in(story).values[name].flat[0]
            code = self.worked.values[name].flat[0]
            value = -value if turned == -code != 0 else value
        return equation(_symbol(key, story), decimal(value, self.worked.digits))

    def chips(self, name: str) -> list[Mapping[str, str]]:
        """The points as symbols of a notation."""
        variant = self._variant(name)
        story = variant.story
        assert story is not None
        formulas = ArticleRenderer(variant.manner("en")).formulas
        return [
            {"point": escape(point.key), "shown": formulas.inline(_symbol(point.key, story))}
            for point in self.points
        ]

    def _variant(self, name: str) -> Variant:
        return next(each for each in self.found if each.name == name)

    # What the script is given

    def facts(self) -> Mapping[str, object]:
        """Points, steps, and what is written in the drawing in each notation."""
        points = {}
        for point in (*self.points, *self.formulas):
            fact = _fact(point.own, point.lit, point.read, point.label, point.text)
            fact |= {"near": point.near, "formulas": point.formulas, "walk": point.walk}
            if point.paths:
                fact["paths"] = point.paths
            if point.key in self.elements:
                fact["value"] = signed(self.elements[point.key], self.worked.digits)
            points[point.key] = fact
        steps = [
            _fact(step.own, step.lit, step.read, step.label, step.text)
            | {"name": step.name, "phase": step.phase, "known": step.known, "told": step.told}
            for step in self.steps
        ]
        return {
            "points": points,
            "steps": steps,
            "letters": {each.name: self._letters(each) for each in self.found},
            "costs": {each.name: self._costs(each) for each in self.found},
        }

    def _costs(self, variant: Variant) -> Mapping[str, object]:
        """The cost before and after the step, which is of one sample where the formulas are."""
        assert variant.story is not None
        worked = self._worked_in(variant.story)
        return {
            "before": in_a_few_signs(worked.cost, _INSIDE),
            "after": in_a_few_signs(worked.cost_after, _INSIDE),
            "said": after_said(worked),
        }

    def samples(self, name: str) -> Said:
        """Which samples the numbers of a notation are those of; nothing for one."""
        count = self.numbers.samples
        if count == 1:
            return {}
        story = self._variant(name).story
        assert story is not None
        if self._worked_in(story).samples == 1:
            return said(lambda words: words.sample_of_one(count))
        return said(lambda words: words.samples_of_all(count))

    def _letters(self, variant: Variant) -> Mapping[str, str]:
        """The letter of the cost, and the error signal of each unit."""
        assert variant.story is not None
        found = {"cost": variant.story.cost.base}
        outputs = set(variant.story.built.outputs.values())
        reading = {each.adjoint: each.name for each in variant.story.built.system.tensors.values()}
        for line in self.written[variant.name]:
            if line.step.startswith("deltas:") and line.point:
                key = f"signal {line.point}"
                is_of_output = reading.get(line.tensor) in outputs
                if key not in found or not is_of_output:
                    found[key] = in_a_few_signs(line.value, _BELOW)
        return found


def in_a_few_signs(value: float, most: int) -> str:
    """A number in no more signs than the drawing has room for, three digits at most."""
    texts = [signed(value, digits) for digits in range(_SHORT, 0, -1)]
    return next((text for text in texts if len(text) <= most), texts[-1])


def _fact(
    own: Sequence[str], lit: Sequence[str], read: Sequence[str], label: Said, text: Said
) -> dict[str, object]:
    return {"own": own, "lit": lit, "read": read, "label": label, "text": text}


def _groups(line: Line) -> list[str]:
    return [each for each in (f"step:{line.step}", line.tensor, line.point) if each]


def _symbol(key: str, story: Story) -> Formula:
    """A point in the letters of a story; of several samples it is the first."""
    if key == COST:
        return story.cost
    system = story.built.system
    name, bracket, place = key.partition("[")
    if bracket or name in system.tensors:
        numbers = [int(each) for each in place.rstrip("]").split(",") if each]
    else:
        label, _, number = key.rpartition(".")
        name = story.built.outputs[label]
        numbers = [1 if size == SAMPLES else int(number) for size in system.tensors[name].sizes]
    places = tuple(Number(Fraction(each)) for each in numbers)
    (block,) = story.noted(Display((story.table.tensor(name, places),)))
    assert isinstance(block, Display)
    return block.formulas[0]
