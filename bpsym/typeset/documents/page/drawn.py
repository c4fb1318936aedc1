"""The network as it stands on the page: the picture, drawn closer, with the cost as a last node.

A part is anything that can light up. Its key is ``1.2`` for unit 2 of layer 1, ``x.1>1.2`` for the
line between two units, ``b1[2]`` for the stub of a bias, ``C`` for the cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bpsym.calculus.system import Role
from bpsym.network.build import BuiltNetwork
from bpsym.network.build.naming import suffixes
from bpsym.network.catalogue.kinds import KINDS
from bpsym.typeset.pictures.network import picture_of
from bpsym.typeset.pictures.parts import Arc as Curve
from bpsym.typeset.pictures.parts import Picture, Unit

COST = "C"
RADIUS = 16.0
_MARGIN = 22.0
_ACROSS, _DOWN = 98.0 / 112.0, 46.0 / 40.0
_COLUMN = 92.0
_THIN, _THICK, _PLAIN = 0.8, 4.2, 1.1
# A stub leaves its unit to the lower left.
_SLOPE, _STUB = 0.7071, 9.0


@dataclass(frozen=True)
class Node:
    """A circle: a unit, or the cost with the number 0."""

    key: str
    layer: str
    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """A line. weight: the element on it, ``W1[2,1]``, or empty."""

    key: str
    weight: str
    source: str
    target: str
    ends: tuple[float, float, float, float]
    thickness: float
    negative: bool


@dataclass(frozen=True)
class Arc:
    """A curve between layers further apart."""

    key: str
    source: str
    target: str
    path: str


@dataclass(frozen=True)
class Stub:
    """A bias: a short line into its unit."""

    key: str
    unit: str
    ends: tuple[float, float, float, float]
    thickness: float
    negative: bool


@dataclass(frozen=True)
class Drawn:
    """Everything that is drawn.

    columns: the keys of the units from the input on, those of one layer together. gap_after: after
    how many of them layers are left out. place: where other things of the picture stand.
    """

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    arcs: tuple[Arc, ...]
    stubs: tuple[Stub, ...]
    columns: tuple[tuple[str, ...], ...]
    gap_after: int | None
    place: Place

    @cached_property
    def parts(self) -> frozenset[str]:
        """The keys of everything that can light up."""
        return frozenset(
            (
                *(node.key for node in self.nodes),
                *(edge.key for edge in self.edges),
                *(arc.key for arc in self.arcs),
                *(stub.key for stub in self.stubs),
            )
        )


def biases(built: BuiltNetwork) -> dict[str, str]:
    """For each layer that has one the name of its bias."""
    found = {}
    network = built.network
    own = dict(zip(network.labels, suffixes(network), strict=True))
    for label, layer in zip(network.labels, network.layers, strict=True):
        row = KINDS.get(layer.kind)
        name = f"b{own[layer.share or label].parameters}"
        tensor = built.system.tensors.get(name)
        if row is not None and row.bias and tensor is not None and tensor.role is Role.PARAMETER:
            found[label] = name
    return found


def drawn(built: BuiltNetwork, weights: Mapping[str, float]) -> Drawn:
    """The drawing of a network with these weights by element."""
    picture = picture_of(built)
    place = Place(picture)
    nodes = {_key(unit): place.node(unit) for group in picture.groups for unit in group.units}
    known = biases(built)
    stubs_of = {
        key: f"{known[node.layer]}[{node.number}]"
        for key, node in nodes.items()
        if node.layer in known
    }
    names = (*(each.weight for each in picture.connections), *stubs_of.values())
    largest = max((abs(weights[name]) for name in names if name in weights), default=0.0)

    def thickness(name: str) -> float:
        if name not in weights or not largest:
            return _PLAIN
        return _THIN + (_THICK - _THIN) * abs(weights[name]) / largest

    edges = []
    for each in picture.connections:
        source, target = _key(each.source), _key(each.target)
        if source in nodes and target in nodes:
            one, other = nodes[source], nodes[target]
            edges.append(
                Edge(
                    f"{source}>{target}",
                    each.weight,
                    source,
                    target,
                    (one.x + RADIUS, one.y, other.x - RADIUS, other.y),
                    thickness(each.weight),
                    weights.get(each.weight, 0.0) < 0,
                )
            )
    stubs = []
    for key, name in stubs_of.items():
        node = nodes[key]
        near, far = RADIUS * _SLOPE, (RADIUS + _STUB) * _SLOPE
        ends = (node.x - near, node.y + near, node.x - far, node.y + far)
        stubs.append(Stub(name, key, ends, thickness(name), weights.get(name, 0.0) < 0))
    edges += list(_to_the_cost(built, picture, nodes, place))
    return Drawn(
        place.width,
        place.height,
        (*nodes.values(), place.cost(built, picture)),
        tuple(edges),
        tuple(place.arc(each) for each in picture.arcs),
        tuple(stubs),
        tuple(tuple(_key(unit) for unit in group.units) for group in picture.groups),
        _gap(picture),
        place,
    )


def _key(unit: Unit) -> str:
    return f"{unit.layer}.{unit.number}"


def _gap(picture: Picture) -> int | None:
    """After how many groups layers are left out."""
    if not picture.gaps:
        return None
    return sum(group.x < picture.gaps[0].x for group in picture.groups)


def read_by_losses(built: BuiltNetwork) -> tuple[str, ...]:
    """The layers and inputs whose output a loss reads, in order."""
    read = {
        name
        for relation in built.system.relations
        if built.system.tensors[relation.defines].role is Role.LOSS
        for name in relation.reads
    }
    return tuple(label for label, output in built.outputs.items() if output in read)


def _to_the_cost(
    built: BuiltNetwork, picture: Picture, nodes: Mapping[str, Node], place: Place
) -> Iterator[Edge]:
    cost = place.cost(built, picture)
    for label in read_by_losses(built):
        for node in nodes.values():
            if node.layer == label:
                ends = (node.x + RADIUS, node.y, cost.x - RADIUS, cost.y)
                key = f"{node.key}>{COST}"
                yield Edge(key, "", node.key, COST, ends, _PLAIN, negative=False)


class Place:
    """Takes the coordinates of the picture to those of the page."""

    def __init__(self, picture: Picture) -> None:
        xs = [unit.x for group in picture.groups for unit in group.units]
        self.left, self.right = min(xs), max(xs)
        self.width = self.x(self.right) + _COLUMN + RADIUS + _MARGIN
        self.height = picture.height * _DOWN - 2 * _MARGIN * (_DOWN - 1) - 8

    def x(self, x: float) -> float:
        """Across."""
        return _MARGIN + RADIUS + (x - self.left) * _ACROSS

    def y(self, y: float) -> float:
        """Down."""
        return y * _DOWN - 8

    def node(self, unit: Unit) -> Node:
        """A unit."""
        return Node(_key(unit), unit.layer, unit.number, self.x(unit.x), self.y(unit.y))

    def cost(self, built: BuiltNetwork, picture: Picture) -> Node:
        """The cost, at the height of what it reads."""
        read = read_by_losses(built)
        ys = [unit.y for group in picture.groups if group.layer in read for unit in group.units]
        middle = (min(ys) + max(ys)) / 2 if ys else picture.height / 2
        return Node(COST, "", 0, self.x(self.right) + _COLUMN, self.y(middle))

    def arc(self, curve: Curve) -> Arc:
        """A curve."""
        points = (curve.start, curve.control[:2], curve.control[2:], curve.end)
        start, one, other, end = (f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        key = f"{curve.source}>{curve.target}"
        return Arc(key, curve.source, curve.target, f"M{start}C{one} {other} {end}")
