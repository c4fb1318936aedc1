"""The forms in which people declare a network: shorthand, TOML, JSON, Python; and back again."""
