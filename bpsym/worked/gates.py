"""The cost of one sample as gates: every operation a node with its value and its local gradients.

    C = (x y - t)^2          x ---.
                             y --- * --- - --- ^2
                             t ----------'

Values flow forward. The error signal of the last gate is 1; a gate hands on its error signal times
its local gradient to each of its inputs, and what arrives at a fork from several gates is added
up. The error signal of a gate is then the derivative of the cost in its value. A bias is drawn as
a weight on a constant 1, as Karpathy's and the CS224n notes have it.
"""

from __future__ import annotations

from dataclasses import replace

from bpsym.calculus.scalars.cost import unroll
from bpsym.calculus.system import Role
from bpsym.errors import ProofError
from bpsym.network.build import BuiltNetwork
from bpsym.worked.gate import ADD, CONSTANT, GIVEN, TIMES, Gate, Gates
from bpsym.worked.gate_builder import MOST_GATES, GateBuilder
from bpsym.worked.problems import NumbersError
from bpsym.worked.record import Worked

_AGREE = 1e-9
_COST = "C"

__all__ = [
    "ADD",
    "CONSTANT",
    "GIVEN",
    "MOST_GATES",
    "TIMES",
    "Gate",
    "Gates",
    "gates_of",
    "shared_by",
]


def gates_of(built: BuiltNetwork, worked: Worked) -> Gates:
    """The gates of a network at given numbers of one sample.

    Raises NumbersError if there are too many to be drawn, ProofError if an error signal is not
    what the derivation says.
    """
    if worked.samples != 1:
        raise NumbersError.single(
            where="--gates",
            what="gates are those of one sample",
            expected="one sample",
            got=str(worked.samples),
            way_out="give one sample, or leave out --samples",
        )
    graph = GateBuilder(unroll(built.system, 1), worked).gates()
    _require_agreement(graph, built, worked)
    return graph


def shared_by(graph: Gates, samples: int) -> Gates:
    """The gates of one sample with a last one that takes its share of a mean over the samples.

        C = C_1 + ... + C_m,   C_1 = (cost of the first sample) / m

    The error signals of its units are then those of the mean, 1/m included.
    """
    share = 1.0 / samples
    gates = [replace(each, signal=each.signal * share) for each in graph.gates]
    last = len(gates) - 1
    cost = gates[last].value
    gates[last] = replace(gates[last], names=(), places=())
    gates.append(Gate(CONSTANT, (), share, signal=cost))
    times = Gate(TIMES, (last, last + 1), cost * share, local=(share, cost), signal=1.0)
    return Gates((*gates, times))


def _require_agreement(graph: Gates, built: BuiltNetwork, worked: Worked) -> None:
    """Hold values and error signals against those of the derivation, element by element."""
    tensors = built.system.tensors
    pairs = [(graph.gates[-1].value, worked.cost, _COST)]
    for gate in graph.gates:
        for (tensor, place), name in zip(gate.places, gate.names, strict=False):
            at = tuple(each - 1 for each in place)
            pairs.append((gate.value, float(worked.values[tensor][at]), name))
            adjoint = tensors[tensor].adjoint
            if adjoint in worked.values and tensors[tensor].role is not Role.LOSS:
                pairs.append((gate.signal, float(worked.values[adjoint][at]), f"dC/d{name}"))
    for got, expected, name in pairs:
        if abs(got - expected) > _AGREE * max(1.0, abs(expected)):
            raise ProofError.single(
                where=f"the gate of {name}",
                what="it is not what the derivation says",
                expected=f"{expected:.12g}",
                got=f"{got:.12g}",
                way_out="this is a fault of bpsym: please report the network and its numbers",
            )
