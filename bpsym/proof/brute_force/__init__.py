"""Brute force: the whole cost differentiated as one expression, against the formulas."""
