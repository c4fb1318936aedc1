"""Functions that turn sums into products, as tables filled in where they are asked for.

``exp(u)`` of a residue u is a random element of the group; but ``exp(-u)``, ``exp(2u)`` and
``exp(u+v)`` are powers and products of elements given before, found by looking for the argument
among small multiples of earlier ones and their sums. A relation that is overlooked leaves two
elements independent, which can only make a proof fail.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Generic, TypeVar

G = TypeVar("G")

WHOLE_MULTIPLES = tuple(Fraction(k) for k in (1, -1, 2, -2))
MULTIPLES = (*WHOLE_MULTIPLES, Fraction(1, 2), Fraction(-1, 2))

# Sums of two known arguments are only looked for while the table is small.
MOST_FOR_SUMS = 120


class Characters(Generic[G]):
    """A homomorphism from the residues modulo ``prime`` under addition to a group.

    tests: how many relations were looked for. One may be found by chance, with a probability of
    its degree / prime: the error bound of a proof counts them.
    draw: a random element. power: the value at a multiple of the argument that it stands for,
    with a factor out of ``MULTIPLES``.
    """

    def __init__(
        self,
        prime: int,
        identity: G,
        draw: Callable[[], G],
        multiply: Callable[[G, G], G],
        power: Callable[[G, Fraction], G],
    ) -> None:
        self.prime = prime
        self.identity = identity
        self.draw = draw
        self.multiply = multiply
        self.power = power
        self.known: dict[int, tuple[G, Fraction]] = {}
        self.values: dict[int, G] = {}
        self.tests = 0

    def __call__(self, argument: int) -> G:
        value = self.values.get(argument)
        if value is None:
            value = self.values[argument] = self._value(argument)
        return value

    def _value(self, argument: int) -> G:
        if argument == 0:
            return self.identity
        self.tests += len(self.known)
        found = self.known.get(argument)
        if found is not None:
            return self.power(*found)
        if len(self.known) <= MOST_FOR_SUMS:
            self.tests += len(self.known) ** 2
            for first in self.known:
                second = (argument - first) % self.prime
                if second in self.known:
                    left, right = self.power(*self.known[first]), self.power(*self.known[second])
                    return self.multiply(left, right)
        element = self.draw()
        self.register(argument, element, MULTIPLES)
        return self.power(element, Fraction(1))

    def register(self, argument: int, element: G, multiples: tuple[Fraction, ...]) -> None:
        """Say what the value at an argument is, and with it at its multiples."""
        for factor in multiples:
            place = argument * factor.numerator
            if factor.denominator != 1:
                place *= pow(factor.denominator, -1, self.prime)
            self.known.setdefault(place % self.prime, (element, factor))
