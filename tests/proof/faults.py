"""Planting faults: caches emptied around each, and which of the proofs a certificate fails in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bpsym.calculus.delta import derive_pattern
from bpsym.calculus.depth.recursion import any_depth
from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.calculus.system import System
from bpsym.network import parse
from bpsym.network.build import build
from bpsym.proof import directional
from bpsym.proof.certificate import Certificate
from bpsym.proof.induction import prove_any_depth
from bpsym.proof.rows import prove_activation, prove_function
from bpsym.proof.steps import prove_formal

CACHED: tuple[Callable[..., object], ...] = (
    any_depth,
    derive_pattern,
    prove_any_depth,
    prove_activation,
    prove_function,
    prove_formal,
)


@contextmanager
def fresh() -> Iterator[None]:
    """Nothing derived before is used inside, nothing derived inside is used later."""
    for function in CACHED:
        function.cache_clear()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for function in CACHED:
            function.cache_clear()  # type: ignore[attr-defined]


def system_of(declared: object) -> System:
    """The system of a declaration, not shared with any other test."""
    return build(parse(declared)).system


def derivation_of(declared: object, *, inputs: bool = True) -> Derivation:
    """The derivation of a declaration."""
    return derive_system(system_of(declared), inputs=inputs)


def failing(certificate: Certificate) -> set[str]:
    """The proofs that fail: rows, steps, direction, brute force, induction."""
    found = set()
    for equality in certificate.failures:
        if equality.kind in ("brute_force", "induction"):
            found.add(equality.kind)
        elif equality.where.startswith(("activation ", "function ")):
            found.add("rows")
        elif equality.rule == directional.RULE:
            found.add("direction")
        else:
            found.add("steps")
    return found
