"""The tables: activations, losses and layer kinds, one row each."""
