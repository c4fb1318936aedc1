"""The picture of gates put together: columns, heights, then wires from the left to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpsym.typeset.pictures.gate_layout.columns import Grid, Link, grid
from bpsym.typeset.pictures.gate_layout.heights import heights
from bpsym.typeset.pictures.gate_layout.order import Columns, ordered, ports
from bpsym.typeset.pictures.gate_layout.sizes import PORT, ROOM, Sizes
from bpsym.typeset.pictures.gate_layout.wires import STRAIGHT, Net, lanes
from bpsym.typeset.pictures.gates import LOCAL, RADIUS, GatePicture, Node, Spot, Wire, wide
from bpsym.typeset.printers.styles import Labels

_MARGIN, _LANE = 12.0, 7.0


def gate_picture(title: str, nodes: Sequence[Node], labels: Labels = Labels.ROUND) -> GatePicture:
    """The drawing of gates in an order of evaluation, the last one being the cost."""
    return _Drawing(nodes, labels).picture(title)


class _Drawing:
    def __init__(self, nodes: Sequence[Node], labels: Labels) -> None:
        self.nodes = nodes
        self.labels = labels
        self.sizes = Sizes(nodes, labels)
        self.grid: Grid = grid([node.inputs for node in nodes])
        self.columns: Columns = ordered(self.grid)
        self.ports: Mapping[int, tuple[Link, ...]] = ports(self.grid, self.columns)
        self.offsets = dict.fromkeys(self.grid.links, 0.0)
        for links in self.ports.values():
            middle = (len(links) - 1) / 2
            self.offsets |= {link: (at - middle) * PORT for at, link in enumerate(links)}
        self.y = heights(self.grid, self.columns, self.offsets, self.sizes.extents(self.columns))

    def picture(self, title: str) -> GatePicture:
        self._straighten()
        self.x, self.lane_x = self._across()
        top = min(self.y[item] - self.sizes.up(item) for item in self.y)
        self.y = {item: y - top + _MARGIN for item, y in self.y.items()}
        wires, forks = [], []
        for at in range(len(self.columns) - 1):
            for item, lane in zip(self.columns[at], self._lanes(at), strict=True):
                x = self.lane_x[at] + lane * _LANE
                wires += [self._wire(link, x) for link in self.grid.out_of[item]]
                forks += self._forks(item, x)
        height = max(self.y[item] + self.sizes.down(item) for item in self.y) + _MARGIN
        last = self.columns[-1]
        width = max(self.x[item] + self.sizes.reach(item) for item in last) + _MARGIN
        spots = [
            Spot(
                node, self.x[at], self.y[at], self.sizes.half_width(at), self.sizes.half_height(at)
            )
            for at, node in enumerate(self.nodes)
        ]
        return GatePicture(
            title, width, height, tuple(spots), tuple(wires), tuple(forks), self.labels
        )

    # Across

    def _across(self) -> tuple[dict[int, float], list[float]]:
        """The place of each item across, and where the lanes right of each column begin."""
        x, lane_x = dict[int, float](), list[float]()
        middle = _MARGIN + max(map(self.sizes.reach, self.columns[0]))
        for at, column in enumerate(self.columns):
            x |= dict.fromkeys(column, middle)
            if at + 1 == len(self.columns):
                break
            after = self.columns[at + 1]
            right = middle + max(map(self.sizes.reach, column)) + ROOM
            lane_x.append(right)
            bent = max(self._lanes(at), default=0) + self._is_bent(at)
            right += bent * _LANE + (0 if bent else -ROOM)
            into = [link for item in after for link in self.grid.into[item]]
            texts = [wide(self._text(link), LOCAL) for link in into]
            ahead = max(map(self.sizes.half_width, after), default=0.0)
            gates = max(
                (self.sizes.half_width(each) for each in after if self._reads(each)), default=0.0
            )
            middle = right + max(
                max(texts, default=0.0) + 2 * ROOM + gates,
                ahead + ROOM,
                max(map(self.sizes.reach, after)) + 1,
            )
        return x, lane_x

    def _reads(self, item: int) -> bool:
        return item < len(self.nodes) and not self.nodes[item].is_given

    def _text(self, link: Link) -> str:
        return "" if link.port is None else self.nodes[link.target].edges[link.port]

    # Wires

    def _net(self, item: int) -> Net:
        ends = [self.y[link.target] + self.offsets[link] for link in self.grid.out_of[item]]
        return Net(self.y[item], tuple(ends) or (self.y[item],))

    def _lanes(self, column: int) -> list[int]:
        return lanes([self._net(item) for item in self.columns[column]])

    def _is_bent(self, column: int) -> bool:
        return any(not self._net(item).is_straight for item in self.columns[column])

    def _straighten(self) -> None:
        """A wire that nearly fits the port of a gate with one input goes straight into it."""
        for links in self.ports.values():
            if len(links) == 1:
                (link,) = links
                off = self.y[link.source] - self.y[link.target]
                if abs(off) < RADIUS / 2:
                    self.offsets[link] = off

    def _wire(self, link: Link, lane: float) -> Wire:
        start = (self.x[link.source] + self.sizes.half_width(link.source), self.y[link.source])
        height = self.y[link.target] + self.offsets[link]
        # A wire ends beneath its gate, which is drawn over it.
        end = (self.x[link.target], height)
        text = self._text(link)
        left = self.x[link.target] - self.sizes.half_width(link.target)
        text_x = left - ROOM - wide(text, LOCAL) / 2
        if abs(start[1] - height) < STRAIGHT:
            points: tuple[tuple[float, float], ...] = (start, (end[0], start[1]))
        else:
            points = (start, (lane, start[1]), (lane, height), end)
        return Wire(points, text, text_x, height)

    def _forks(self, item: int, lane: float) -> list[tuple[float, float]]:
        """Where three parts of a wire meet."""
        net = self._net(item)
        ends = {round(end, 3) for end in net.ends}
        if net.is_straight or len(ends) < 2:
            return []
        top, bottom = net.span
        found = []
        for y in sorted({*ends, round(net.start, 3)}):
            parts = (abs(y - net.start) < STRAIGHT) + (y in ends)
            parts += (y > top + STRAIGHT) + (y < bottom - STRAIGHT)
            if parts > 2:
                found.append((lane, y))
        return found
