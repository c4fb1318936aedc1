"""Code held against its derivation: the last step from a proven formula to what a module computes.

The array program is run as a module runs it; the formulas are computed as they stand, axis by axis.
Both get the same random numbers. A program that gives other gradients is not emitted.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpsym.arrays.evaluate import run
from bpsym.arrays.index_values import Scope, compiled
from bpsym.arrays.program import Program
from bpsym.calculus.derivation import Derivation
from bpsym.calculus.system import SAMPLES
from bpsym.calculus.terms.indexed import index, size
from bpsym.errors import ProofError
from bpsym.network.build import BuiltNetwork
from bpsym.worked.seeds import seeded
from bpsym.worked.values import COST, Array, Evaluator

SAMPLE_COUNT = 3
# Numbers on a kink may fall to either side of it: code is wrong if it differs for every seed.
SEEDS = (1, 2, 3)
TOLERANCE = 1e-6
# Larger networks are made of the same lines; computing their formulas one by one takes too long.
MOST_RELATIONS = 60
MOST_NUMBERS = 200_000


def require_same_values(built: BuiltNetwork, derivation: Derivation, program: Program) -> None:
    """Raise ProofError if the program does not compute the gradients of the derivation."""
    system = derivation.system
    numbers = sum(
        int(np.prod([system.sizes[label] for label in each.sizes if label != SAMPLES]))
        for each in system.tensors.values()
    )
    if len(system.relations) > MOST_RELATIONS or numbers > MOST_NUMBERS:
        return
    wrong: list[str] = []
    for seed in SEEDS:
        given = seeded(built, seed, SAMPLE_COUNT, rounded=False)
        with np.errstate(all="ignore"):
            wrong = _differing(derivation, program, given)
        if not wrong:
            return
    raise ProofError.single(
        where=f"the code of {built.network.name!r}",
        what="it does not compute what was derived, so nothing is emitted",
        expected="the values of the proven formulas",
        got="others for " + ", ".join(wrong[:5]),
        way_out="this is a fault of bpsym: please report the network",
    )


def _differing(derivation: Derivation, program: Program, given: Mapping[str, Array]) -> list[str]:
    """The cost or the tensors whose gradients differ."""
    right = _of_formulas(derivation, given)
    held = {name: stored(name, each, program) for name, each in given.items()}
    found = run(program, held)
    wrong = [] if _agree(found[COST], right[COST]) else [COST]
    for each in program.gradients:
        expected = stored(each.tensor, right[each.tensor], program)
        if not _agree(found[each.name], expected):
            wrong.append(each.tensor)
    return wrong


def _of_formulas(derivation: Derivation, given: Mapping[str, Array]) -> dict[str, Array]:
    """The cost, and dC/dT by the name of T."""
    system = derivation.system
    evaluator = Evaluator(system)
    values = evaluator.forward(given)
    scope = Scope(values, evaluator.sizes(given))
    found = {COST: values[COST]}
    for adjoint in derivation.adjoints:
        letters, expr = adjoint.equation
        lasts = tuple(size(label) for label in system.tensors[adjoint.tensor].sizes)
        compute = compiled(expr, tuple(map(index, letters)), lasts)
        values[adjoint.name] = found[adjoint.tensor] = np.array(compute(scope))
    return found


def stored(name: str, array: Array, program: Program) -> Array:
    """An array with the axes that its tensor has in the program."""
    labels = program.system.tensors[name].sizes
    # Sizes may be equal: axes are told apart by their number.
    places = tuple(str(at) for at in range(len(labels)))
    own = places[labels.index(SAMPLES)] if SAMPLES in labels else None
    axes = program.layout.store(places, own)
    order = [int(axis) for axis in axes if axis is not None]
    return np.transpose(array, order)[tuple(None if a is None else slice(None) for a in axes)]


def _agree(found: Array, right: Array) -> bool:
    """Whether they are equal to rounding; a value that is not finite tells nothing."""
    if found.shape != right.shape:
        return False
    if not np.isfinite(right).all():
        return True
    scale = float(np.abs(right).max(initial=0.0))
    return bool(np.abs(found - right).max(initial=0.0) <= TOLERANCE * max(scale, 1e-9))
