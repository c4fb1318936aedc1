"""Printers of the formula tree: one visitor, and one table of syntax per output language."""
