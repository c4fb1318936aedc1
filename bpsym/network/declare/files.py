"""TOML and JSON: the same keys in both, read exactly (``0.1`` is one tenth) and written back.

Reading gives the mapping that ``check.settled`` takes; writing gives text that reads back to an
equal network.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from bpsym.errors import NetworkError, quoted
from bpsym.network.check.report import exact
from bpsym.network.limits import LARGEST_FILE

ENDINGS = (".toml", ".json")
MOST_DOTS = 300


def is_path(text: str) -> bool:
    """Whether a SPEC argument names a file."""
    return text.lower().endswith(ENDINGS)


def loaded(path: str) -> dict[str, object]:
    """The declaration in a file. Raises NetworkError if it cannot be read or parsed."""
    where = f"file {quoted(path)}"
    data = _bytes(path, where)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NetworkError.single(
            where=where,
            what="the file is not UTF-8",
            expected="UTF-8 text",
            got=f"byte 0x{data[error.start]:02x} at position {error.start}",
            way_out="save it as UTF-8",
        ) from None
    return from_json(text, where) if path.lower().endswith(".json") else from_toml(text, where)


def _bytes(path: str, where: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NetworkError.single(
            where=where,
            what="the file cannot be read",
            expected="a file",
            got=reason[:1].lower() + reason[1:],
            way_out="check the path; a shorthand such as 2-3-1 needs no file",
        ) from None
    if len(data) > LARGEST_FILE:
        raise NetworkError.single(
            where=where,
            what="the file is too large",
            expected=f"at most {LARGEST_FILE} bytes",
            got="more",
            way_out="declare a smaller network",
        )
    return data


def from_toml(text: str, where: str = "TOML", *, holds: str = "a declaration") -> dict[str, object]:
    """The declaration in a TOML text, or what else it ``holds``.

    Raises NetworkError with the line of a mistake.
    """
    _check_keys(text, where)
    try:
        return tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable("TOML", str(error), where, holds) from None
    except RecursionError:
        raise _unreadable("TOML", "brackets in brackets without end", where, holds) from None
    except ValueError:  # an integer of more digits than Python reads
        raise _unreadable("TOML", "a number of thousands of digits", where, holds) from None


def from_json(text: str, where: str = "JSON", *, holds: str = "a declaration") -> dict[str, object]:
    """The declaration in a JSON text, or what else it ``holds``.

    Raises NetworkError with the line of a mistake.
    """
    try:
        value = json.loads(
            text, parse_float=_number, parse_int=_integer, object_pairs_hook=_without_duplicates
        )
    except RecursionError:
        raise _unreadable("JSON", "brackets in brackets without end", where, holds) from None
    except ValueError as error:
        raise _unreadable("JSON", str(error), where, holds) from None
    if not isinstance(value, dict):
        raise NetworkError.single(
            where=where,
            what="this JSON is no object",
            expected=f"an object with {holds}, {{...}}",
            got={list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number"),
            way_out=f"put {holds} into braces",
        )
    return value


def _number(text: str) -> object:
    """A decimal as a Fraction; what is none (nan, a vast exponent) stays text and is refused."""
    value = exact(text.replace("_", ""))
    return text if value is None else value


def _integer(text: str) -> object:
    return int(text) if len(text) <= 40 else text


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name, other in pairwise(sorted(names)) if name == other)
        raise ValueError(f"the key {quoted(twice)} stands twice in one object")
    return table


def _check_keys(text: str, where: str) -> None:
    """Raise NetworkError for a line with more dots than any: tomllib is slow at dotted keys."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > MOST_DOTS:
            raise NetworkError.single(
                where=where,
                what=f"line {number} has too many dots",
                expected=f"at most {MOST_DOTS}",
                got=str(line.count(".")),
                way_out="write layers as [[layer]], and one key on a line",
            )


def _unreadable(form: str, message: str, where: str, holds: str) -> NetworkError:
    return NetworkError.single(
        where=where,
        what=f"this is not {form}",
        expected=f"{holds} in {form}",
        got=message[:200].rstrip("."),
        way_out="correct that line; a text needs quotes",
    )


def to_toml(declaration: Mapping[str, object]) -> str:
    """The TOML text of a declaration (what ``describe`` gives)."""
    lines: list[str] = []
    tables: list[str] = []
    for key, value in declaration.items():
        if isinstance(value, Mapping):
            tables += ["", f"[{key}]", *(f"{name} = {_toml(v)}" for name, v in value.items())]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for each in value:
                tables += ["", f"[[{key}]]", *(f"{name} = {_toml(v)}" for name, v in each.items())]
        else:
            lines.append(f"{key} = {_toml(value)}")
    return "\n".join([*lines, *tables]).lstrip("\n") + "\n"


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(v)}" for key, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return _scalar(value)


def to_json(declaration: Mapping[str, object]) -> str:
    """The JSON text of a declaration, with exact decimals."""
    return _json(declaration, "") + "\n"


def _json(value: object, indent: str) -> str:
    deeper = indent + "  "
    if isinstance(value, Mapping) and value:
        items = (f"{deeper}{_scalar(key)}: {_json(v, deeper)}" for key, v in value.items())
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], Mapping):
            items = (deeper + _json(each, deeper) for each in value)
            return "[\n" + ",\n".join(items) + f"\n{indent}]"
        return "[" + ", ".join(_json(each, deeper) for each in value) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    """A text, number or truth value, written alike in TOML and JSON."""
    if isinstance(value, Fraction):
        return in_digits(value) or f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return json.dumps(value)


def in_digits(value: Fraction) -> str | None:
    """The finite decimal that a number equals, or None if there is none of at most 40 digits."""
    places = 0
    while value.denominator != 1 and places <= 40:
        value, places = value * 10, places + 1
    if value.denominator != 1 or len(str(abs(value.numerator))) + places > 40:
        return None
    digits = str(abs(value.numerator)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
