"""The derivatives of functions of one variable, and their form in the output."""
