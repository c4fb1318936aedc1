"""The formula tree: built from sympy, put in order, evaluated as a reader would."""
