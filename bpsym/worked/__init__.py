"""A network with numbers: given values, all that follow from them, paths and gates."""
