"""The search for the mistakes that explain a set of gradients.

finding   a mistake that fits
material  what there is to explain, and whether some mistakes explain it
factors   one factor, at the output, at a delta, at a parameter
decay     the decay term, told from the data by least squares
solving   a number that a mistake depends on: a learning rate, an epsilon
candidates  everything that explains one gradient
several   mistakes one after another, and two in one place
search    the search itself
"""

from __future__ import annotations

from bpsym.verify.diagnosis.search.finding import Finding
from bpsym.verify.diagnosis.search.search import Search

__all__ = ["Finding", "Search"]
