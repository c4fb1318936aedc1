"""Evaluating formulas: small sizes, points, compiled trees, whole passes."""
