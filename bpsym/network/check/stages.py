"""From a declaration to a network: every problem in one report, or a model that holds.

The declaration is the mapping that a TOML or JSON file holds; shorthand and Python are brought
into that form first. The stages, each a file of its own:

    network_draft, layer_draft, loss_draft, activation_use
                                what each part of the declaration says by itself
    graph                       who reads whom, in which order, who shares with whom
    equations, names            the names in equations
    sizes, inference            widths and shapes, from the equations
    loss_sources, loss_suits    losses against outputs and targets
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpsym.errors import NetworkError, quoted
from bpsym.network.catalogue.activations import SOFTMAX
from bpsym.network.catalogue.kinds import KINDS
from bpsym.network.check.equations import check_equation, index_names
from bpsym.network.check.graph import connect, ordered, resolve_shares
from bpsym.network.check.layer_draft import LayerDraft
from bpsym.network.check.loss_draft import LossDraft
from bpsym.network.check.loss_sources import check_loss_sizes, check_of
from bpsym.network.check.loss_suits import Values, check_suit, check_targets
from bpsym.network.check.network_draft import NetworkDraft, read_network
from bpsym.network.check.report import Report, Table
from bpsym.network.check.sizes import Measured, measured
from bpsym.network.model import ActivationUse, Network
from bpsym.text.names import tensor_name_problem

DEFAULT_ACT = "identity"
DEFAULT_LOSS = "half_squared_error"
DISTRIBUTION_LOSS = "cross_entropy"


def settled(declared: Mapping[str, object], default_act: str = DEFAULT_ACT) -> Network:
    """Check a declaration and make the network of it.

    default_act: the activation of dense layers where neither they nor ``act`` name one.
    Raises NetworkError with every problem found.
    """
    report = Report()
    draft = read_network(declared, report)
    order = _Check(draft, report).order(default_act)
    if report.problems or order is None:
        raise NetworkError(*report.in_order())
    return _finished(draft, order)


class _Check:
    """The stages after reading; each notes what it sees in the report."""

    def __init__(self, draft: NetworkDraft, report: Report) -> None:
        self.draft = draft
        self.layers = draft.layers
        self.report = report

    def order(self, default_act: str) -> list[LayerDraft] | None:
        """The layers in an order in which they can be computed; None if there is none."""
        if not self.layers or not self._names():
            return None
        connected = connect(self.layers, self.draft.inputs, self.report)
        resolve_shares(self.layers, self.report)
        self._fill_in(default_act)
        self._equations()
        order = ordered(self.layers, self.report)
        placed = [layer.placed() for layer in order or ()]
        sizes = measured(placed, self.draft.inputs, self.report)
        self._comparisons(sizes)
        self._losses(order or (), sizes, self._ends() if connected and order else None)
        losses = self.draft.losses
        if connected and losses and all(loss.of for loss in losses):
            self._unread()
        return order

    def _names(self) -> bool:
        """Note names that cannot be; False if two things have one name, so no reference holds."""
        unique = True
        taken: dict[str, str] = {}
        for name in self.draft.inputs:
            where = f"inputs of {self.draft.place}"
            self.report.note(tensor_name_problem(name, where, "input name"))
            taken[name] = "an input"
        for layer in self.layers:
            lhs = layer.tree.lhs.tensor if layer.tree is not None else None
            for own in {name: None for name in (layer.name, lhs) if name is not None}:
                if own in taken:
                    unique = False
                    self.report.add(
                        layer.where,
                        "the name is taken",
                        "a name that nothing else has",
                        f"{quoted(own)}, like {taken[own]}",
                        f"call it {own[:28]}_2, for example",
                    )
                taken[own] = f"layer {layer.position}"
        return unique

    def _fill_in(self, default_act: str) -> None:
        """Give every layer what it left unsaid, and note what it must not leave unsaid."""
        silent = []
        for layer in self.layers:
            row = layer.row
            if row is None:
                continue
            if row.units and layer.units is None and not layer.units_are_broken:
                self.report.add(
                    layer.where, "the width is missing", "units", "none", "write units = 3"
                )
            if row.bias and layer.bias is None:
                layer.bias = True
            if layer.activation is None and (row.units or layer.kind == "activation"):
                silent.append(layer)
        for layer in silent:
            layer.activation = self.draft.act or ActivationUse(default_act)
        if silent and not self.draft.act_is_said:
            self.draft.assumed.append(f"Activation: {default_act} where none was given.")

    def _equations(self) -> None:
        """Note names in equations; an equation with bad names is not measured."""
        labels = [*self.draft.inputs, *(layer.label for layer in self.layers)]
        for layer in self.layers:
            if layer.tree is None or layer.sources is None or not layer.is_usable:
                continue
            seen = len(self.report.problems)
            check_equation(layer.tree, layer.sources, labels, layer.where, self.report)
            sizes = Table(layer.sizes, f"sizes of {layer.where}", self.report)
            sizes.asked.extend(index_names(layer.tree))
            sizes.close()
            layer.is_usable = len(self.report.problems) == seen

    def _comparisons(self, sizes: Measured) -> None:
        """Note a softmax and the like over one unit: it is constant, and nothing would learn."""
        for layer in self.layers:
            if sizes.widths.get(layer.label) != 1:
                continue
            use = layer.activation.name if layer.activation is not None else None
            row = KINDS[SOFTMAX] if use == SOFTMAX else layer.row
            if row is not None and row.compares:
                self.report.add(
                    layer.where,
                    f"a {row.name} over one unit is constant, and the gradients below it are 0",
                    "two units or more",
                    "1",
                    "write two units, or a sigmoid with loss binary_cross_entropy"
                    if row.distribution
                    else "take the layer out",
                )

    def _ends(self) -> list[str]:
        """The layers that no layer reads."""
        read = {source for layer in self.layers for source in layer.sources or ()}
        return [layer.label for layer in self.layers if layer.label not in read]

    def _losses(
        self, order: Sequence[LayerDraft], sizes: Measured, ends: Sequence[str] | None
    ) -> None:
        labels = [layer.label for layer in self.layers]
        values = Values(self.draft.inputs)
        for each in order:
            if (layer := each.placed().layer) is not None:
                values.add(each.label, layer)
        for loss in self.draft.losses:
            if not check_of(loss, ends, labels, self.report):
                continue
            assert loss.of is not None
            if loss.is_chosen_later:
                self._choose(loss, values.is_distribution(loss.of[0]))
            check_loss_sizes(loss, sizes.widths, self.report)
            self.draft.assumed.extend(check_suit(loss, values, self.report))
        names = [layer.name for layer in self.layers if layer.name is not None]
        check_targets(self.draft.losses, names, self.draft.inputs, sizes.widths, self.report)

    def _choose(self, loss: LossDraft, after_softmax: bool) -> None:
        loss.kind = DISTRIBUTION_LOSS if after_softmax else DEFAULT_LOSS
        why = f", after an output {SOFTMAX}" if after_softmax else ""
        self.draft.assumed.append(f"Loss: {loss.kind}, as none was given{why}.")

    def _unread(self) -> None:
        """Note layers and inputs that nothing reads."""
        losses = self.draft.losses
        scored = {label for loss in losses for label in loss.of or ()}
        unread = set(self._ends()) - scored
        for layer in self.layers:
            if layer.label in unread:
                self.report.add(
                    layer.where,
                    "nothing reads this layer",
                    "a layer or a loss that reads it",
                    "none",
                    f'write a loss of = "{layer.label}", or take the layer out',
                )
        read = {source for layer in self.layers for source in layer.sources or ()}
        for name in self.draft.inputs:
            if name not in read:
                self.report.add(
                    f"input {name!r} of {self.draft.place}",
                    "nothing reads this input",
                    "a layer that reads it",
                    "none",
                    f'write from = ["{name}"] in a layer, or take the input out',
                )


def _finished(draft: NetworkDraft, order: Sequence[LayerDraft]) -> Network:
    """The model; unnamed layers get the labels of their new positions."""
    new = {layer.label: layer.name or str(k) for k, layer in enumerate(order, start=1)}
    for layer in order:
        layer.sources = tuple(new.get(source, source) for source in layer.sources or ())
        layer.share = new[layer.share] if layer.share is not None else None
    for loss in draft.losses:
        loss.of = tuple(new[label] for label in loss.of or ())
    return Network._of(
        name=draft.name,
        inputs=tuple(draft.inputs.items()),
        layers=tuple(layer.layer() for layer in order),
        losses=tuple(loss.loss() for loss in draft.losses),
        reduction=draft.reduction,
        l2=draft.l2,
        assumed=tuple(draft.assumed),
    )
