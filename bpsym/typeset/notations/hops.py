"""A derivation that names the adjoint of every tensor: one hop of the chain rule at a time."""

from __future__ import annotations

from functools import lru_cache

from bpsym.calculus.derivation import derive_system
from bpsym.calculus.system import System
from bpsym.network.build import BuiltNetwork
from bpsym.proof.certificate import Equality
from bpsym.proof.prove import prove
from bpsym.typeset.notations.notation import Notation, Scale
from bpsym.typeset.notations.scaling import Scaled, scaled
from bpsym.typeset.notations.systems import hop_by_hop


def needs_hops(notation: Notation | None) -> bool:
    """Whether a notation shows what comes back to the outputs of layers on the way."""
    return notation is not None and (notation.error_signals or notation.output_derivatives)


def scale_of(built: BuiltNetwork, notation: Notation | None) -> Scale:
    """By what the deltas of a network are scaled in a notation."""
    scale = notation.scale if notation is not None else Scale.PLAIN
    if scale is Scale.SAMPLES and built.network.reduction != "mean":
        return Scale.PLAIN
    return scale


@lru_cache(maxsize=16)
def hops_of(system: System, scale: Scale) -> Scaled:
    """The derivation of a system hop by hop. What is printed and what is proven are one object."""
    return scaled(derive_system(hop_by_hop(system)), scale)


def prove_hops(system: System, scale: Scale) -> tuple[Equality, ...]:
    """The proofs of all hops: every step, and all gradients at the network's full depth.

    Single gradients are held against brute force once, with the derivation itself.
    """
    found = hops_of(system, scale)
    plain = hops_of(system, Scale.PLAIN)
    found.require_proof()
    return prove(plain.derivation, budget_seconds=0).equalities
