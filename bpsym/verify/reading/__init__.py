"""Formulas in LaTeX: from the text of a file to formula trees whose symbols mean something."""
