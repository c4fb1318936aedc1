"""Notations: the same derivation in the letters and habits of different texts."""

from bpsym.typeset.notations.notation import Notation
from bpsym.typeset.notations.tables import NOTATIONS, WITH_THRESHOLDS, notation_of

__all__ = ["NOTATIONS", "WITH_THRESHOLDS", "Notation", "notation_of"]
