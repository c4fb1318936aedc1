"""The array program in which every tensor has a line of its own."""

from __future__ import annotations

from dataclasses import replace

from bpsym.arrays.layout import LAYOUTS
from bpsym.arrays.program import Program, lower_derivation
from bpsym.calculus.derivation import Derivation


def whole_program(record: Derivation, layout: str = "rows") -> Program:
    """The program of a derivation with no pre-activation written into a line.

    Emitted code names a pre-activation only where it is read twice; a judge of other people's code
    wants all of them. Only tensors that are ``named`` are ever inlined, so none is.
    Raises EmitError where an equation has no array form yet.
    """
    tensors = {name: replace(each, named=False) for name, each in record.system.tensors.items()}
    system = replace(record.system, tensors=tensors)
    return lower_derivation(replace(record, system=system), LAYOUTS[layout])
