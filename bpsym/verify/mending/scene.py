"""What the names of the user's code stand for, told by their values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from bpsym.verify.adapters.forms import Form

Array = npt.NDArray[Any]
CLOSE = 1e-9
COARSE = 1e-5
# A scalar here and there may be equal by chance.
FEWEST = 4


def spelled(
    sight: Mapping[str, Array],
    tensors: Mapping[str, Array],
    parameters: Sequence[str],
    form: Form,
    counters: frozenset[str] = frozenset(),
    *,
    one: bool = False,
) -> dict[str, str]:
    """Name in the derivation -> what the user's code calls it at this place, turned if need be.

    counters: the variables of the loops around the place; a name with one of them in it will do
    the next time round too. one: the place is about one sample of several.
    """
    found: dict[str, str] = {}
    for name, array in tensors.items():
        mine = np.asarray(array)
        if name in parameters:
            mine = form.parameter(mine)
        elif mine.ndim == 2:
            mine = form.samples_of(mine)
        if one and name not in parameters and mine.ndim == 2:
            mine = np.asarray(array)[0]  # of the first sample
        fits = [text for text, value in sight.items() if equal(value, mine)]
        turned = [
            f"{text}.T"
            for text, value in sight.items()
            if value.ndim == 2 and mine.ndim == 2 and equal(value.T, mine)
        ]
        if fits or turned:
            found[name] = min(fits or turned, key=lambda text: _rank(text, counters, name))
    return found


def by_entry(
    sights: Sequence[Sequence[tuple[str, Any]]],
    tensors: Mapping[str, Array],
    counters: frozenset[str],
) -> dict[str, str]:
    """Name in the derivation -> the text that holds one entry of it, each time round a loop."""
    seen: dict[str, list[float]] = {}
    for sight in sights:
        for text, value in sight:
            if isinstance(value, float) or (
                np.ndim(value) == 0 and np.asarray(value).dtype == "f8"
            ):
                seen.setdefault(text, []).append(float(value))
    found: dict[str, str] = {}
    for name, array in tensors.items():
        entries = np.ravel(np.asarray(array))[:, None]
        fits = [
            text
            for text, each in seen.items()
            if len(set(each)) > 1
            and entries.size > 1
            and np.all(np.any(np.isclose(entries, each, rtol=CLOSE, atol=0), axis=0))
        ]
        if fits:
            found[name] = min(fits, key=lambda text: _rank(text, counters, name))
    return found


def labels(
    sight: Mapping[str, Array], targets: Mapping[str, Array], *, columns: bool, one: bool
) -> dict[str, str]:
    """Targets with a one in each row -> rows of the unit matrix, where the code has the labels."""
    found: dict[str, str] = {}
    for name, array in targets.items():
        if array.ndim != 2 or not np.all(np.isin(array, (0, 1))):
            continue
        classes = np.argmax(array, axis=1)
        width = array.shape[1]
        whole = {text: each for text, each in sight.items() if each.dtype.kind in "iu"}
        for text, value in whole.items():
            if not one and value.shape == classes.shape == (len(array),):
                if np.array_equal(value, classes) and len(classes) > 1:
                    found[name] = f"np.eye({width})[{text}]" + (".T" if columns else "")
            elif value.ndim == 0 and "[" in text and value == classes[0]:  # of one sample
                found.setdefault(name, f"np.eye({width})[{text}]")
    return found


def _rank(text: str, counters: frozenset[str], name: str) -> tuple[bool, bool, int]:
    """What varies with the loop comes first, then what is called the same, then what is short."""
    words = set(re.findall(r"[A-Za-z_]\w*", text))
    constant = bool(counters) and "[" in text and not words & counters
    return constant, text.lower() != name.lower(), len(text)


def counts(sight: Mapping[str, Array], m: int) -> list[str]:
    """The texts that hold the number of samples."""
    if m == 1:
        return []
    texts = [t for t, v in sight.items() if v.ndim == 0 and v == m]
    return sorted(texts, key=lambda text: (len(text) > 2, text.startswith("len"), len(text)))


def unused(inside: ast.AST) -> list[str]:
    """The names that a function gives to something and never reads."""
    names = [each for each in ast.walk(inside) if isinstance(each, ast.Name)]
    read = {each.id for each in names if isinstance(each.ctx, ast.Load)}
    stored = dict.fromkeys(each.id for each in names if isinstance(each.ctx, ast.Store))
    return [each for each in stored if each not in read]


def equal(value: Array, wanted: Array, close: float = CLOSE) -> bool:
    """Whether two arrays hold the same numbers; axes of length one do not count."""
    if value.size != wanted.size or value.dtype.kind not in "fiub":
        return False
    if np.squeeze(value).shape != np.squeeze(wanted).shape:
        return False
    scale = float(np.max(np.abs(wanted), initial=0.0))
    if not scale:
        return not np.any(value)
    return bool(np.max(np.abs(np.squeeze(value) - np.squeeze(wanted))) <= close * scale)


def proportional(value: Array, wanted: Array) -> bool:
    """Whether one array is the other times a number."""
    if value.size != wanted.size or value.size < FEWEST or value.dtype.kind != "f":
        return False
    if np.squeeze(value).shape != np.squeeze(wanted).shape:
        return False
    one, other = np.ravel(value), np.ravel(wanted)
    lengths = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    return lengths > 0 and abs(abs(float(one @ other)) - lengths) <= 1e-12 * lengths


def ratio(value: Array, wanted: Array) -> float | None:
    """The number that one array is times the other, if it is one and not 1."""
    largest = np.unravel_index(int(np.argmax(np.abs(wanted))), wanted.shape)
    if value.shape != wanted.shape or not wanted[largest]:
        return None
    factor = float(value[largest] / wanted[largest])
    return factor if abs(factor - 1) > CLOSE and equal(value, factor * wanted) else None


def located(
    values: Sequence[tuple[int, Any]],
    wanted: Array,
    *,
    loosely: bool = False,
    coarse: bool = False,
) -> Iterator[int]:
    """The places that gave an array, in the order of the calls.

    The array may be turned round, may be of the first sample alone, or be given number by number;
    loosely: it may be times a number too. coarse: it may be right to seven digits only.
    """
    forms = [wanted]
    if wanted.ndim == 2:
        forms += [wanted.T, *((wanted[0],) if wanted.shape[1] > 1 else ())]
    close = COARSE if coarse else CLOSE
    numbers: dict[int, list[float]] = {}
    for number, value in values:
        array = np.asarray(value)
        if array.ndim == 0:
            numbers.setdefault(number, []).append(float(array))
        if any(
            proportional(array, each) if loosely else equal(array, each, close) for each in forms
        ):
            yield number
    if loosely or wanted.size < 2:
        return
    flat = np.ravel(wanted)[:6]
    for number, seen in numbers.items():
        if all(np.any(np.isclose(seen, each, rtol=CLOSE, atol=0)) for each in flat):
            yield number


def alike(
    values: Sequence[tuple[int, Any]], wanted: Array, right: Sequence[Array]
) -> Iterator[int]:
    """The places whose value has the shape of what is wanted and is nothing that is known."""
    for number, value in values:
        array = np.asarray(value)
        shape = np.squeeze(wanted).shape
        if array.size == wanted.size and np.squeeze(array).shape in (shape, shape[::-1]):
            known = any(equal(array, each) or equal(array.T, each) for each in right)
            if not known:
                yield number
