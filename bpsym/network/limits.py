"""The largest network that is taken in: beyond these, a declaration is a mistake or an attack."""

LARGEST_WIDTH = 10**6
MOST_PARAMETERS = 10**8
MOST_LAYERS = 2000
MOST_READ = 32  # layers that one layer reads
MOST_INPUTS = 100
MOST_LOSSES = 100
LONGEST_SPEC = 100_000
LARGEST_FILE = 1_000_000
