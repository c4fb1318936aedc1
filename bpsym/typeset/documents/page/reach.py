"""What a weight or a unit reaches on its way to the cost, as parts of the drawing.

Where the network is small enough to be written out, the truth is the graph of its elements, the
one that paths are counted on. In larger ones it is the drawing itself: what is joined there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from bpsym.errors import EmitError
from bpsym.network.build import BuiltNetwork
from bpsym.typeset.documents.page.drawn import COST, Drawn
from bpsym.typeset.sections.parts import parts_of
from bpsym.worked.paths import Graph

if TYPE_CHECKING:
    import sympy as sp


class Reach:
    """The ways through one network."""

    def __init__(self, built: BuiltNetwork, network: Drawn) -> None:
        self.built = built
        self.network = network
        self.parts = network.parts
        try:
            self.graph: Graph | None = Graph.of(built)
        except EmitError:
            self.graph = None

    def of_element(self, name: str, targets: Iterable[str]) -> tuple[tuple[str, ...], int | None]:
        """The parts behind an element of a parameter, and on how many paths it reaches the cost.

        targets: the units in the drawing that read it. None: there are too many to be counted.
        """
        if self.graph is None:
            return self._drawn_from(targets), None
        start = self.graph.leaf(name)
        first = [node for node in self._behind[start] if node in self.parts]
        return self._walked([start], first), self.graph.count(start)

    def of_unit(self, key: str) -> tuple[str, ...]:
        """The parts behind a unit, without itself."""
        found = self._drawn_from([key]) if self.graph is None else self._walked_from(key)
        return tuple(each for each in found if each != key)

    # In the graph of elements

    @cached_property
    def layer_of(self) -> Mapping[str, str]:
        """For each tensor that has an element per unit of a layer or input that layer."""
        found = {}
        for part in parts_of(self.built):
            for relation in part.relations:
                if self._shape(relation.defines) == self._shape(part.output):
                    found[relation.defines] = part.label
        return found | {tensor: name for name, tensor in self.built.inputs.items()}

    def _shape(self, tensor: str) -> tuple[int | None, ...]:
        system = self.built.system
        return tuple(system.sizes.get(label) for label in system.tensors[tensor].sizes)

    @cached_property
    def _keys(self) -> Mapping[sp.Symbol, str]:
        """The unit that an element belongs to, for those that belong to a single one."""
        assert self.graph is not None
        found = {}
        for symbol in {*self.graph.readers, *self.graph.rows}:
            name, _, place = symbol.name.partition("[")
            layer = self.layer_of.get(name)
            if layer is not None:
                found[symbol] = f"{layer}.{place.rstrip(']').split(',')[-1] or 1}"
        return found

    @cached_property
    def _elements(self) -> Mapping[str, tuple[sp.Symbol, ...]]:
        """The elements of each unit."""
        found: dict[str, list[sp.Symbol]] = {}
        for symbol, key in self._keys.items():
            found.setdefault(key, []).append(symbol)
        return {key: tuple(each) for key, each in found.items()}

    @cached_property
    def _readers(self) -> Mapping[sp.Symbol, tuple[sp.Symbol, ...]]:
        """What reads each element and reaches the cost."""
        graph = self.graph
        assert graph is not None
        reaching = {each for each in graph.rows if graph.count(each)}
        return {
            symbol: tuple(each for each in readers if each in reaching)
            for symbol, readers in graph.readers.items()
        }

    @cached_property
    def _behind(self) -> Mapping[sp.Symbol, tuple[str, ...]]:
        """For each element the next units on its paths, past what belongs to no unit; or the cost.

        Elements are gone through backwards, so that those behind are known.
        """
        graph = self.graph
        assert graph is not None
        past: dict[sp.Symbol, dict[str, None]] = {}
        rows = list(graph.rows)
        leaves = [each for each in graph.readers if each not in graph.rows]
        for symbol in (*reversed(rows), *leaves):
            found = dict.fromkeys([COST] if symbol in graph.terms else [])
            for reader in self._readers.get(symbol, ()):
                key = self._keys.get(reader)
                found.update(past[reader] if key is None else {key: None})
            past[symbol] = found
        return {
            symbol: tuple(key for key in found if key != self._keys.get(symbol))
            for symbol, found in past.items()
        }

    def _walked_from(self, key: str) -> tuple[str, ...]:
        return self._walked(self._elements.get(key, ()), [key])

    def _walked(self, starts: Iterable[sp.Symbol], first: Iterable[str]) -> tuple[str, ...]:
        """All parts on paths from these elements to the cost."""
        found = dict.fromkeys(first)
        waiting = list(starts)
        seen = set(waiting)
        while waiting:
            symbol = waiting.pop()
            for reader in self._readers.get(symbol, ()):
                if reader not in seen:
                    seen.add(reader)
                    waiting.append(reader)
            own = self._keys.get(symbol)
            for other in self._behind[symbol] if own is not None else ():
                found.update(dict.fromkeys((*self._line(str(own), other), other)))
        return tuple(each for each in found if each in self.parts)

    def _line(self, source: str, target: str) -> tuple[str, ...]:
        """A line between two units, or the arc between their layers."""
        line = f"{source}>{target}"
        if line in self.parts:
            return (line,)
        return (f"{source.rpartition('.')[0]}>{target.rpartition('.')[0]}",)

    # In the drawing

    @cached_property
    def _joined(self) -> Mapping[str, tuple[str, ...]]:
        """For each unit the units that it is joined to, across arcs and gaps too."""
        found: dict[str, list[str]] = {each.key: [] for each in self.network.nodes}
        for edge in self.network.edges:
            found[edge.source].append(edge.target)
        by_layer: dict[str, list[str]] = {}
        for each in self.network.nodes:
            by_layer.setdefault(each.layer, []).append(each.key)
        pairs = [(arc.source, arc.target) for arc in self.network.arcs]
        layers = list(by_layer)
        if self.network.gap_after is not None:
            pairs.append((layers[self.network.gap_after - 1], layers[self.network.gap_after]))
        for source, target in pairs:
            for key in by_layer[source]:
                found[key] += by_layer[target]
        return {key: tuple(each) for key, each in found.items()}

    def _drawn_from(self, starts: Iterable[str]) -> tuple[str, ...]:
        found = dict.fromkeys(starts)
        waiting = list(found)
        while waiting:
            key = waiting.pop()
            for other in self._joined.get(key, ()):
                found.update(dict.fromkeys(self._line(key, other)))
                if other not in found:
                    found[other] = None
                    waiting.append(other)
        return tuple(each for each in found if each in self.parts)
