"""What is asked for beyond the derivation: numbers, gates, paths; and how it is put into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bpsym.calculus.system import Role
from bpsym.errors import EmitError
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.document import Document, Figure, Section
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.sections.context import Context
from bpsym.typeset.worked.gates import GateSection
from bpsym.typeset.worked.instances import Instances
from bpsym.typeset.worked.numbered import (
    Numbered,
    before_certificate,
    instances_of,
    of_sample,
)
from bpsym.typeset.worked.paths import PathSection
from bpsym.typeset.worked.reading import Reading
from bpsym.worked.data import Numbers, read_numbers
from bpsym.worked.record import Worked, worked
from bpsym.worked.values import Array

Source = str | int | Path | Mapping[str, object]


@dataclass(frozen=True)
class Request:
    """What is to be worked.

    numbers: a file, ``"seed:0"``, a seed or a mapping; None for none. samples, rate, digits,
    freeze: as ``read_numbers`` takes them. gates: with the gates of one sample. paths: the weight
    whose paths are wanted, ``"W1[2,1]"``.
    """

    numbers: Source | None = None
    samples: int | None = None
    rate: float | None = None
    digits: int | None = None
    freeze: tuple[str, ...] = ()
    gates: bool = False
    paths: str | None = None

    def __bool__(self) -> bool:
        return self != Request()

    def check(self) -> None:
        """Raise EmitError for what has no meaning without numbers."""
        if self.numbers is not None:
            return
        asked = {
            "--freeze": bool(self.freeze),
            "--rate": self.rate is not None,
            "--samples": self.samples is not None,
            "--digits": self.digits is not None,
            "--gates": self.gates,
        }
        wrong = [name for name, given in asked.items() if given]
        if wrong:
            raise EmitError.single(
                where=f"bpsym derive {wrong[0]}",
                what="there are no numbers",
                expected="--numbers FILE or --numbers seed:0 with it",
                got=f"{' and '.join(wrong)} alone",
                way_out="add --numbers seed:0",
            )

    def read(self, built: BuiltNetwork) -> Numbers | None:
        """The numbers for a network, None if none are asked for."""
        self.check()
        if self.numbers is None:
            return None
        source = str(self.numbers) if isinstance(self.numbers, Path) else self.numbers
        return read_numbers(
            source,
            built,
            samples=self.samples,
            rate=self.rate,
            digits=self.digits,
            freeze=self.freeze,
        )


def worked_for(context: Context, numbers: Numbers, sample: int = 1) -> tuple[Worked, int | None]:
    """The values of a network for a document, and of how many samples they are those of one.

    A notation of one sample takes that one; one that subtracts thresholds turns their signs.
    """
    only_of = None
    if context.is_of_one_sample and numbers.samples > 1:
        only_of = numbers.samples
        numbers = numbers.sample(context.built, sample)
    if context.notation is not None and context.notation.thresholds:
        numbers = replace(numbers, values=_turned(context.built, numbers.values))
    return worked(context.built, numbers), only_of


def _turned(built: BuiltNetwork, values: Mapping[str, Array]) -> dict[str, Array]:
    """The values with thresholds in place of biases, which are minus them."""
    vectors = {
        name
        for relation in built.system.relations
        if relation.schema.activation is None
        for name in relation.reads
        if built.system.tensors[name].role is Role.PARAMETER
        and len(built.system.tensors[name].sizes) == 1
    }
    return {name: -value if name in vectors else value for name, value in values.items()}


def completed(context: Context, document: Document, request: Request) -> Document:
    """A document with all that was asked for.

    context: what it was written from. Raises NumbersError for numbers that do not fit, EmitError
    for what cannot be drawn, ProofError if a number is wrong.
    """
    return Completion(context, request).document(context, document)


class Completion:
    """Puts what was asked for into the documents of one derivation; numbers are worked once.

    context: of the derivation, in any language. Errors as those of ``completed``.
    """

    def __init__(self, context: Context, request: Request) -> None:
        self.context = context
        self.request = request
        self.numbers = request.read(context.built)
        self._values: dict[int, tuple[Worked, int | None]] = {}
        self._alone: dict[int, Worked] = {}
        self._instances: dict[int, Instances] = {}

    @property
    def samples(self) -> int:
        """How many samples there are numbers of."""
        return self.numbers.samples if self.numbers is not None else 1

    def document(self, context: Context, document: Document, sample: int = 1) -> Document:
        """A document with all of it.

        context: what it was written from. sample: whose elements, gates and paths are written,
        from 1.
        """
        request, more = self.request, list[Section]()
        reading = None
        if self.numbers is not None:
            values, only_of = self._worked(self.numbers, sample)
            document = _with_widths(context, document, values)
            if sample not in self._instances:
                self._instances[sample] = instances_of(context, values, sample, only_of)
            shared = self._instances[sample]
            document = Numbered(context, values, sample, only_of, shared).document(document)
            if request.gates or request.paths:
                one = self._of_one(values, sample)
                reading = Reading(context, one)
                if request.gates:
                    more.append(GateSection(context, one, sample, values.samples).section())
        if request.paths is not None:
            more.append(PathSection(context, request.paths, reading).section())
        for section in more:
            sections = before_certificate(context, document.sections, section)
            document = replace(document, sections=sections)
        return document

    def _worked(self, numbers: Numbers, sample: int) -> tuple[Worked, int | None]:
        only = sample if self.context.is_of_one_sample else 0
        if only not in self._values:
            self._values[only] = worked_for(self.context, numbers, sample)
        return self._values[only]

    def _of_one(self, values: Worked, sample: int) -> Worked:
        if sample not in self._alone:
            self._alone[sample] = of_sample(self.context, values, sample)
        return self._alone[sample]


def _with_widths(context: Context, document: Document, values: Worked) -> Document:
    """The document with lines in its picture that are the thicker the larger a weight is."""
    drawn = Figure(
        picture_of(context.built, weights=values.elements(), words=context.words.picture)
    )
    sections = tuple(
        replace(
            section,
            blocks=tuple(drawn if isinstance(each, Figure) else each for each in section.blocks),
        )
        if section.title == context.words.network
        else section
        for section in document.sections
    )
    return replace(document, sections=sections)
