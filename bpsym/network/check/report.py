"""Reading a declaration without stopping at the first mistake.

A ``Report`` collects problems. A ``Table`` is a mapping whose keys are asked for one by one, each
with its type; what was never asked for is an unknown key, and ``close`` says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from numbers import Integral, Real
from typing import TypeGuard

from bpsym.errors import BpsymError, Problem, quoted, way_to
from bpsym.text.literals import MOST_DIGITS, decimal

LARGEST_NUMBER = 10**9
MOST_UNKNOWN = 20


class Report:
    """The problems of one declaration, in the order in which they were seen."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, where: str, what: str, expected: str, got: str, way_out: str) -> None:
        """Note a problem; see ``Problem``."""
        self.problems.append(Problem(where, what, expected, got, way_out))

    def note(self, problem: Problem | None) -> bool:
        """Note a problem if there is one; True if there was."""
        if problem is not None:
            self.problems.append(problem)
        return problem is not None

    def in_order(self) -> list[Problem]:
        """The problems in the order of a declaration: what is for all, layers, losses."""
        return sorted(dict.fromkeys(self.problems), key=lambda each: _position(each.where))

    def take(self, error: BpsymError) -> None:
        """Note all problems of an error."""
        self.problems.extend(error.problems)


def _position(where: str) -> tuple[int, int]:
    """Where in a declaration a place is, read off its words: ``activation of layer 2 of ...``."""
    found = re.search(r"\b(layer|loss)\b(?: (\d+))?", re.sub(r"'[^']*'", "", where))
    if found is None:
        return 0, 0
    return (1 if found[1] == "layer" else 2), int(found[2] or 0)


def exact(value: object) -> Fraction | None:
    """A number as it was written: int, float (by its shortest decimal), Fraction, or text.

    Text is a decimal or a ratio such as ``1/3``. None for anything else, nan and infinity.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        parts = [decimal(part) for part in value.split("/")] if len(value) <= 90 else []
        if len(parts) == 1:
            return parts[0]
        top, bottom = parts if len(parts) == 2 else (None, None)
        return top / bottom if top is not None and bottom else None
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Integral):
        return Fraction(int(value))
    if isinstance(value, Real):
        number = float(value)
        return Fraction(repr(number)) if math.isfinite(number) else None
    return None


class Table:
    """A mapping of a declaration, and the place it stands at."""

    def __init__(self, values: Mapping[str, object], where: str, report: Report) -> None:
        self.values = values
        self.where = where
        self.report = report
        self.asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        """Whether a key is there; one that is None (in Python) is not."""
        return self.values.get(key) is not None

    def get(self, key: str) -> object:
        """The raw value of a key, or None."""
        self.asked.append(key)
        return self.values.get(key)

    def wrong(self, key: str, expected: str, way_out: str) -> None:
        """Note that the value of a key is not what it should be."""
        self.report.add(
            self.where, f"{key} is not right", expected, shown(self.values.get(key)), way_out
        )

    def text(self, key: str, expected: str = "text") -> str | None:
        """The text of a key, or None if it is missing or wrong (which is noted)."""
        value = self.get(key)
        if value is not None and not isinstance(value, str):
            self.wrong(key, expected, f'write {key} = "..."')
            return None
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        """One of a few words, or None if it is missing or wrong."""
        value = self.text(key, " or ".join(choices))
        if value is not None and value not in choices:
            self.wrong(key, " or ".join(choices), way_to(value, choices, f"write {choices[0]}"))
            return None
        return value

    def flag(self, key: str) -> bool | None:
        """True or false, or None if it is missing or wrong."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "true or false", f"write {key} = true, or leave it out")
            return None
        return value

    def integer(self, key: str, largest: int) -> int | None:
        """An integer from 1 to ``largest``, or None if it is missing or wrong."""
        value = self.get(key)
        if value is None:
            return None
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        number = int(value) if whole and isinstance(value, Integral) else 0
        if not 1 <= number <= largest:
            self.wrong(key, f"an integer from 1 to {largest}", f"write {key} = 3, for example")
            return None
        return number

    def number(self, key: str) -> Fraction | None:
        """An exact number, or None if it is missing or wrong."""
        value = self.get(key)
        if value is None:
            return None
        number = exact(value)
        if number is None or abs(number) > LARGEST_NUMBER or not _is_short(number):
            self.wrong(
                key,
                f"a number of at most {MOST_DIGITS} digits, up to 10^9",
                f'write {key} = 0.5 or {key} = "1/3", for example',
            )
            return None
        return number

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A text or a list of texts, as a tuple, or None if it is missing or wrong."""
        value = self.get(key)
        if value is None:
            return None
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not listed:
            self.wrong(key, "a name or a list of names", f'write {key} = ["h1", "h2"]')
            return None
        if not all(isinstance(each, str) for each in listed):
            self.wrong(
                key, 'names in quotes (an unnamed layer by its number: "1")', f'write {key} = ["1"]'
            )
            return None
        return tuple(listed)

    def mapping(self, key: str, expected: str, way_out: str) -> Mapping[str, object] | None:
        """A mapping with keys of text, or None if it is missing or wrong."""
        value = self.get(key)
        if value is None:
            return None
        if not is_mapping(value):
            self.wrong(key, expected, way_out)
            return None
        return value

    def close(self, hints: Mapping[str, str] | None = None) -> None:
        """Note every key that nobody asked for; ``hints`` are ways out of expected mistakes."""
        known = dict.fromkeys(self.asked)
        unknown = [key for key in self.values if key not in known]
        for key in unknown[:MOST_UNKNOWN]:
            hint = (hints or {}).get(key)
            way_out = hint or way_to(key, known, "leave it out")
            self.report.add(self.where, "unknown key", listing(known), quoted(key), way_out)
        if len(unknown) > MOST_UNKNOWN:
            got = f"{len(unknown)} others"
            self.report.add(self.where, "unknown keys", listing(known), got, "leave them out")


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether a value is a mapping whose keys are all text."""
    if not isinstance(value, Mapping):
        return False
    return all(isinstance(key, str) for key in value)


def listing(names: Iterable[str]) -> str:
    """``one of a, b, c``; a single name stands alone."""
    named = list(names)
    if len(named) < 2:
        return named[0] if named else "nothing"
    return "one of " + ", ".join(named)


def shown(value: object) -> str:
    """A value of a declaration, as messages show it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**30:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Fraction) and _is_short(value):
        whole = value.denominator == 1
        return f"{value.numerator}.0" if whole else f"{float(value):g}"
    return "none" if value is None else f"a value of type {type(value).__name__}"


def _is_short(number: Fraction) -> bool:
    bound: int = 10**MOST_DIGITS
    return number.denominator <= bound and abs(number.numerator) <= bound
