"""The whole cost of a small network in single scalars: raw derivatives, and the way to deltas."""
