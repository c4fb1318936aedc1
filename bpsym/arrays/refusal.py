"""What is derived and proven but cannot be emitted yet."""

from __future__ import annotations

from bpsym.errors import EmitError


def not_yet(what: object) -> EmitError:
    """The answer to a formula that is derived and proven but has no code yet."""
    return EmitError.single(
        where="code generation",
        what="this formula is derived and proven, but code for it cannot be emitted yet",
        expected="subscripts that are plain indices, or blocks of a concatenation",
        got=str(what)[:60],
        way_out="use bpsym derive for the formulas, or write the layer without shifted subscripts",
    )
