"""Small sizes for a whole system: pairwise distinct where the equations allow it.

Sizes that the equations force to be equal are one; a concatenation is as wide as its blocks, and a
window stays inside of what it reads.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod

import sympy as sp

from bpsym.calculus.equations import Equation
from bpsym.calculus.system import SAMPLES, Relation, Schema, System
from bpsym.calculus.terms.indexed import size, subscripts_of
from bpsym.proof.evaluate.sizes import Sizes, fitted

SAMPLE_NUMBER = 2
MOST_TRIES = 200


def small_sizes(
    system: System, widths: Sequence[int], samples: int = SAMPLE_NUMBER
) -> dict[str, int] | None:
    """A number for every size label, or None if none is found that fits the equations.

    widths: the numbers to take in turn.
    """
    same = system.representative
    samples_class = same.get(SAMPLES, SAMPLES)
    classes = [label for label in dict.fromkeys(same.values()) if label != samples_class]
    places = _Places(system)
    generator = random.Random(0)
    for attempt in range(MOST_TRIES if places.relations else 1):
        chosen = {samples_class: samples}
        for k, label in enumerate(classes):
            if label in places.blocks:
                chosen[label] = 1
            else:
                first_choice = widths[k % len(widths)]
                chosen[label] = generator.choice([1, *widths]) if attempt else first_choice
        fit = places.fit(chosen)
        if fit is not None:
            return {SAMPLES: samples} | {label: fit[same[label]] for label in same}
    return None


@dataclass(frozen=True)
class _Places:
    """The relations of a system whose subscripts ask something of the sizes."""

    system: System

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Those with shifted subscripts, and those that define another block of the same tensor."""
        shifted = [each for each in self.system.relations if _is_shifted(each.schema)]
        defined = {each.defines for each in shifted}
        return tuple(
            each for each in self.system.relations if each in shifted or each.defines in defined
        )

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """Their equations, with the classes of sizes as symbols."""
        return tuple(self._instance(relation) for relation in self.relations)

    @cached_property
    def shapes(self) -> Mapping[str, tuple[sp.Symbol, ...]]:
        """The classes of sizes of every tensor."""
        same = self.system.representative
        return {
            tensor.name: tuple(size(same[label]) for label in tensor.sizes)
            for tensor in self.system.tensors.values()
        }

    @cached_property
    def blocks(self) -> frozenset[str]:
        """The sizes of dimensions that are defined in blocks: they follow from the others."""
        found = set()
        for relation in self.relations:
            places = subscripts_of(relation.schema.equation.lhs)
            labels = self.system.tensors[relation.defines].sizes
            found |= {
                self.system.representative[label]
                for label, place in zip(labels, places, strict=True)
                if not isinstance(place, sp.Symbol)
            }
        return frozenset(found)

    def fit(self, chosen: Mapping[str, int]) -> Mapping[str, int] | None:
        """The sizes, raised so that subscripts stay inside; None if blocks leave a gap."""
        if not self.relations:
            return chosen
        sizes = {size(label): number for label, number in chosen.items()}
        try:
            sizes = fitted(sizes, self.equations, self.shapes)
        except ValueError:
            return None
        if not self._covered(sizes):
            return None
        return {label: sizes[size(label)] for label in chosen}

    def _covered(self, sizes: Sizes) -> bool:
        """Whether the blocks of every tensor that is defined in blocks fill it."""
        defined: dict[str, int] = {}
        for equation in self.equations:
            ranges = equation.ranges.values()
            count = prod(int(each.last.xreplace(sizes)) for each in ranges)
            defined[equation.tensor] = defined.get(equation.tensor, 0) + count
        return all(
            count == prod(sizes[each] for each in self.shapes[name])
            for name, count in defined.items()
        )

    def _instance(self, relation: Relation) -> Equation:
        formal = relation.formal()
        same, tensors = self.system.representative, self.system.tensors
        sizes = {
            symbol: size(same[tensors[formal[name]].sizes[at]])
            for symbol, (name, at) in relation.schema.size_of.items()
        }
        return relation.schema.instance(formal, sizes)


@lru_cache(maxsize=1024)
def _is_shifted(schema: Schema) -> bool:
    nodes = (*schema.equation.rhs.atoms(sp.Indexed), schema.equation.lhs)
    return any(not isinstance(s, sp.Symbol) for node in nodes for s in subscripts_of(node))
