"""The numbers that a network is worked with: from a file, from a seed, or from a mapping.

    --numbers mazur.toml        X = [[0.05, 0.1]], Y = ..., W1 = ..., b1 = ..., rate = 0.5
    --numbers seed:0            random numbers of two digits

A file has the names of emitted code as keys and arrays in the layout of rows: ``X`` (m, n0),
``W1`` (n1, n0), ``b1`` (n1,). ``rate`` and ``digits`` are optional.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from bpsym.calculus.system import SAMPLES, Role
from bpsym.errors import Problem, quoted, way_to
from bpsym.network.build import BuiltNetwork
from bpsym.network.check.report import exact
from bpsym.network.declare.files import from_json, from_toml, is_path
from bpsym.network.limits import LARGEST_FILE
from bpsym.worked.entries import LARGEST, MOST_SAMPLES, WAY_OUT, ArrayReader, as_given
from bpsym.worked.problems import NumbersError
from bpsym.worked.seeds import seeded

Array = npt.NDArray[Any]

RATE, DIGITS, SAMPLES_OF_A_SEED = 0.5, 6, 1
FEWEST_DIGITS, MOST_DIGITS = 2, 15
_RATES = f"a positive number of at most {LARGEST:g}"
_SEED = re.compile(r"(?:seed:)?([0-9]{1,9})")


@dataclass(frozen=True, eq=False)
class Numbers:
    """Given values.

    values: parameters, inputs and targets by the names of their tensors; samples are rows.
    rate: the learning rate. digits: significant digits that results are printed with.
    frozen: the parameters that a step of gradient descent leaves as they are.
    """

    values: Mapping[str, Array]
    samples: int
    rate: float = RATE
    digits: int = DIGITS
    frozen: tuple[str, ...] = ()

    def sample(self, built: BuiltNetwork, number: int = 1) -> Numbers:
        """The same with one sample only, by its number from 1, for formulas of one sample."""
        tensors = built.system.tensors
        kept = {
            name: array[number - 1 : number] if SAMPLES in tensors[name].sizes else array
            for name, array in self.values.items()
        }
        return Numbers(kept, 1, self.rate, self.digits, self.frozen)


def read_numbers(
    source: str | int | Mapping[str, object],
    built: BuiltNetwork,
    *,
    samples: int | None = None,
    rate: float | None = None,
    digits: int | None = None,
    freeze: Iterable[str] = (),
) -> Numbers:
    """The numbers for a network.

    source: the path of a file, ``"seed:0"``, a seed, or a mapping with the keys of a file.
    samples: of a seed, 1 if left out. rate, digits: win over those of the file.
    Raises NumbersError with all problems at once, NetworkError for a file that is no TOML or JSON.
    """
    frozen = _frozen(freeze, built)
    problems: list[Problem] = []
    seed = _seed_of(source)
    if seed is not None:
        wanted = SAMPLES_OF_A_SEED if samples is None else samples
        if not 1 <= wanted <= MOST_SAMPLES:
            problems.append(
                Problem(
                    "--samples",
                    "without a sample there are no numbers"
                    if wanted < 1
                    else "so many samples cannot be written down",
                    f"1 to {MOST_SAMPLES}",
                    str(wanted),
                    "take 3" if wanted < 1 else "take a few",
                )
            )
            raise NumbersError(*problems)
        values, given, where = seeded(built, seed, wanted), dict[str, object](), "--numbers"
        found = Numbers(values, wanted)
    else:
        where, given = _declared(source)
        if samples is not None:
            problems.append(
                Problem(
                    "--samples",
                    "the samples are in the file",
                    "--samples with --numbers seed:N only",
                    f"{samples}, and {where}",
                    "leave out --samples",
                )
            )
        reader = ArrayReader(built, given, where, problems)
        values, count = reader.arrays()
        found = Numbers(values, count)
    chosen = (
        _rate(given, where, problems) if rate is None else _rate({"rate": rate}, "--rate", problems)
    )
    shown = (
        _digits(given, where, problems)
        if digits is None
        else _digits({"digits": digits}, "--digits", problems)
    )
    if problems:
        raise NumbersError(*problems)
    return Numbers(found.values, found.samples, chosen, shown, frozen)


def _seed_of(source: object) -> int | None:
    if isinstance(source, bool):
        return None
    if isinstance(source, int):
        return source if source >= 0 else None
    match = _SEED.fullmatch(source.strip()) if isinstance(source, str) else None
    return int(match[1]) if match else None


def _declared(source: object) -> tuple[str, dict[str, object]]:
    """Where numbers stand, and what stands there."""
    if isinstance(source, Mapping):
        return "the numbers", {str(key): value for key, value in source.items()}
    text = str(source)
    if not is_path(text):
        raise NumbersError.single(
            where="--numbers",
            what="this is neither a file nor a seed",
            expected="a .toml or .json file, or seed:0",
            got=quoted(text),
            way_out="write for example --numbers seed:0",
        )
    where = f"file {quoted(text)}"
    try:
        with Path(text).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise ValueError(f"more than {LARGEST_FILE} bytes")
        content = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise NumbersError.single(
            where=where,
            what="the file cannot be read",
            expected="a text file in UTF-8 of at most a megabyte",
            got=getattr(error, "strerror", None) or str(error)[:80],
            way_out="check the path, or take --numbers seed:0",
        ) from None
    read = from_json if text.lower().endswith(".json") else from_toml
    return where, read(content, where, holds="numbers")


def _rate(given: Mapping[str, object], where: str, problems: list[Problem]) -> float:
    value = given.get("rate", RATE)
    number = exact(value) if not isinstance(value, str) else None
    if number is None or not 0 < number <= LARGEST:
        way_out = WAY_OUT if where != "--rate" else f"leave --rate out for {RATE:g}"
        problems.append(
            Problem(where, "this is no learning rate", _RATES, as_given(value), way_out)
        )
        return RATE
    return float(number)


def _digits(given: Mapping[str, object], where: str, problems: list[Problem]) -> int:
    value = given.get("digits", DIGITS)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, int) or not is_number or not FEWEST_DIGITS <= value <= MOST_DIGITS:
        what = "this is no number of digits"
        if isinstance(value, int) and is_number:
            too_few = "so few digits would say nothing"
            what = too_few if value < FEWEST_DIGITS else "so many digits cannot be printed"
        problems.append(
            Problem(
                where,
                what,
                f"{FEWEST_DIGITS} to {MOST_DIGITS}",
                as_given(given.get("digits")),
                f"leave digits out for {DIGITS}",
            )
        )
        return DIGITS
    return value


def _frozen(names: Iterable[str], built: BuiltNetwork) -> tuple[str, ...]:
    """The parameters that are not to be changed. Raises NumbersError for what is none."""
    names = tuple(names)
    known = [each.name for each in built.system.of_role(Role.PARAMETER)]
    problems = [
        Problem(
            "--freeze",
            f"{quoted(name)} is no parameter",
            "one of " + ", ".join(known[:20]),
            quoted(name),
            way_to(name, known, "write for example --freeze b1,b2"),
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise NumbersError(*problems)
    return tuple(dict.fromkeys(names))
