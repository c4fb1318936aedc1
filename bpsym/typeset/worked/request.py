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
from bpsym.typeset.worked.numbered import Numbered, before_certificate, of_first_sample
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


def worked_for(context: Context, numbers: Numbers) -> tuple[Worked, int | None]:
    """The values of a network for a document, and of how many samples they are the first.

    A notation of one sample takes the first; one that subtracts thresholds turns their signs.
    """
    first_of = None
    if context.is_of_one_sample and numbers.samples > 1:
        first_of = numbers.samples
        numbers = numbers.sample(context.built)
    if context.notation is not None and context.notation.thresholds:
        numbers = replace(numbers, values=_turned(context.built, numbers.values))
    return worked(context.built, numbers), first_of


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
    numbers = request.read(context.built)
    more: list[Section] = []
    reading = None
    if numbers is not None:
        values, first_of = worked_for(context, numbers)
        document = _with_widths(context, document, values)
        document = Numbered(context, values, first_of).document(document)
        first = of_first_sample(context, values) if request.gates or request.paths else values
        reading = Reading(context, first)
        if request.gates:
            more.append(GateSection(context, first, first is not values).section())
    if request.paths is not None:
        more.append(PathSection(context, request.paths, reading).section())
    for section in more:
        sections = before_certificate(context, document.sections, section)
        document = replace(document, sections=sections)
    return document


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
