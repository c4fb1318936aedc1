"""The drawing of a network: columns of units, edges between them, skip connections as arcs.

One drawing for all formats: this module decides what is where, in points; a template writes it as
SVG or TikZ. A wide layer shows its first units and its last, with the number of all of them below;
a deep chain shows its first layers and its last.

    picture = picture_of(built)                # or with weights={"W1[2,1]": -0.3, ...}
    picture.connections[0].weight              # "W1[1,1]", the weight that the line stands for
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from bpsym.network.build import BuiltNetwork
from bpsym.network.build.naming import suffixes
from bpsym.network.catalogue.kinds import EQUATION, KINDS
from bpsym.network.model import Layer
from bpsym.typeset.pictures.parts import (
    RADIUS,
    Arc,
    Connection,
    Gap,
    Group,
    Picture,
    PictureWords,
    Unit,
)
from bpsym.typeset.pictures.spacing import apart

_APART = 40.0
_COLUMN = 112.0
_LINE = 15.0
_MARGIN = 24.0
_BETWEEN_GROUPS = 20.0
_ARC = 30.0

# A layer with more units shows its first ones, an ellipsis and its last.
MOST_UNITS = 6
_FIRST_UNITS = 4

# A chain with more columns shows its first ones and its last.
MOST_COLUMNS = 9
_OUTER_COLUMNS = 3

_THIN, _THICK = 0.4, 3.2


def picture_of(
    built: BuiltNetwork,
    *,
    weights: Mapping[str, float] = MappingProxyType({}),
    words: PictureWords | None = None,
) -> Picture:
    """The drawing of a network.

    weights: values by name (``"W1[2,1]"``); a line is the thicker the larger its weight is.
    """
    return _Drawing(built, weights, words or PictureWords()).picture()


class _Drawing:
    def __init__(
        self, built: BuiltNetwork, weights: Mapping[str, float], words: PictureWords
    ) -> None:
        self.network = built.network
        self.weights = weights
        self.words = words
        self.layers = dict(zip(self.network.labels, self.network.layers, strict=True))
        self.suffix = dict(
            zip(
                self.network.labels,
                (each.parameters for each in suffixes(self.network)),
                strict=True,
            )
        )
        self.columns = self._columns()
        self.place = {label: at for at, column in enumerate(self.columns) for label in column}
        self.gaps: list[Gap] = []

    def _columns(self) -> list[list[str]]:
        """Inputs and layers by the length of the longest way to them; a part of a deep chain."""
        depth = {name: 0 for name, _ in self.network.inputs}
        for label, layer in self.layers.items():
            depth[label] = 1 + max(depth[each] for each in layer.inputs)
        columns: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
        for label, at in depth.items():
            columns[at].append(label)
        if len(columns) > MOST_COLUMNS and all(len(each) == 1 for each in columns):
            self.left_out = len(columns) - 2 * _OUTER_COLUMNS
            return [*columns[:_OUTER_COLUMNS], [], *columns[-_OUTER_COLUMNS:]]
        self.left_out = 0
        return columns

    def picture(self) -> Picture:
        spans = self._spans()
        above = _ARC * (len(spans) + 1) if spans else 0.0
        middles = self._middles()
        top = min(middles[label] - self._up(label) for label in middles)
        tallest = max(middles[label] + self._down(label) for label in middles) - top
        groups: dict[str, Group] = {}
        for at, column in enumerate(self.columns):
            x = _MARGIN + RADIUS + 24 + at * _COLUMN
            if not column:
                caption = self.words.left_out.format(self.left_out)
                # A chain that is so deep has all of its layers at one height.
                self.gaps.append(Gap(x, _MARGIN + above - top, caption))
            for label in column:
                y = _MARGIN + above + middles[label] - self._up(label) - top
                groups[label] = self._group(label, x, y)
        connections = [
            each
            for label, layer in self.layers.items()
            for source in dict.fromkeys(layer.inputs)
            if label in groups and source in groups
            if self.place[label] - self.place[source] == 1
            for each in self._connections(groups[source], groups[label], layer)
        ]
        arcs = [self._arc(groups[a], groups[b], number) for number, (a, b) in enumerate(spans, 1)]
        width = 2 * (_MARGIN + RADIUS + 24) + (len(self.columns) - 1) * _COLUMN
        height = 2 * _MARGIN + above + tallest
        name = self.network.spec() or self.network.name
        return Picture(
            self.words.title.format(name if len(name) < 60 else self.network.name),
            width,
            height,
            tuple(groups.values()),
            tuple(self._as_thick_as_weights(connections)),
            tuple(arcs),
            tuple(self.gaps),
        )

    def _spans(self) -> list[tuple[str, str]]:
        """The connections that pass a column, short ones first, which get the lowest arcs."""
        found = [
            (source, label)
            for label, layer in self.layers.items()
            for source in dict.fromkeys(layer.inputs)
            if label in self.place and source in self.place
            if self.place[label] - self.place[source] > 1
        ]
        return sorted(found, key=lambda pair: self.place[pair[1]] - self.place[pair[0]])

    def _shown(self, label: str) -> list[int]:
        width = self.network.width(label)
        if width <= MOST_UNITS:
            return list(range(1, width + 1))
        return [*range(1, _FIRST_UNITS + 1), width]

    def _rows(self, label: str) -> int:
        return len(self._shown(label)) + (self.network.width(label) > MOST_UNITS)

    def _middles(self) -> dict[str, float]:
        """The height of the middle of each group: that of what it reads, where there is room."""
        found: dict[str, float] = {}
        # The same for all captions, so that layers of two passes stand side by side.
        below = max(self._below(label) for column in self.columns for label in column)
        for column in filter(None, self.columns):
            wanted = []
            for label in column:
                layer = self.layers.get(label)
                read = [found[each] for each in (layer.inputs if layer else ()) if each in found]
                wanted.append(sum(read) / len(read) if read else 0.0)
            gaps = [
                self._up(one) + below + _BETWEEN_GROUPS + self._up(other)
                for one, other in itertools.pairwise(column)
            ]
            found |= zip(column, apart(wanted, [1.0] * len(wanted), gaps), strict=True)
        return found

    def _up(self, label: str) -> float:
        """From the middle of its units to their top."""
        return (self._rows(label) - 1) * _APART / 2 + RADIUS

    def _down(self, label: str) -> float:
        """From the middle of its units to the end of its caption."""
        return self._up(label) + self._below(label)

    def _below(self, label: str) -> float:
        return (len(self._caption(label)) + 0.4) * _LINE

    def _group(self, label: str, x: float, y: float) -> Group:
        shown, width = self._shown(label), self.network.width(label)
        wide = width > MOST_UNITS
        y += RADIUS
        units = [
            Unit(label, number, x, y + _APART * (at + (wide and number == width)))
            for at, number in enumerate(shown)
        ]
        dots = (x, y + _APART * _FIRST_UNITS) if wide else None
        bottom = units[-1].y + RADIUS + 1.2 * _LINE
        return Group(label, x, tuple(units), width, dots, self._caption(label), bottom)

    def _caption(self, label: str) -> tuple[str, ...]:
        lines = [label]
        if label in self.layers:
            layer = self.layers[label]
            shown = layer.activation.name or layer.activation.expression or ""
            called = self.words.kinds.get(layer.kind, layer.kind.replace("_", " "))
            kind = "" if layer.kind == "dense" else called
            active = shown.replace("_", " ") if shown not in ("", "identity") else ""
            if len(active) > 14:
                active = "f"
            lines.append(", ".join(each for each in (kind, active) if each) or called)
        if self.network.width(label) > MOST_UNITS:
            lines.append(self.words.in_all.format(self.network.width(label)))
        return tuple(lines)

    def _connections(self, source: Group, target: Group, layer: Layer) -> list[Connection]:
        row = KINDS.get(layer.kind)
        if row is not None and row.units:
            name = f"W{self.suffix[layer.share or target.layer]}"
            return [
                Connection(one, other, f"{name}[{other.number},{one.number}]")
                for one in source.units
                for other in target.units
            ]
        full = layer.kind in (EQUATION, "softmax", "layer_norm") or source.width != target.width
        if layer.kind == "concat":
            return self._block(source, target, layer)
        return [
            Connection(one, other, "")
            for one in source.units
            for other in target.units
            if full or one.number == other.number
        ]

    def _block(self, source: Group, target: Group, layer: Layer) -> list[Connection]:
        """Of a concatenation every unit is joined to where it comes to stand."""
        found, before = [], 0
        for label in layer.inputs:
            if label == source.layer:
                found += [
                    Connection(one, other, "")
                    for one in source.units
                    for other in target.units
                    if other.number == before + one.number
                ]
            before += self.network.width(label)
        if not found and target.dots is not None:
            # All of its places are among those left out: one line to the ellipsis.
            middle = source.units[len(source.units) // 2]
            found.append(Connection(middle, Unit(target.layer, 0, *target.dots), ""))
        return found

    def _as_thick_as_weights(self, connections: Sequence[Connection]) -> Iterator[Connection]:
        """The same, those with the largest of the weights that are drawn the thickest."""
        values = [self.weights.get(each.weight) for each in connections]
        largest = max((abs(each) for each in values if each is not None), default=0.0)
        for each, value in zip(connections, values, strict=True):
            if value is None or not largest:
                yield each
            else:
                thickness = _THIN + (_THICK - _THIN) * abs(value) / largest
                yield replace(each, thickness=thickness, negative=value < 0)

    def _arc(self, source: Group, target: Group, number: int) -> Arc:
        """From the top of a group to the top of another, above all between them."""
        height = _MARGIN + _ARC * 0.3 - _ARC * number * 0.1
        start, end = (source.x, source.top), (target.x, target.top)
        reach = (target.x - source.x) * 0.25
        return Arc(
            source.layer,
            target.layer,
            start,
            (source.x + reach, height, target.x - reach, height),
            end,
        )
