"""The pass, step by step, and which of the steps are left to the student."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sympy as sp

from bpsym.arrays.program import Program, Statement
from bpsym.calculus.system import SAMPLES, Role, System
from bpsym.calculus.terms.indexed import name_of
from bpsym.emit.context import constants_of
from bpsym.errors import EmitError, Problem, quoted, way_to

Kind = Literal["forward", "cost", "delta", "gradient"]

COST = "C"
# What a teacher may write for several steps at once, and the kinds that it means.
GROUPS: Mapping[str, tuple[Kind, ...]] = {
    "all": ("forward", "cost", "delta", "gradient"),
    "forward": ("forward", "cost"),
    "backward": ("delta", "gradient"),
    "deltas": ("delta",),
    "gradients": ("gradient",),
}
_POINTS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class Step:
    """One value of the pass: ``z1``, ``a1``, ``C``, ``delta2``, ``dW1``.

    statements: the one line that computes it, or for the cost one for each of its terms.
    reads: the names of the arrays that its formula and its code read, in the order inputs, forward
    pass, parameters, targets, error signals; ``m`` where nothing else tells the number of samples.
    """

    name: str
    kind: Kind
    statements: tuple[Statement, ...]
    reads: tuple[str, ...]

    @property
    def function(self) -> str:
        """The name of the function that a student writes for it."""
        return f"compute_{self.name}"

    @property
    def needs_m(self) -> bool:
        """Whether the number of samples enters."""
        return any(SAMPLES in constants_of(each.node) for each in self.statements)


def steps_of(program: Program) -> tuple[Step, ...]:
    """The steps of a pass in the order in which they are computed."""
    place = {name: at for at, name in enumerate(_in_order(program))}

    def step(name: str, kind: Kind, statements: Sequence[Statement]) -> Step:
        own = {each.name for each in statements}
        read = {each for statement in statements for each in _read(statement)} - own
        reads = tuple(sorted(read, key=place.__getitem__))
        made = Step(name, kind, tuple(statements), reads)
        if made.needs_m and samples_in(reads, program) is None:
            return Step(name, kind, made.statements, (*reads, SAMPLES))
        return made

    return (
        *(step(each.name, "forward", [each]) for each in program.forward),
        step(COST, "cost", program.cost),
        *(step(each.name, "delta", [each]) for each in program.backward),
        *(step(each.name, "gradient", [each]) for each in program.gradients),
    )


def _read(statement: Statement) -> set[str]:
    """What a line reads, and what its formula does: log a2 is computed from z2, and needs both."""
    formula = statement.lowered.expression.atoms(sp.Indexed)
    return {*statement.reads, *(statement.names[name_of(each)] for each in formula)}


def _in_order(program: Program) -> Iterable[str]:
    """All names: inputs, the forward pass, parameters, targets, error signals."""
    system = program.system
    yield from (each.name for each in system.of_role(Role.INPUT))
    yield from (each.name for each in program.forward)
    yield from (each.name for each in system.of_role(Role.PARAMETER))
    yield from (each.name for each in system.of_role(Role.TARGET))
    yield from (each.name for each in (*program.cost, *program.backward, *program.gradients))


def samples_in(names: Iterable[str], program: Program) -> str | None:
    """The first of some arrays that has an axis of samples."""
    return next((name for name in names if has_samples(name, program)), None)


def has_samples(name: str, program: Program) -> bool:
    """Whether an array, or the tensor whose error signal it is, has an axis of samples."""
    return SAMPLES in program.system.tensors[tensor_of(name, program.system)].sizes


def tensor_of(name: str, system: System) -> str:
    """The tensor that a name stands for, or whose adjoint it is."""
    if name in system.tensors:
        return name
    return next(each.name for each in system.tensors.values() if each.adjoint == name)


def chosen(blanks: Sequence[str], steps: Sequence[Step]) -> dict[str, float]:
    """The names of the steps that are blank, in the order of the pass, and the points of each.

    blanks: ``delta2``, ``dW1=2``, ``W1`` for ``dW1``, ``loss`` for ``C``, or one of GROUPS; a later
    one wins. The backward pass if there is none.
    Raises EmitError with all names that are no step, and all points that are no number.
    """
    known = {each.name: each for each in steps}
    spelled = {"loss": COST, "cost": COST}
    spelled |= {each.name[1:]: each.name for each in steps if each.kind == "gradient"}
    found: dict[str, float] = {}
    problems: list[Problem] = []
    for text in blanks or ("backward",):
        name, mark, written = (each.strip() for each in text.partition("="))
        if mark and not _POINTS.fullmatch(written):
            problems.append(_no_points(text, written))
            continue
        points = float(written) if mark else 1.0
        if name in known:
            found[name] = points
        elif name in GROUPS:
            found |= {each.name: points for each in steps if each.kind in GROUPS[name]}
        elif name in spelled:
            found[spelled[name]] = points
        else:
            problems.append(_unknown(name, [*known, *GROUPS]))
    if problems:
        raise EmitError(*problems)
    return {each.name: found[each.name] for each in steps if each.name in found}


def _unknown(name: str, known: Sequence[str]) -> Problem:
    return Problem(
        f"blank {quoted(name)}",
        "this is no line of the pass",
        "one of " + ", ".join(known),
        quoted(name),
        way_to(name, known, "choose one of those"),
    )


def _no_points(text: str, written: str) -> Problem:
    return Problem(
        f"blank {quoted(text)}",
        "its points are no number",
        "a number such as 2 or 0.5 behind the =",
        quoted(written),
        "leave it out for 1 point",
    )
