"""A derivation that passes back the derivatives in the outputs of the layers."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from bpsym.calculus.derivation import Adjoint, Derivation, derive_system
from bpsym.calculus.system import Role, System


def derived_by_outputs(system: System, *, inputs: bool) -> Derivation:
    """The adjoints of all outputs and parameters, and of the inputs if asked for.

    What goes into an activation has no adjoint of its own: its adjoint is substituted.
    """
    outputs = {
        relation.defines
        for relation in system.relations
        if relation.schema.activation is not None
        and system.tensors[relation.defines].role is Role.HIDDEN
    }
    tensors = {
        name: replace(tensor, named=name in outputs) for name, tensor in system.tensors.items()
    }
    return derive_system(replace(system, tensors=tensors), inputs=inputs, only_named=True)


@lru_cache(maxsize=16)
def joined_with_softmax(system: System, entering: tuple[str, ...]) -> tuple[Adjoint, ...]:
    """The adjoints of what enters a softmax, the softmax joined with what reads it."""
    outputs = {each.defines for name in entering for each in system.readers[name]}
    tensors = {
        name: replace(tensor, named=(tensor.named and name not in outputs) or name in entering)
        for name, tensor in system.tensors.items()
    }
    found = derive_system(replace(system, tensors=tensors), only_named=True).by_tensor
    return tuple(found[name] for name in entering if name in found)
