"""Formulas with numbers: instances of the formulas of a document, in its notation."""
