"""Notations: the same derivation in the letters and habits of different texts."""

from bpsym.typeset.notations.notation import Notation
from bpsym.typeset.notations.tables import NOTATIONS

__all__ = ["NOTATIONS", "Notation"]
