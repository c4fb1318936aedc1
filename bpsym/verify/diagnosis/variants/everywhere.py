"""One factor at every delta: a line of a loop over the layers, which each layer below inherits.

delta = (W.T @ delta) * f'(z) / m       1/m, then 1/m^2, then 1/m^3
"""

from __future__ import annotations

from collections.abc import Iterator

from bpsym.arrays.index_values import Scope
from bpsym.calculus.system import SAMPLES, Role
from bpsym.verify.diagnosis.chain import After, Array, Edit
from bpsym.verify.diagnosis.laws import SINGLE, Law, Situation
from bpsym.verify.diagnosis.variants.base import Sites, Variant

# What a line of a loop has too much or too little of.
_CODES = ("sign", "factor-two", "factor-half", "missing-batch-mean", "double-batch-mean")
FEWEST = 2


def variants(sites: Sites) -> Iterator[Variant]:
    """A factor at all deltas below the output, and at all of them."""
    tensors = sites.chain.system.tensors
    deltas = [
        name
        for name in sites.chain.order
        if tensors[name].role is Role.HIDDEN and tensors[name].adjoint == sites.place(name)
        and len(sites.shape(name)) == 2
    ]  # fmt: skip
    outputs = [z for z, _ in sites.outputs()]
    inner = [name for name in deltas if name not in outputs]
    groups = [inner, deltas] if inner != deltas else [deltas]
    for group in groups:
        if len(group) < FEWEST:
            continue
        places = tuple(dict.fromkeys(sites.place(name) for name in group))
        for law in SINGLE:
            if law.code in _CODES:
                edits = tuple(Edit(name, None, after=_times(law)) for name in group)
                words = {"factor": law.formula, "laws": (law,), "weight": places[0]}
                yield Variant(law.code, places[0], edits, 1.25, words, places)


def _times(law: Law) -> After:
    def after(array: Array, scope: Scope) -> Array:
        situation = Situation(scope.sizes[SAMPLES], 1, 1, ())  # these laws ask for m alone
        return array * law.factor(situation)

    return after
