"""The network with its numbers: what the drawing, the sheet beside it and the script are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from bpsym.calculus.system import System
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.documents.page.drawn import COST, drawn
from bpsym.typeset.documents.page.figure import figure
from bpsym.typeset.documents.page.flow import Flow
from bpsym.typeset.documents.page.formulas import formula_points
from bpsym.typeset.documents.page.lettered import Given, Lettered
from bpsym.typeset.documents.page.lines import Line, Lines
from bpsym.typeset.documents.page.points import Point, Points, Said, said
from bpsym.typeset.documents.page.reach import Reach
from bpsym.typeset.documents.page.steps import Step, Steps, after_said, signed
from bpsym.typeset.documents.page.variants import CODE, MOST_SAMPLES, Variant
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.story import Story
from bpsym.typeset.worked.request import Request, worked_for
from bpsym.worked.record import Worked

SEED = 0
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
        self.samples = range(1, min(numbers.samples, MOST_SAMPLES) + 1)
        self._worked: dict[tuple[System, bool, int], Worked] = {}
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

    def _worked_in(self, story: Story, sample: int = 1) -> Worked:
        """The values of the system that a notation writes, computed once for each.

        sample: the only one where the formulas are of one.
        """
        turned = story.notation is not None and story.notation.thresholds
        only = sample if story.is_of_one_sample and self.numbers.samples > 1 else 0
        key = (story.built.system, turned, only)
        if key not in self._worked:
            numbers = self.numbers.sample(self.built, only) if only else self.numbers
            self._worked[key] = worked_for(story, numbers)[0]
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
            found[variant.name] = [
                line
                for sample in self.samples
                for line in Lines(
                    story, told, self._worked_in(story, sample), self.reach, wanted, sample
                ).all()
            ]
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
        cost = {COST: in_a_few_signs(self.worked.cost, _INSIDE)}
        return figure(self.built, self.network, self._in_units(1) | cost)

    def _in_units(self, sample: int) -> dict[str, str]:
        """The values of a sample as they are written into the units."""
        found = {}
        for node in self.network.nodes:
            if node.key != COST:
                array = self.worked.values[self.built.outputs[node.layer]][sample - 1]
                value = float(array[node.number - 1]) if array.ndim else float(array)
                found[node.key] = in_a_few_signs(value, _INSIDE)
        return found

    def lines(self, name: str) -> list[Mapping[str, str]]:
        """The lines of a notation."""
        return self._lettered(name).lines(self._given(), self.written[name])

    def chips(self, name: str) -> list[Mapping[str, str]]:
        """The points as symbols of a notation."""
        return self._lettered(name).chips(self.points)

    def _lettered(self, name: str) -> Lettered:
        variant = self._variant(name)
        assert variant.story is not None
        return Lettered(variant, self._worked_in(variant.story), self.worked, self.samples)

    def _given(self) -> Iterator[Given]:
        """Each parameter and input that can be pointed at."""
        elements = self.elements
        for point in self.points:
            label, _, number = point.key.rpartition(".")
            if point.key in elements:
                yield Given(point.key, elements[point.key], 0)
            elif label in self.built.inputs:
                array = self.worked.values[self.built.inputs[label]]
                for sample in self.samples:
                    yield Given(point.key, float(array[sample - 1, int(number) - 1]), sample)

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
            "values": [self._in_units(each) for each in self.samples],
            "letters": {
                each.name: [self._letters(each, sample) for sample in self.samples]
                for each in self.found
            },
            "costs": {
                each.name: [self._costs(each, sample) for sample in self.samples]
                for each in self.found
            },
        }

    def _costs(self, variant: Variant, sample: int) -> Mapping[str, object]:
        """The cost before and after the step, which is of one sample where the formulas are."""
        assert variant.story is not None
        worked = self._worked_in(variant.story, sample)
        return {
            "before": in_a_few_signs(worked.cost, _INSIDE),
            "after": in_a_few_signs(worked.cost_after, _INSIDE),
            "said": after_said(worked),
        }

    def whose(self, name: str) -> Said:
        """Which samples the numbers of a notation are those of; nothing for one."""
        count = self.numbers.samples
        if count == 1:
            return {}
        story = self._variant(name).story
        assert story is not None
        of_one, last = story.is_of_one_sample, self.samples[-1]
        return said(lambda words: words.samples_said(count, last, of_one=of_one))

    def _letters(self, variant: Variant, sample: int) -> Mapping[str, str]:
        """The letter of the cost, and the error signal of each unit."""
        assert variant.story is not None
        found = {"cost": variant.story.cost.base}
        outputs = set(variant.story.built.outputs.values())
        reading = {each.adjoint: each.name for each in variant.story.built.system.tensors.values()}
        for line in self.written[variant.name]:
            if line.step.startswith("deltas:") and line.point and line.sample in (0, sample):
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
