"""Layer by layer: formal equations become relations between actual tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import sympy as sp

from bpsym.calculus.system import SAMPLES, Relation, Role, Schema, System, Tensor
from bpsym.calculus.terms.indexed import name_of
from bpsym.errors import NetworkError
from bpsym.network.build.built import BuiltNetwork, Start
from bpsym.network.build.existence import require_value
from bpsym.network.build.naming import Suffix, suffixes
from bpsym.network.build.schemas import (
    SAMPLE,
    LayerForm,
    activation_of,
    activation_schema,
    decay_schema,
    layer_form,
    loss_schema,
    softmax_schema,
)
from bpsym.network.build.vector_starts import vector_starts
from bpsym.network.catalogue.activations import ACTIVATIONS, SOFTMAX
from bpsym.network.catalogue.kinds import KINDS
from bpsym.network.catalogue.losses import LOSSES
from bpsym.network.model import Layer, Loss, Network


def build(network: Network) -> BuiltNetwork:
    """Write a network as a system of equations."""
    builder = _Builder(network)
    inputs = builder.add_inputs()
    for label, layer, suffix in zip(network.labels, network.layers, suffixes(network), strict=True):
        _LayerBuilder(builder, label, layer, suffix).run()
    objective, targets = builder.add_losses()
    _check_reads(builder)
    # Parameters stand in the order in which they are written, not in that of flattened equations.
    for name in network.parameters:
        builder.tensors[name] = builder.tensors.pop(name)
    read_by_losses = (builder.outputs[label] for loss in network.losses for label in loss.of)
    return BuiltNetwork(
        network=network,
        system=System(builder.tensors, tuple(builder.relations), tuple(objective), builder.sizes),
        outputs=builder.outputs,
        inputs=inputs,
        targets=targets,
        predictions=tuple(dict.fromkeys(read_by_losses)),
        starts=builder.starts,
    )


def _check_reads(builder: _Builder) -> None:
    """Raise NetworkError if an equation does not depend on all that is written in it."""
    network = builder.network
    read = {name for relation in builder.relations for name in relation.reads}
    tensors = {label: builder.outputs[label] for each in network.layers for label in each.inputs}
    dropped = [name for name in network.parameters if name not in builder.tensors]
    dropped += [label for label, tensor in tensors.items() if tensor not in read]
    if dropped:
        raise NetworkError.single(
            where=f"the equations of {network.name!r}",
            what="something drops out of an equation, as in x - x or 0*x",
            expected="an equation that depends on every name in it",
            got=", ".join(dropped),
            way_out="take it out of the equation",
        )


@dataclass
class _Builder:
    """What has been built so far.

    parameters: by the label of a layer, formal name -> actual name. weights: what decays.
    """

    network: Network
    tensors: dict[str, Tensor] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)
    weights: list[str] = field(default_factory=list)

    def relate(self, schema: Schema, names: Mapping[str, str]) -> None:
        """Add a relation: a schema between the tensors that ``names`` gives its formal ones."""
        self.relations.append(Relation(schema, tuple(names[each] for each in schema.tensors)))

    def add_inputs(self) -> dict[str, str]:
        """``X``, or ``X_name`` for each of several."""
        single = len(self.network.inputs) == 1
        found = {}
        for name, width in self.network.inputs:
            tensor, label = ("X", "n0") if single else (f"X_{name}", f"n_{name}")
            self.sizes[label] = width
            self.tensors[tensor] = Tensor(
                tensor, Role.INPUT, (SAMPLES, label), f"d{tensor}", (SAMPLE, "j")
            )
            self.outputs[name] = found[name] = tensor
        return found

    def add_losses(self) -> tuple[list[tuple[str, Fraction]], dict[str, str]]:
        """The terms of the cost with their weights, and the target tensors by name."""
        network = self.network
        targets: dict[str, str] = {}
        named = dict.fromkeys(loss.target for loss in network.losses if loss.target is not None)
        objective = []
        for number, loss in enumerate(network.losses, 1):
            alone = len(network.losses) == 1
            whole = not self._decays and loss.weight == 1
            term = f"L{number}" if not alone else "C" if whole else "L"
            self._loss(loss, term, targets, single_target=len(named) == 1)
            objective.append((term, loss.weight))
        if self._decays:
            for weight in self.weights:
                term = f"R_{weight}"
                self.tensors[term] = Tensor(term, Role.LOSS, (), f"d{term}")
                schema = decay_schema(network.l2, len(self.tensors[weight].sizes))
                self.relate(schema, {"R": term, "W": weight})
                objective.append((term, Fraction(1)))
        return objective, targets

    @property
    def _decays(self) -> bool:
        return bool(self.network.l2 and self.weights)

    def _loss(self, loss: Loss, term: str, targets: dict[str, str], *, single_target: bool) -> None:
        row = LOSSES[loss.kind] if loss.kind is not None else None
        if row is not None:
            options = tuple({**row.options, **dict(loss.options)}.items())
            schema = loss_schema(row.expression, options, self.network.reduction, row.name)
        else:
            text = str(loss.expression)
            schema = loss_schema(text, (), self.network.reduction, "loss")
            require_value((schema,), f"loss of {self.network.name!r}", text)
        formal_outputs = row.outputs if row is not None else ("a",)
        names = {"C": term}
        for formal, label in zip(formal_outputs, loss.of, strict=True):
            names[formal] = self.outputs[label]
        if loss.target is not None:
            target = "Y" if single_target else f"Y_{loss.target}"
            names["y"] = targets[loss.target] = target
            sizes = self.tensors[self.outputs[loss.of[0]]].sizes
            distribution = row is not None and row.distribution and loss.targets != "weights"
            known = self.tensors.get(target)
            self.tensors[target] = Tensor(
                target,
                Role.TARGET,
                sizes,
                f"d{target}",
                (SAMPLE, "k"),
                sums_to_one=distribution or (known is not None and known.sums_to_one),
            )
        self.tensors[term] = Tensor(term, Role.LOSS, (), f"d{term}")
        self.relate(schema, names)


@dataclass
class _LayerBuilder:
    """Builds one layer: its equations, then its activation."""

    builder: _Builder
    label: str
    layer: Layer
    suffix: Suffix

    def run(self) -> None:
        form = layer_form(self.layer)
        if self.layer.equation is not None:
            require_value(form.schemas, f"equation of layer {self.label}", self.layer.equation)
        row = KINDS.get(self.layer.kind)
        use = self.layer.activation
        plain = use.name == "identity" and use.expression is None
        # z and a are told apart where an activation follows; a dense layer always has both.
        has_activation = not plain or (row is not None and row.units)
        self.own = self.builder.parameters.setdefault(self.label, {})
        self.vectors = self._vector_starts(form)
        sources = (self.builder.outputs[each] for each in self.layer.inputs)
        names = dict(zip(form.inputs, sources, strict=True))
        if form.is_copy and has_activation:
            before = names[form.inputs[0]]
        else:
            before = f"{'z' if has_activation else 'a'}{self.suffix.tensors}"
            self._equations(form, names, before, named=has_activation)
        after = self._activation(before) if has_activation else before
        self.builder.outputs[self.label] = after

    def _equations(
        self, form: LayerForm, names: dict[str, str], output: str, *, named: bool
    ) -> None:
        labels = self._size_labels(form, names)
        for schema in form.schemas:
            for formal in schema.tensors[1:]:
                if formal not in names:
                    names[formal] = self._parameter(schema, formal, labels)
            formal = schema.tensors[0]
            if formal not in names:
                is_output = formal == form.output
                actual = output if is_output else f"{formal}{self.suffix.tensors}"
                names[formal] = actual
                # Several equations for one tensor fill it block by block: a concatenation.
                in_blocks = sum(each.tensors[0] == formal for each in form.schemas) > 1
                pre_activation = named if is_output else formal.rstrip("0123456789") == "z"
                self._hidden(
                    schema, actual, labels, pre_activation=pre_activation, in_blocks=in_blocks
                )
            self.builder.relate(schema, names)

    def _hidden(
        self,
        schema: Schema,
        name: str,
        labels: Mapping[str, str],
        *,
        pre_activation: bool,
        in_blocks: bool,
    ) -> None:
        """A tensor that an equation defines; a pre-activation's adjoint is its delta."""
        sizes, axes = [], []
        for subscript in schema.equation.subscripts():
            whole = isinstance(subscript, sp.Symbol) and (subscript.name == SAMPLE or not in_blocks)
            letter = subscript.name if whole else "i"
            is_sample = letter == SAMPLE
            sizes.append(labels[letter] if is_sample or not in_blocks else self._own_width())
            axes.append(letter)
        adjoint = name.replace("z", "delta", 1) if pre_activation else f"adj_{name}"
        self.builder.tensors[name] = Tensor(
            name, Role.HIDDEN, tuple(sizes), adjoint, tuple(axes), pre_activation
        )

    def _own_width(self) -> str:
        label = f"n{self.suffix.tensors}"
        self.builder.sizes[label] = self.builder.network.width(self.label)
        return label

    def _size_labels(self, form: LayerForm, names: Mapping[str, str]) -> dict[str, str]:
        """The size label of each index: that of a known tensor, or the layer's own."""
        labels = {SAMPLE: SAMPLES}
        nodes = [node for schema in form.schemas for node in schema.elements]
        for node in nodes:
            tensor = self.builder.tensors.get(names.get(name_of(node), ""))
            for position, subscript in enumerate(node.indices):
                if tensor is not None and isinstance(subscript, sp.Symbol):
                    labels.setdefault(subscript.name, tensor.sizes[position])
        declared = dict(self.layer.sizes)
        for node in (*nodes, *(schema.equation.lhs for schema in form.schemas)):
            for subscript in node.indices:
                if not isinstance(subscript, sp.Symbol) or subscript.name in labels:
                    continue
                letter = subscript.name
                if letter in declared:
                    label = f"size{self.suffix.tensors}_{letter}"
                    self.builder.sizes[label] = declared[letter]
                else:
                    label = self._own_width()
                labels[letter] = label
        return labels

    def _parameter(self, schema: Schema, formal: str, labels: Mapping[str, str]) -> str:
        """The actual name of a parameter, which is made unless it is shared."""
        shared = self.builder.parameters.get(self.layer.share or "", {})
        name = self.own[formal] = shared.get(formal, f"{formal}{self.suffix.parameters}")
        if name not in self.builder.tensors:
            node = next(each for each in schema.elements if name_of(each) == formal)
            letters = tuple(name_of(i) for i in node.indices)
            self.builder.tensors[name] = Tensor(
                name,
                Role.PARAMETER,
                tuple(labels[letter] for letter in letters),
                f"d{name}",
                letters,
            )
            self._start(name, formal, len(letters))
        return name

    def _start(self, name: str, formal: str, rank: int) -> None:
        """Where a parameter starts, and whether it decays.

        A kind says it; in a user's equation tensors of rank two and more are weights.
        """
        row = KINDS.get(self.layer.kind)
        is_weight = formal in row.weights if row is not None else rank >= 2
        if row is not None and formal in row.starts:
            start = Start(row.starts[formal])
        elif is_weight:
            known = ACTIVATIONS.get(str(self.layer.activation.name))
            start = Start(None, known.start if known is not None else "glorot")
        else:
            at = self.vectors.get(formal, 0)
            start = Start(None, "apart") if at is None else Start(Fraction(at))
        self.builder.starts[name] = start
        if is_weight:
            self.builder.weights.append(name)

    def _vector_starts(self, form: LayerForm) -> Mapping[str, int | None]:
        """Where the vectors of a user's equation start."""
        if self.layer.equation is None:
            return {}
        known = {*form.inputs, *(schema.tensors[0] for schema in form.schemas)}
        nodes = [node for schema in form.schemas for node in schema.elements]
        vectors = dict.fromkeys(
            name_of(each) for each in nodes if len(each.indices) == 1 and name_of(each) not in known
        )
        use = self.layer.activation
        activation = None if use.name == SOFTMAX else activation_of(use)
        return vector_starts(form.schemas, tuple(vectors), activation)

    def _activation(self, z: str) -> str:
        a = f"a{self.suffix.tensors}"
        before = self.builder.tensors[z]
        self.builder.tensors[a] = Tensor(a, Role.HIDDEN, before.sizes, f"adj_{a}", before.axes)
        if self.layer.activation.name == SOFTMAX:
            schema = softmax_schema()
            self.builder.relate(schema, dict(zip(schema.tensors, (a, z), strict=True)))
            return a
        activation = activation_of(self.layer.activation)
        text = self.layer.activation.expression
        if text is not None:
            require_value((activation_schema(activation),), f"layer {self.label}", text)
        names = {"a": a, "z": z}
        shared = self.builder.parameters.get(self.layer.share or "", {})
        for symbol in activation.learned:
            parameter = shared.get(symbol.name, f"{symbol.name}{self.suffix.parameters}")
            self.own[symbol.name] = names[symbol.name] = parameter
            if parameter not in self.builder.tensors:
                self.builder.tensors[parameter] = Tensor(
                    parameter, Role.PARAMETER, before.sizes[1:], f"d{parameter}", ("i",)
                )
                value = ACTIVATIONS[activation.name].learned[symbol.name]
                self.builder.starts[parameter] = Start(value)
        self.builder.relate(activation_schema(activation), names)
        return a
