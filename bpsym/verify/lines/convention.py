"""How formulas hold samples, weights and biases, and where they put 1/m.

A set of formulas is read by one convention. Some are free: rows or columns, 1/m in the deltas or
in the gradients. One is guarded: it turns a wrong line into a right one, so that it takes two lines
to speak for it. Weights stored (in, out) are guarded, and so are texts that count layers otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bpsym.typeset.notations import Notation, notation_of
from bpsym.typeset.notations.notation import Samples, Scale

SampleAxis = Literal["rows", "columns", "one"]
Deltas = Literal["plain", "samples", "minus"]
WeightOrder = Literal["out,in", "in,out"]
BiasShape = Literal["flat", "row", "column"]


@dataclass(frozen=True)
class Convention:
    """One way to read formulas.

    notation: empty for the names of the code. samples: of ``one`` there is no sample axis; a
    matrix formula then has columns of length one. deltas: dC/dz, m times that, or minus that.
    guarded: it must be spoken for by two lines. thresholds: they are subtracted as the notation's
    author has it. partials: where deltas are m times dC/dz, that is written for them too: C is then
    the loss of a sample.
    """

    notation: str = ""
    samples: SampleAxis = "rows"
    deltas: Deltas = "plain"
    weights: WeightOrder = "out,in"
    bias: BiasShape = "flat"
    guarded: bool = False
    thresholds: bool = False
    partials: bool = False

    @property
    def named(self) -> Notation | None:
        """The table of its notation, None for the names of the code."""
        return notation_of(self.notation or None, thresholds=self.thresholds)


@dataclass(frozen=True)
class Declared:
    """What the user says of the formulas; None where it is to be found out."""

    notation: str | None = None
    samples: SampleAxis | None = None
    weights: WeightOrder | None = None
    bias: BiasShape | None = None


def conventions_of_code(declared: Declared, *, mean: bool) -> Iterator[Convention]:
    """For lines in numpy notation."""
    layouts: Sequence[SampleAxis] = ("rows", "columns")
    if declared.samples is not None and declared.samples != "one":
        layouts = (declared.samples,)
    for order in _orders(declared):
        for samples in layouts:
            shapes: Sequence[BiasShape] = ("flat", "row") if samples == "rows" else (
                "column", "flat"
            )  # fmt: skip
            for bias in (declared.bias,) if declared.bias else shapes:
                for deltas in _deltas(mean=mean):
                    guarded = order == "in,out" and declared.weights is None
                    yield Convention("", samples, deltas, order, bias, guarded)


def conventions_of_text(
    notation: Notation | None, declared: Declared, *, mean: bool
) -> Iterator[Convention]:
    """For formulas in LaTeX that can be read in a notation, None being the names of the code."""
    if notation is not None:
        yield from _of_notation(notation, declared, mean=mean)
        return
    layouts: Sequence[SampleAxis] = ("rows", "columns", "one")
    if declared.samples:
        layouts = (declared.samples,)
    for order in _orders(declared):
        for samples in layouts:
            bias: BiasShape = "flat" if samples == "rows" else "column"
            for deltas in _deltas(mean=mean and samples != "one"):
                guarded = order == "in,out" and declared.weights is None
                found = Convention("", samples, deltas, order, declared.bias or bias, guarded)
                yield found
                if deltas == "samples":
                    yield replace(found, partials=True)


def _of_notation(notation: Notation, declared: Declared, *, mean: bool) -> Iterator[Convention]:
    scale: Deltas = "minus" if notation.scale is Scale.MINUS else "plain"
    if notation.scale is Scale.SAMPLES and mean:
        scale = "samples"
    shifted = notation.shift != 0 or notation.scale is Scale.MINUS
    base = Convention(
        notation.name,
        "one" if notation.samples is Samples.ONE else "columns",
        scale,
        declared.weights or ("in,out" if notation.from_to else "out,in"),
        "column",
        guarded=declared.notation is None and (notation.thresholds or shifted),
        thresholds=notation.thresholds,
    )
    layouts = [base]
    if notation.samples is Samples.ROWS:
        layouts = [replace(base, samples="rows", bias="flat")]
    elif notation.samples is Samples.COLUMNS:
        layouts.append(replace(base, samples="one"))
    for each in layouts:
        if declared.samples in (None, each.samples):
            yield each
            if each.deltas == "samples":
                yield replace(each, partials=True)


def _orders(declared: Declared) -> Sequence[WeightOrder]:
    return (declared.weights,) if declared.weights else ("out,in", "in,out")


def _deltas(*, mean: bool) -> Sequence[Deltas]:
    return ("plain", "samples") if mean else ("plain",)
