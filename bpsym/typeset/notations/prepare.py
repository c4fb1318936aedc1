"""The derivation that a notation is written from, proven."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.errors import ProofError
from bpsym.network.build import BuiltNetwork
from bpsym.proof.certificate import Certificate
from bpsym.proof.prove import prove
from bpsym.typeset.notations.by_outputs import derived_by_outputs
from bpsym.typeset.notations.notation import Notation, Scale
from bpsym.typeset.notations.scaling import Scaled, scaled


@dataclass(frozen=True, eq=False)
class Prepared:
    """A derivation whose adjoints are those that a notation has letters for.

    before: the same before the deltas were scaled, as the prover knows it.
    """

    before: Derivation
    scaled: Scaled

    @property
    def derivation(self) -> Derivation:
        """The derivation to be told."""
        return self.scaled.derivation

    def require_proof(self) -> Certificate:
        """Prove everything; raise ProofError if an equality fails."""
        certificate = prove(self.before)
        if not certificate.ok:
            raise ProofError.single(
                where="a derivation for a notation",
                what="an equality could not be proven, so nothing is printed",
                expected="a certificate without failures",
                got=str(certificate),
                way_out="this is a fault of bpsym: please report the network",
            )
        self.scaled.require_proof()
        return certificate


def prepared(
    built: BuiltNetwork, notation: Notation | None, *, input_grads: bool = False
) -> Prepared:
    """The derivation of a network for a notation, None being that of the code.

    Texts that pass back derivatives in outputs go on to the input.
    """
    if notation is not None and notation.by_outputs:
        record = derived_by_outputs(built.system, inputs=True)
    else:
        record = derive_system(built.system, inputs=input_grads)
    scale = notation.scale if notation is not None else Scale.PLAIN
    if scale is Scale.SAMPLES and built.network.reduction != "mean":
        scale = Scale.PLAIN
    return Prepared(record, scaled(record, scale))
