"""Index equations -> adjoint equations -> delta form -> Derivation. sympy lives here."""
