"""Each equality of a derivation, checked: in exact arithmetic, by brute force, for any depth."""
