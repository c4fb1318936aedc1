"""One gate of a cost, and all of them in order."""

from __future__ import annotations

from dataclasses import dataclass

from bpsym.calculus.scalars.unroll import Place

ADD, TIMES, GIVEN, CONSTANT = "+", "*", "given", "constant"


@dataclass(frozen=True)
class Gate:
    """One node.

    operation: ``+``, ``*``, ``^2``, the name of a function, ``given`` for an element of an input,
    target or parameter, ``constant`` for a number. inputs: the positions of the gates it reads.
    signs: of each input of a sum. names: the elements that its value is, ``z1[1]``; places: the
    same as tensors and subscripts, the sample first. local: the derivative of the value in each
    input. signal: the derivative of the cost in the value.
    """

    operation: str
    inputs: tuple[int, ...]
    value: float
    signs: tuple[int, ...] = ()
    local: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    signal: float = 0.0

    @property
    def is_given(self) -> bool:
        """Whether nothing is computed in it."""
        return self.operation in (GIVEN, CONSTANT)


@dataclass(frozen=True)
class Gates:
    """The gates of a cost in an order of evaluation; the last one is the cost."""

    gates: tuple[Gate, ...]

    @property
    def readers(self) -> tuple[tuple[int, ...], ...]:
        """For each gate those that read it."""
        found: list[list[int]] = [[] for _ in self.gates]
        for number, gate in enumerate(self.gates):
            for read in dict.fromkeys(gate.inputs):
                found[read].append(number)
        return tuple(map(tuple, found))

    def named(self, name: str) -> Gate:
        """The gate whose value is the element of that name. Raises KeyError if there is none."""
        for gate in self.gates:
            if name in gate.names:
                return gate
        raise KeyError(name)
