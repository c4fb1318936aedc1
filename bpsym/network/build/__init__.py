"""From a declared network to a system of equations: the only place where layer kinds meet sympy.

schemas   the equations of a kind, an activation, a loss, as formal equations
naming    what tensors are called
builder   layer by layer, schemas between actual tensors
"""

from bpsym.network.build.builder import build
from bpsym.network.build.built import BuiltNetwork, Start

__all__ = ["BuiltNetwork", "Start", "build"]
