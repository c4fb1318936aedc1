"""Formulas judged line by line: conventions they are read by, their values, what is wrong."""
