"""Documents in files: one renderer and one folder of templates per output language."""
