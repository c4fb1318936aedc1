"""A layer as it was declared, before the network around it is known.

Whatever could not be read is None and has been noted; the later checks pass over it, so that one
mistake is reported once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bpsym.errors import ExpressionError, quoted, way_to
from bpsym.network.catalogue import kinds
from bpsym.network.check.activation_use import VARIABLE, read_activation, read_options
from bpsym.network.check.report import Report, Table, is_mapping, listing, shown
from bpsym.network.check.sizes import Placed
from bpsym.network.limits import LARGEST_WIDTH
from bpsym.network.model import ActivationUse, Layer, Options
from bpsym.text import syntax
from bpsym.text.door import read_equation
from bpsym.text.names import tensor_name_problem

# Stands for an activation that could not be read: nothing is known about its values.
_SOME_FUNCTION = ActivationUse(None, (), VARIABLE)

_LAYER_HINTS = {
    "input": 'write from = ["h1"]',
    "inputs": 'write from = ["h1"]',
    "size": "write units = 3",
    "width": "write units = 3",
    "type": 'write kind = "dense"',
    "act": 'write activation = "tanh"',
}


@dataclass
class LayerDraft:
    """One layer as declared; None where nothing usable was said.

    kind: the row's name, None if it is unknown.
    tree: the equation as it was read, for a layer of kind ``equation``.
    misnamed: a name that cannot be one, by which others may call it all the same.
    """

    position: int
    where: str
    name: str | None
    kind: str | None
    sources: tuple[str, ...] | None
    units: int | None = None
    activation: ActivationUse | None = None
    bias: bool | None = None
    share: str | None = None
    options: Options = ()
    equation: str | None = None
    tree: syntax.Equation | None = None
    sizes: dict[str, int] = field(default_factory=dict)
    units_are_broken: bool = False
    sizes_are_broken: bool = False
    misnamed: str | None = None
    is_usable: bool = True

    @property
    def label(self) -> str:
        """What other layers call it."""
        return self.name or str(self.position)

    @property
    def row(self) -> kinds.KindRow | None:
        """The row of its kind; None for an equation and for an unknown kind."""
        return kinds.KINDS.get(self.kind or "")

    def placed(self) -> Placed:
        """The layer as it can be measured."""
        row = self.row
        whole = self.sources is not None and (row is not None or self.tree is not None)
        usable = self.is_usable and not self.sizes_are_broken
        layer = self.layer() if whole and usable else None
        return Placed(self.label, self.where, layer, self.tree)

    def layer(self) -> Layer:
        """The finished layer; call it when nothing was noted."""
        assert self.kind is not None
        assert self.sources is not None
        return Layer(
            name=self.name,
            kind=self.kind,
            inputs=self.sources,
            units=self.units,
            activation=self.activation or ActivationUse(),
            bias=bool(self.bias),
            share=self.share,
            options=self.options,
            equation=self.equation,
            sizes=tuple(self.sizes.items()),
        )


def read_layer(value: object, position: int, network: str, report: Report) -> LayerDraft:
    """Read the declaration of one layer, noting what is wrong with it."""
    where = f"layer {position} of {network}"
    if not is_mapping(value):
        report.add(
            where,
            "this is not a layer",
            "a table of keys such as units and activation",
            shown(value),
            "write [[layer]] and its keys below it",
        )
        return LayerDraft(position, where, None, None, None)
    table = Table(value, where, report)
    name = table.text("name")
    misnamed = None
    if name is not None and report.note(tensor_name_problem(name, where, "layer name")):
        name, misnamed = None, name
    if name is not None:
        table.where = where = f"layer {position} {name!r} of {network}"
    kind = _kind(table)
    draft = LayerDraft(position, where, name, kind, table.texts("from"), misnamed=misnamed)
    if kind in (kinds.EQUATION, None):
        _read_equation(draft, table, network)
    draft.share = table.text("share")
    _read_activation(draft, table)
    row = draft.row
    hints = dict(_LAYER_HINTS)
    if row is None or row.units:
        draft.units = table.integer("units", LARGEST_WIDTH) if kind != kinds.EQUATION else None
        draft.units_are_broken = draft.units is None and "units" in table
    if row is None or row.bias:
        draft.bias = table.flag("bias") if kind != kinds.EQUATION else None
    if row is not None:
        draft.options = read_options(table, row.options)
    if kind is None:  # anything might belong to the kind that was meant
        return draft
    hints |= {"units": f"{kind} has no width of its own: leave it out"}
    if kind == kinds.EQUATION:
        hints |= {"units": "write sizes = { i = 16 } for an index that nothing else tells"}
        hints |= {"bias": "write the bias into the equation: ... + c[i]"}
    if row is not None and not row.activation:
        hints |= {"activation": 'add a layer of kind = "activation" below'}
    if kind != kinds.EQUATION and "equation" in table:
        hints |= {"equation": 'write kind = "equation"'}
    table.close(hints)
    return draft


def _kind(table: Table) -> str | None:
    default = kinds.EQUATION if "equation" in table and "kind" not in table else "dense"
    kind = table.text("kind") if "kind" in table else default
    known = (*kinds.KINDS, kinds.EQUATION)
    if kind is not None and kind not in known:
        table.report.add(
            table.where, "unknown kind", listing(known), quoted(kind), way_to(kind, known, "dense")
        )
        return None
    return kind


def _read_activation(draft: LayerDraft, table: Table) -> None:
    row = draft.row
    if row is not None and not row.activation:
        return
    value = table.get("activation")
    if value is not None:
        where = f"activation of {draft.where}"
        use = read_activation(value, where, table.report)
        draft.activation = _SOME_FUNCTION if use is None else use


def _read_equation(draft: LayerDraft, table: Table, network: str) -> None:
    """Read equation and sizes; the left side names a layer that has no other name."""
    draft.equation = table.text("equation")
    if draft.kind is not None:
        _read_tree(draft, table)
    if draft.name is None and draft.tree is not None:
        name = draft.tree.lhs.tensor
        if tensor_name_problem(name, draft.where, "layer name") is None:
            draft.name = name
            table.where = draft.where = f"layer {draft.position} {name!r} of {network}"
    sizes = table.mapping("sizes", "a table of sizes by index", "write sizes = { i = 16 }")
    inner = Table(sizes or {}, f"sizes of {draft.where}", table.report)
    for index in sizes or {}:
        size = inner.integer(index, LARGEST_WIDTH)
        if size is not None:
            draft.sizes[index] = size
        else:
            draft.sizes_are_broken = True


def _read_tree(draft: LayerDraft, table: Table) -> None:
    if draft.equation is None:
        if "equation" not in table:
            table.report.add(
                draft.where,
                "the equation is missing",
                'equation = "g[n,i] = ..."',
                "none",
                "write the equation, or another kind",
            )
        return
    try:
        draft.tree = read_equation(draft.equation, f"equation of {draft.where}")
    except ExpressionError as error:
        table.report.take(error)
        return
    draft.equation = draft.equation.strip(" ")
