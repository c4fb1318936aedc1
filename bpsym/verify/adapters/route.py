"""What every shape of code amounts to: a script of steps, and a way to read its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from bpsym.errors import BpsymError

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Form


class ReadingError(BpsymError):
    """Code that comes in a shape that is not recognised; says the one thing that is missing."""


OPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "samples": ("rows", "columns", "one"),
        "weights": ("out,in", "in,out"),
        "bias": ("flat", "column", "row"),
    }
)


@dataclass(frozen=True)
class Options:
    """What the user may say about the code, each None for `find out`.

    samples: rows, columns or one (a sample per call). weights: ``out,in`` or ``in,out``.
    bias: flat, column or row. rate: the learning rate of an update step that has it fixed.
    """

    samples: Literal["rows", "columns", "one"] | None = None
    weights: Literal["out,in", "in,out"] | None = None
    bias: Literal["flat", "column", "row"] | None = None
    rate: float | None = None

    def allows(self, form: Form) -> bool:
        """Whether a form is compatible with what was said."""
        if self.samples is not None:
            said = "one" if form.single else "columns" if form.columns else "rows"
            if said != self.samples:
                return False
        if self.weights is not None and form.transposed != (self.weights == "in,out"):
            return False
        return self.bias is None or form.bias == self.bias


def options_of(
    samples: str | None, weights: str | None, bias: str | None, rate: float | None
) -> Options:
    """Options from plain values.

    Raises ReadingError for a word that is not known.
    """
    given = {"samples": samples, "weights": weights, "bias": bias}
    for name, value in given.items():
        if value is not None and value not in OPTIONS[name]:
            raise ReadingError.single(
                where=f"verify({name}=...)",
                what=f"unknown value for {name}",
                expected=" or ".join(map(repr, OPTIONS[name])),
                got=repr(value),
                way_out="leave it out to have it found out",
            )
    return Options(samples, weights, bias, rate)  # type: ignore[arg-type] # checked above
