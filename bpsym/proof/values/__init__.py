"""With what formulas are evaluated: residues, digits, dual numbers, degrees, symbols."""
