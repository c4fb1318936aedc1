"""Documents and formulas as text for a terminal."""
