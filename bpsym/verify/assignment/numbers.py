"""The numbers on which blanks are judged: every value of the pass, at a few random points.

The values are those of the derivation, held against differences of the loss. Parameters and inputs
have few digits, so that an example can be read and computed by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bpsym.arrays.evaluate import run
from bpsym.arrays.program import Program
from bpsym.calculus.system import SAMPLES, Role
from bpsym.emit.source import INDENT, WIDTH
from bpsym.errors import EmitError
from bpsym.typeset.terminal.columns import wrap
from bpsym.verify.numbers.points import kinks_of, random_point
from bpsym.verify.numbers.reference import Reference
from bpsym.worked.code import stored

if TYPE_CHECKING:
    from bpsym.verify.diagnosis.observe import Arrays, Point

# No batch size is a width, nor the square or the double of another: a factor tells what it is.
BATCHES = (5, 7, 11, 13, 17, 19, 3, 23)
TRIES = 200
# How near a kink a pre-activation may come.
MARGIN = 1e-3
# A value that is no larger everywhere is zero but for rounding, and nothing can be held against it.
ROUNDING = 1e-10
MOST_VALUES = 20_000


def examples(
    reference: Reference, program: Program, seed: int, *, judged: Sequence[str]
) -> list[dict[str, NDArray[Any]]]:
    """All values of the pass at two points of different batch sizes, stored as in the program.

    judged: names of values none of which may be zero throughout, or a zero would pass for right.
    Raises EmitError if there is no such point, or there are too many numbers to write down.
    """
    widths = set(reference.system.sizes.values())
    rng = np.random.default_rng(seed)
    batches = [m for m in BATCHES if m not in widths][:2]
    return [at_batch(reference, program, m, rng, judged=judged, decimals=3) for m in batches]


def at_batch(
    reference: Reference,
    program: Program,
    m: int,
    rng: np.random.Generator,
    *,
    judged: Sequence[str],
    decimals: int,
) -> dict[str, NDArray[Any]]:
    """All values of the pass at a point with ``m`` samples, ``m`` itself among them."""
    _require_small(reference)
    kinks = kinks_of(reference)
    for _ in range(TRIES):
        point = _rounded(random_point(reference, m, rng), reference, decimals)
        values = reference.at(point).values
        gaps = [np.abs(values[kink.z] - at).min() for kink in kinks for at in kink.places]
        finite = all(np.isfinite(each).all() for each in values.values())
        alive = all(np.abs(values[name]).max() > ROUNDING for name in judged)
        if finite and alive and min(gaps, default=1.0) > MARGIN:
            reference.guard(point)
            given = {name: stored(name, each, program) for name, each in point.values.items()}
            found = run(program, given)
            return {SAMPLES: np.asarray(m), **found}
    raise EmitError.single(
        where="assignment",
        what="no example was found on which every blank can be judged",
        expected=f"finite values that are not all zero at one of {TRIES} random points",
        got="none",
        way_out="give another --seed, or wider layers",
    )


def _rounded(point: Point, reference: Reference, decimals: int) -> Point:
    """The point with few digits; targets that must sum to one stay as they are.

    No parameter and no input becomes 0, which would hide what it is multiplied with.
    """
    bound = reference.derivation.record.assumptions

    def short(values: Arrays) -> Arrays:
        rounded = {name: np.round(each, decimals) for name, each in values.items()}
        least = 10.0**-decimals
        return {name: np.where(each == 0, least, each) for name, each in rounded.items()}

    real = {name: np.round(each, decimals) for name, each in point.targets.items()}
    targets = {**real, **{n: each for n, each in point.targets.items() if n in bound}}
    return replace(point, params=short(point.params), inputs=short(point.inputs), targets=targets)


def _require_small(reference: Reference) -> None:
    count = sum(
        int(np.prod([reference.system.sizes[label] for label in each.sizes]))
        for each in reference.system.of_role(Role.PARAMETER)
    )
    if count > MOST_VALUES:
        raise EmitError.single(
            where="assignment",
            what="the example would be too large to write down",
            expected=f"at most {MOST_VALUES} parameters",
            got=str(count),
            way_out="choose narrower layers: the lines are the same",
        )


def largest(value: NDArray[Any]) -> tuple[int, ...]:
    """The place of the entry that is largest in size: the one that rounding moves least."""
    return tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(value)), value.shape))


def literal(value: NDArray[Any], digits: int) -> str:
    """An array as lists of numbers with so many significant digits."""

    def nested(part: object) -> str:
        if isinstance(part, list):
            return f"[{', '.join(map(nested, part))}]"
        # Adding zero makes -0.0 a plain 0.0.
        return repr(float(f"{part:.{digits}g}") + 0.0 if isinstance(part, float) else part)

    return nested(value.tolist())


def entry(name: str, value: NDArray[Any], digits: int, indent: int) -> list[str]:
    """An entry of a dict; the rows of an array that does not fit on a line stand on lines each."""
    space = INDENT * indent
    whole = f'{space}"{name}": {literal(value, digits)},'
    if len(whole) <= WIDTH or value.ndim < 2:
        return wrap(whole.strip(), WIDTH, initial_indent=space, subsequent_indent=space + INDENT)
    lines = [f'{space}"{name}": [']
    for row in value:
        text, inner = f"{literal(row, digits)},", space + INDENT
        lines += wrap(text, WIDTH, initial_indent=inner, subsequent_indent=inner + " ")
    return [*lines, f"{space}],"]
