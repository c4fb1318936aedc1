"""What formulas are made of: elements, indices, named functions, cases; and reading them."""
