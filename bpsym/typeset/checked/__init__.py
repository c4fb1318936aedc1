"""What is printed, read back from its formulas and proven."""
