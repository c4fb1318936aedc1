"""A derivation for people: one formula tree, and printers that write it down."""
