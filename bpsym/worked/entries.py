"""The arrays of a declaration: every parameter, input and target in its shape, or what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from bpsym.calculus.system import SAMPLES, Role, Tensor
from bpsym.errors import Problem, quoted, way_to
from bpsym.network.build import BuiltNetwork
from bpsym.network.check.report import exact
from bpsym.text.literals import MOST_DIGITS

Array = npt.NDArray[Any]

MOST_SAMPLES = 1000
LARGEST = 1e6
# Keys of a declaration that are no arrays.
OPTIONS = ("rate", "digits")
WAY_OUT = "correct the file, or take --numbers seed:0"
_ROUNDED = 1e-9
_HUGE = 1e300
_DEEPEST = 8
_LONGEST = 24
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,300}\.?[0-9]{0,300}|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,9})?")


class ArrayReader:
    """Reads the arrays of a mapping and notes every problem."""

    def __init__(
        self,
        built: BuiltNetwork,
        given: Mapping[str, object],
        where: str,
        problems: list[Problem],
    ) -> None:
        self.system = built.system
        self.given = given
        self.where = where
        self.problems = problems
        self.tensors = self.system.of_role(Role.PARAMETER, Role.INPUT, Role.TARGET)
        self.labels = {
            built.targets[str(loss.target)]
            for loss in built.network.losses
            if loss.target is not None and built.target_kind(loss) == "distribution"
        }
        self.samples: int | None = None

    def arrays(self) -> tuple[dict[str, Array], int]:
        names = [each.name for each in self.tensors]
        for key in self.given:
            if key not in names and key not in OPTIONS:
                self._add(
                    f"unknown name {quoted(key)}",
                    "one of " + ", ".join([*names, *OPTIONS]),
                    quoted(key),
                    way_to(key, [*names, *OPTIONS], "leave it out"),
                )
        missing = [each for each in self.tensors if each.name not in self.given]
        for tensor in missing:
            self._add(f"{tensor.name} is missing", self._shape_text(tensor), "nothing", WAY_OUT)
        found = {}
        # Inputs first: they tell how many samples there are.
        for tensor in sorted(self.tensors, key=lambda each: each.role is not Role.INPUT):
            if tensor.name in self.given:
                array = self._array(tensor, self.given[tensor.name])
                if array is not None:
                    found[tensor.name] = array
        return found, self.samples or 1

    def _array(self, tensor: Tensor, value: object) -> Array | None:
        problem = self._first_wrong(tensor.name, value)
        if problem is not None:
            self.problems.append(problem)
            return None
        shape = _shape(value)
        if shape is None:
            self._add(
                f"{tensor.name} has rows of different lengths",
                self._shape_text(tensor),
                "ragged rows",
                "give every row as many numbers",
            )
            return None
        array = np.array(_floats(value), dtype=float).reshape(shape)
        if tensor.role is not Role.PARAMETER:
            array = self._of_samples(tensor, array)
        wanted = self._shape(tensor)
        if len(array.shape) != len(wanted) or any(
            length not in (None, have) for length, have in zip(wanted, array.shape, strict=True)
        ):
            self._add(
                f"{tensor.name} has the wrong shape",
                self._shape_text(tensor),
                str(array.shape),
                "samples are rows, W is (fan_out, fan_in)",
            )
            return None
        sums = array.sum(axis=-1) if tensor.sums_to_one else np.ones(())
        if np.any(np.abs(sums - 1) > _ROUNDED):
            self._add(
                f"a row of {tensor.name} does not sum to one",
                "rows that sum to one, which the derivation assumes",
                f"{float(np.ravel(sums)[np.argmax(np.abs(sums - 1))]):g}",
                'correct it, or declare the loss with targets = "weights"',
            )
            return None
        if tensor.role is not Role.PARAMETER and self.samples is None:
            self.samples = array.shape[0]
            if not 1 <= self.samples <= MOST_SAMPLES:
                self._add(
                    f"{tensor.name} has {self.samples} samples",
                    f"1 to {MOST_SAMPLES}",
                    str(self.samples),
                    "give a few samples",
                )
        return array

    def _of_samples(self, tensor: Tensor, array: Array) -> Array:
        """One sample may be given as a row by itself; classes may be given as numbers."""
        width = [self.system.sizes[label] for label in tensor.sizes if label != SAMPLES]
        if tensor.name in self.labels and array.ndim == 1 and array.shape != (width[0],):
            whole = array == np.rint(array)
            if np.all(whole & (array >= 0) & (array < width[0])):
                return np.asarray(np.eye(width[0])[array.astype(int)])
        return array[None, :] if array.shape == tuple(width) else array

    def _first_wrong(self, name: str, value: object) -> Problem | None:
        """The first thing in an array that is no number of a size that can be computed with."""
        if _is_deep(value):
            expected = "numbers in at most eight lists"
            return Problem(self.where, f"{name} is nested too deep", expected, "more", WAY_OUT)
        for place, entry in _entries(value, ()):
            at = f"{name}[{','.join(map(str, place))}]" if place else name
            number = exact(entry) if not isinstance(entry, str | Mapping) else None
            if number is None:
                return self._no_number(at, entry)
            if abs(number) > LARGEST:
                return Problem(
                    self.where,
                    f"{at} is too large",
                    f"at most {LARGEST:g} in size",
                    f"{float(number):g}" if abs(number) < _HUGE else "far more",
                    "scale the numbers",
                )
        return None

    def _no_number(self, at: str, entry: object) -> Problem:
        """What is wrong with a text; a number of too many digits stays one when it is read."""
        size = _size_of(entry)
        if size is None:
            expected = "a finite number"
            if isinstance(entry, str) and exact(entry) is not None:
                expected = "a number without quotes"
            got = as_given(entry)
            return Problem(self.where, f"{at} is no number", expected, got, WAY_OUT)
        got = str(entry) if len(str(entry)) <= _LONGEST else "a number of more"
        if size > LARGEST:
            expected = f"at most {LARGEST:g} in size"
            return Problem(self.where, f"{at} is too large", expected, got, "scale the numbers")
        expected, way_out = f"at most {MOST_DIGITS} digits, written out", "round it"
        return Problem(self.where, f"{at} has too many digits", expected, got, way_out)

    def _shape(self, tensor: Tensor) -> tuple[int | None, ...]:
        return tuple(
            self.samples if label == SAMPLES else self.system.sizes[label] for label in tensor.sizes
        )

    def _shape_text(self, tensor: Tensor) -> str:
        parts = [str(each or "m") for each in self._shape(tensor)]
        return f"numbers of the shape ({', '.join(parts)}{',' * (len(parts) == 1)})"

    def _add(self, what: str, expected: str, got: str, way_out: str) -> None:
        self.problems.append(Problem(self.where, what, expected, got, way_out))


def as_given(value: object) -> str:
    """What a user gave as it is shown in a message: numbers as numbers, the rest in quotes."""
    if isinstance(value, Fraction):
        return f"{float(value):g}" if abs(value) < _HUGE else "far more"
    if isinstance(value, int | float):
        text = str(value) if not isinstance(value, bool) else str(value).lower()
        return text if len(text) <= _LONGEST else "far more"
    return quoted(value) if isinstance(value, str) else quoted(repr(value))


def _size_of(entry: object) -> float | None:
    """The size of a number of too many digits to be exact, None for anything else."""
    if not isinstance(entry, str) or _NUMBER.fullmatch(entry) is None or exact(entry) is not None:
        return None
    return abs(float(entry))


def _entries(value: object, place: tuple[int, ...]) -> Iterable[tuple[tuple[int, ...], object]]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, str):
        for number, each in enumerate(value, 1):
            yield from _entries(each, (*place, number))
    else:
        yield place, value


def _is_deep(value: object) -> bool:
    """Whether lists are nested more than any tensor has dimensions."""
    level = [value]
    for _ in range(_DEEPEST + 1):
        level = [
            each
            for inner in level
            if isinstance(inner, Sequence) and not isinstance(inner, str)
            for each in inner
        ]
    return bool(level)


def _shape(value: object) -> tuple[int, ...] | None:
    """The shape of nested lists, None if rows differ."""
    if isinstance(value, np.ndarray):
        return tuple(value.shape)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    inner = {_shape(each) for each in value}
    if len(inner) > 1 or None in inner:
        return None
    return (len(value), *(inner.pop() or () if inner else ()))


def _floats(value: object) -> list[float]:
    found = []
    for _, entry in _entries(value, ()):
        number = exact(entry)
        assert number is not None
        found.append(float(number))
    return found
