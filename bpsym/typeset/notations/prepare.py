"""The derivation that a notation is written from, proven."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.calculus.system import System
from bpsym.errors import ProofError
from bpsym.network.build import BuiltNetwork
from bpsym.proof.certificate import Certificate
from bpsym.proof.prove import prove
from bpsym.typeset.notations.by_outputs import derived_by_outputs
from bpsym.typeset.notations.hops import needs_hops, prove_hops, scale_of
from bpsym.typeset.notations.notation import Notation, Scale
from bpsym.typeset.notations.scaling import Scaled, scaled
from bpsym.typeset.notations.systems import as_noted


@dataclass(frozen=True, eq=False)
class Prepared:
    """A derivation whose adjoints are those that a notation has letters for.

    before: the same before the deltas were scaled, as the prover knows it. scale: by what they
    were. hop_by_hop: whether the notation also shows each hop by itself.
    """

    before: Derivation
    scaled: Scaled
    scale: Scale = Scale.PLAIN
    hop_by_hop: bool = False

    @property
    def derivation(self) -> Derivation:
        """The derivation to be told."""
        return self.scaled.derivation

    def require_proof(self) -> Certificate:
        """Prove everything; raise ProofError if an equality fails."""
        certificate = _proven(self.before)
        _require(certificate)
        self.scaled.require_proof()
        if self.hop_by_hop:
            certificate = self._with_hops(certificate)
        proven = (*certificate.equalities, *self.scaled.equalities)
        return Certificate(proven, certificate.remarks)

    def _with_hops(self, certificate: Certificate) -> Certificate:
        """The certificate with the proofs of the single hops that are not in it yet."""
        hops = prove_hops(self.before.system, self.scale)
        _require(Certificate(hops))
        known = {(each.rule, each.where) for each in certificate.equalities}
        more = tuple(each for each in hops if (each.rule, each.where) not in known)
        return replace(certificate, equalities=(*certificate.equalities, *more))


def _require(certificate: Certificate) -> None:
    if not certificate.ok:
        raise ProofError.single(
            where="a derivation for a notation",
            what="an equality could not be proven, so nothing is printed",
            expected="a certificate without failures",
            got=str(certificate),
            way_out="this is a fault of bpsym: please report the network",
        )


@lru_cache(maxsize=8)
def _derived(system: System, by_outputs: bool, inputs: bool) -> Derivation:
    """The derivation of a system, the same object for all notations that share it."""
    if by_outputs:
        return derived_by_outputs(system, inputs=inputs)
    return derive_system(system, inputs=inputs)


@lru_cache(maxsize=8)
def _proven(derivation: Derivation) -> Certificate:
    """Its certificate: what several notations share is proven once."""
    return prove(derivation)


def prepared(
    built: BuiltNetwork, notation: Notation | None, *, input_grads: bool = False
) -> Prepared:
    """The derivation of a network for a notation, None being that of the code.

    Texts that pass back derivatives in outputs go on to the input.
    """
    by_outputs = notation is not None and notation.by_outputs
    record = _derived(as_noted(built, notation), by_outputs, by_outputs or input_grads)
    scale = scale_of(built, notation)
    return Prepared(record, scaled(record, scale), scale, needs_hops(notation))
