"""How much room gates take, with the texts above and below them."""

from __future__ import annotations

from collections.abc import Sequence

from bpsym.typeset.formulas.tree import Formula
from bpsym.typeset.pictures.gate_layout.order import Columns
from bpsym.typeset.pictures.gates import NAME, RADIUS, SIGN, TEXT, VALUE, Node, wide
from bpsym.typeset.printers.latex import LaTeX
from bpsym.typeset.printers.printer import FormulaPrinter
from bpsym.typeset.printers.styles import Labels

# Between two ports of a gate, and around everything.
PORT, ROOM = 15.0, 5.0
# Half of the height of a box with a name in it.
_BOX = 9.0
# Gates with more inputs are longer than wide.
_ROUND = 2


def width_of_name(name: Formula, size: float, labels: Labels) -> float:
    """How wide a name is in letters of a size."""
    return size * FormulaPrinter(LaTeX(), labels=labels).width(name)


class Sizes:
    """The sizes of the items of a grid: of its gates, and of its bends, which take little."""

    def __init__(self, nodes: Sequence[Node], labels: Labels) -> None:
        self.nodes = nodes
        self.labels = labels

    def half_height(self, item: int) -> float:
        """Half of the height of what is drawn."""
        if item >= len(self.nodes):
            return 0.0
        node = self.nodes[item]
        if node.is_given:
            return _BOX
        many = len(node.inputs) > _ROUND
        return (len(node.inputs) - 1) / 2 * PORT + 9 if many else RADIUS

    def half_width(self, item: int) -> float:
        """Half of the width of what is drawn."""
        if item >= len(self.nodes):
            return 0.0
        node = self.nodes[item]
        if node.is_given:
            return max(RADIUS, self._name(item, SIGN) / 2 + 5)
        return max(RADIUS, wide(node.sign, SIGN) / 2 + 4 * (len(node.sign) > 2))

    def reach(self, item: int) -> float:
        """Half of its width, its texts included."""
        if item >= len(self.nodes):
            return 0.0
        node = self.nodes[item]
        texts = [wide(node.above, VALUE), wide(node.below, VALUE)]
        if not node.is_given:
            texts.append(self._name(item, NAME))
        return max(self.half_width(item), *(each / 2 for each in texts))

    def up(self, item: int) -> float:
        """From its middle to the end of what stands above it."""
        if item >= len(self.nodes):
            return ROOM
        node = self.nodes[item]
        name = 0.0 if node.is_given else VALUE + 2
        return self.half_height(item) + 2 * TEXT * bool(node.above) + name + 2

    def down(self, item: int) -> float:
        """From its middle to the end of what stands below it."""
        if item >= len(self.nodes):
            return ROOM
        return self.half_height(item) + 2 * TEXT * bool(self.nodes[item].below) + 2

    def extents(self, columns: Columns) -> dict[int, tuple[float, float]]:
        """Up and down of all items."""
        items = [item for column in columns for item in column]
        return {item: (self.up(item), self.down(item)) for item in items}

    def _name(self, item: int, size: float) -> float:
        return width_of_name(self.nodes[item].name, size, self.labels)
