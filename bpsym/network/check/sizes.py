"""How wide every layer is and what shape every parameter has, from the kinds' own equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bpsym.network.catalogue.activations import ACTIVATIONS, ActivationRow
from bpsym.network.catalogue.kinds import KINDS, KindRow
from bpsym.network.check.inference import Inferred, Known, infer
from bpsym.network.check.report import Report
from bpsym.network.limits import LARGEST_WIDTH, MOST_PARAMETERS
from bpsym.network.model import Layer, Network
from bpsym.text import syntax
from bpsym.text.door import read_equation
from bpsym.text.names import EMITTED_WORDS, PI

OUTPUT = "out"

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """The sizes of a network.

    widths: of inputs and layers, by label. parameters: shapes, by the name in emitted code.
    indices: by the label of an equation layer, the sizes of the indices in its equation.
    """

    widths: Mapping[str, int]
    parameters: Mapping[str, Shape]
    indices: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Placed:
    """A layer with its label and its place in words; the layer is None if it is not usable."""

    label: str
    where: str
    layer: Layer | None
    tree: syntax.Equation | None = None


def measure(network: Network) -> Measured:
    """The sizes of a network that was checked."""
    placed = []
    for label, layer in zip(network.labels, network.layers, strict=True):
        where = f"layer {label}"
        tree = read_equation(layer.equation, where) if layer.equation is not None else None
        placed.append(Placed(label, where, layer, tree))
    return measured(placed, dict(network.inputs), Report())


def measured(placed: Sequence[Placed], inputs: Mapping[str, int], report: Report) -> Measured:
    """The sizes of layers in an order in which they can be computed; notes what does not fit."""
    meter = _Meter(inputs, report)
    for each in placed:
        meter.add(each)
    for each in placed:
        meter.check_share(each)
    meter.check_total()
    return Measured(
        meter.widths,
        meter.parameters,
        meter.indices,
    )


@cache
def kind_equations(row: str, arity: int) -> tuple[syntax.Equation, ...]:
    """The equations of a kind for a number of layers read."""
    where = f"kind {row!r}"
    return tuple(read_equation(text, where) for text in KINDS[row].equations(arity))


@lru_cache(maxsize=1024)
def _alike(row: str, widths: tuple[int, ...], declared: tuple[tuple[str, int], ...]) -> Inferred:
    """What the equations of a kind tell, for all layers of these sizes."""
    formals = formal_inputs(len(widths))
    known = {formal: Known(width, "") for formal, width in zip(formals, widths, strict=True)}
    constants = {f"N{formal[1:]}": width for formal, width in zip(formals, widths, strict=True)}
    sizes = {name: Known(size, "") for name, size in declared}
    return infer(kind_equations(row, len(widths)), known, sizes, constants)


def formal_inputs(arity: int) -> tuple[str, ...]:
    """What the equations of a kind call the layers read: ``x``, or ``x1, x2, ...``."""
    return ("x",) if arity == 1 else tuple(f"x{k}" for k in range(1, arity + 1))


class _Meter:
    def __init__(self, inputs: Mapping[str, int], report: Report) -> None:
        self.widths: dict[str, int] = dict(inputs)
        self.parameters: dict[str, Shape] = {}
        self.indices: dict[str, Mapping[str, int]] = {}
        self.origin: dict[str, str] = {}
        self.own: dict[str, Mapping[str, Shape]] = {}
        self.report = report
        self.positions = 0

    def add(self, placed: Placed) -> None:
        """Measure one layer whose inputs have been measured."""
        layer = placed.layer
        if layer is None:
            return
        if any(source not in self.widths for source in layer.inputs):
            if layer.units is not None:  # what went wrong below does not reach beyond it
                self.widths[placed.label] = layer.units
            return
        row = KINDS.get(layer.kind)
        output = OUTPUT if row is not None else placed.tree.lhs.tensor if placed.tree else ""
        inferred = self._inferred(placed, layer, row)
        if inferred is None or not self._fits(placed, layer, inferred):
            return
        shapes = {tensor: _whole(shape) for tensor, shape in inferred.shapes.items()}
        (width,) = shapes.pop(output)
        if width > LARGEST_WIDTH:
            self.report.add(
                placed.where,
                "the layer is too wide",
                f"at most {LARGEST_WIDTH}",
                str(width),
                "read fewer or narrower layers",
            )
            return
        self.widths[placed.label] = width
        if row is None:
            self.indices[placed.label] = {k: size or 0 for k, size in inferred.indices.items()}
        given = {equation.lhs.tensor for equation in _equations(placed, layer, row)}
        given |= {PI, *(option for option, _ in layer.options)}
        own = {tensor: shape for tensor, shape in shapes.items() if tensor not in given}
        if not layer.bias:
            own = {tensor: shape for tensor, shape in own.items() if row is None or tensor != "b"}
        activation = _activation(layer)
        own |= dict.fromkeys(activation.learned, (width,)) if activation else {}
        self._own(placed, layer, own)

    def _inferred(self, placed: Placed, layer: Layer, row: KindRow | None) -> Inferred | None:
        equations = _equations(placed, layer, row)
        formals = layer.inputs if row is None else formal_inputs(len(layer.inputs))
        pairs = list(zip(formals, layer.inputs, strict=True))
        known = {formal: Known(self.widths[s], f"{s!r}") for formal, s in pairs}
        constants = {f"N{formal[1:]}": self.widths[s] for formal, s in pairs} if row else {}
        declared = {name: Known(size, "sizes") for name, size in layer.sizes}
        if row is not None and row.units:
            if layer.units is None:
                return None
            declared["i"] = Known(layer.units, "units")
        if row is not None:
            widths = tuple(self.widths[source] for source in layer.inputs)
            alike = _alike(row.name, widths, tuple((i, each.size) for i, each in declared.items()))
            if not alike.conflicts:  # else where the sizes come from is to be told
                return alike
        return infer(equations, known, declared, constants) if equations else None

    def _fits(self, placed: Placed, layer: Layer, inferred: Inferred) -> bool:
        for index, one, other in inferred.conflicts:
            self.report.add(
                placed.where,
                "the sizes do not fit",
                f"one size for index {index}",
                f"{one.size} from {one.source} and {other.size} from {other.source}",
                "make the widths equal"
                + (f", or rename {index} in one of the sums" if placed.tree else ""),
            )
        for index in inferred.open_indices:
            self.report.add(
                placed.where,
                f"nothing tells the size of index {index}",
                "an index that runs over a layer, or a declared size",
                _where_used(index, placed.tree) if placed.tree is not None else index,
                f"write sizes = {{ {index} = 16 }}, for example",
            )
        return not inferred.conflicts and not inferred.open_indices

    def _own(self, placed: Placed, layer: Layer, own: Mapping[str, Shape]) -> None:
        """Note the parameters of a layer under their full names, if they are its own."""
        self.own[placed.label] = own
        if not own or layer.share is not None:
            return
        self.positions += 1
        name = placed.tree.lhs.tensor if placed.tree is not None else layer.name
        suffix = str(self.positions) if name is None else f"_{name}"
        for tensor, shape in own.items():
            full = tensor + suffix
            if full in self.parameters or full in EMITTED_WORDS:
                self.report.add(
                    placed.where,
                    "the name of a parameter is taken",
                    "a parameter and a layer whose names together are new",
                    f"{full}, like {self.origin.get(full, 'what every emitted module has')}",
                    "rename the layer or the parameter",
                )
            self.parameters[full] = shape
            self.origin[full] = placed.where

    def check_share(self, placed: Placed) -> None:
        """Note where a layer shares parameters that do not fit it."""
        share = placed.layer.share if placed.layer is not None else None
        own, owned = self.own.get(placed.label), self.own.get(share or "")
        if share is None or own is None or owned is None:  # no share, or noted before
            return
        for tensor, shape in own.items():
            if owned.get(tensor) != shape:
                self.report.add(
                    placed.where,
                    "the shared parameters do not fit",
                    _shape_in_words(tensor, shape),
                    f"{_shape_in_words(tensor, owned.get(tensor))} in {share!r}",
                    "share between layers of the same fan-in, units and activation",
                )
        if not own:
            self.report.add(
                placed.where,
                "there is nothing to share",
                "a layer with parameters",
                "a layer without",
                "leave share out",
            )

    def check_total(self) -> None:
        """Note a network that is too large as a whole."""
        total = sum(_count(shape) for shape in self.parameters.values())
        if total > MOST_PARAMETERS:
            largest = max(self.parameters, key=lambda name: _count(self.parameters[name]))
            self.report.add(
                self.origin[largest],
                "the network has too many parameters",
                f"at most {MOST_PARAMETERS}",
                f"{total}, most of them in {largest} {self.parameters[largest]}",
                "choose fewer units",
            )


def _equations(placed: Placed, layer: Layer, row: KindRow | None) -> tuple[syntax.Equation, ...]:
    if row is not None:
        return kind_equations(row.name, len(layer.inputs))
    return () if placed.tree is None else (placed.tree,)


def _where_used(index: str, tree: syntax.Equation) -> str:
    """Where an index stands that has no size: in a subscript with others, or on parameters."""
    reads = (node for node in syntax.walk(tree.rhs) if isinstance(node, syntax.Read))
    for node in reads:
        for affine in node.subscripts:
            if affine != syntax.Affine(((index, 1),)) and index in dict(affine.terms):
                return f"{index} in the subscript {affine} of {node.tensor}"
    return f"{index} on parameters only"


def _activation(layer: Layer) -> ActivationRow | None:
    return ACTIVATIONS.get(layer.activation.name or "")


def _whole(shape: Sequence[int | None]) -> Shape:
    """A shape in which nothing is open; an open one is the size of an index, noted before."""
    return tuple(size or 0 for size in shape)


def _count(shape: Shape) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _shape_in_words(tensor: str, shape: Shape | None) -> str:
    return f"no {tensor}" if shape is None else f"{tensor} {shape}"
