"""From a declared network to a system of equations: the only place where layer kinds meet sympy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

import sympy as sp

from bpsym.calculus.activation import Activation
from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.flatten import flatten
from bpsym.calculus.from_text import Reader, rational, symbol_names
from bpsym.calculus.functions import U
from bpsym.calculus.indexed import element, index, name_of, scalar, size
from bpsym.calculus.system import SAMPLES, Relation, Role, Schema, System, Tensor
from bpsym.network.activations import ACTIVATIONS, ALIASES, SOFTMAX
from bpsym.network.kinds import EQUATION, KINDS
from bpsym.network.losses import LOSSES
from bpsym.network.model import ActivationUse, Layer, Loss, Network
from bpsym.text import syntax
from bpsym.text.door import read_equation, read_expression

SAMPLE = "n"


@dataclass(frozen=True)
class Formal:
    """The equations of a kind, one schema each, with its formal inputs and parameters."""

    schemas: tuple[Schema, ...]
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    output: str


def activation_of(use: ActivationUse) -> Activation:
    """The activation that a layer names or writes."""
    return _activation(use.name, use.options, use.expression)


@cache
def _activation(
    name: str | None, options: tuple[tuple[str, Fraction], ...], expression: str | None
) -> Activation:
    if expression is not None:
        return Activation("f", expand_call(expression), catalogued=False)
    row = ACTIVATIONS[ALIASES.get(str(name), str(name))]
    learned = tuple(scalar(each) for each in row.learned)
    names = symbol_names({**row.options, **dict(options)})
    names |= {str(each): each for each in learned}
    return Activation(row.name, expand_call(row.expression, names), learned)


def expand_call(text: str, names: Mapping[str, sp.Expr] | None = None) -> sp.Expr:
    """An expression in ``z`` as sympy, in the symbol ``U``."""
    reader = Reader(
        sizes=lambda name: size(name), names={"z": U, **(names or {})}, expand=catalogued
    )
    return reader.expression(read_expression(text, "activation"))


def catalogued(name: str, argument: sp.Expr) -> sp.Expr | None:
    """The expression of a catalogued activation at an argument, with its default options."""
    row = ACTIVATIONS.get(ALIASES.get(name, name))
    if row is None or row.learned:
        return None
    return _activation(row.name, (), None).expression.xreplace({U: argument})


def index_size(name: str) -> sp.Expr:
    """The symbol of an index's size; the sample index runs to m."""
    return size(SAMPLES) if name == SAMPLE else size(f"size {name}")


@cache
def kind_schemas(
    equations: tuple[syntax.Equation, ...],
    options: tuple[tuple[str, Fraction], ...],
    zeroed: tuple[str, ...],
    inputs: tuple[str, ...],
    label: str,
) -> tuple[Schema, ...]:
    """One schema for each equation of a kind.

    zeroed: tensors that are left out (the bias of a layer declared without one).
    """
    known: dict[str, sp.Expr] = symbol_names(dict(options))
    widths = {"N" + name[1:]: (name, 1) for name in inputs if name[0] == "x"}
    known |= {name: size(f"size {name}") for name in widths}
    reader = Reader(sizes=index_size, names=known, expand=catalogued)
    written = [
        node.tensor
        for each in equations
        for node in syntax.walk(each.rhs)
        if isinstance(node, syntax.Read)
    ]
    taken = {each.lhs.tensor for each in equations} | {*inputs, *written}

    def fresh(wish: str) -> str:
        name, number = wish, 1
        while name in taken:
            number += 1
            name = f"{wish}{number}"
        taken.add(name)
        return name

    schemas = []
    for each in equations:
        lhs, rhs = reader.read(each.lhs), reader.expression(each.rhs)
        rhs = rhs.xreplace(
            {node: sp.Integer(0) for node in rhs.atoms(sp.Indexed) if name_of(node) in zeroed}
        )
        indices = [
            s
            for part in lhs.indices
            for s in sorted(part.free_symbols, key=str)
            if not s.is_positive
        ]
        ranges = {i: Range.upto(index_size(i.name)) for i in indices}
        for flat in flatten(Equation(lhs, rhs, ranges), lambda i: index_size(i.name), fresh):
            schemas.append(schema_of(label, flat, widths, order=written))
    return tuple(schemas)


def schema_of(
    label: str,
    equation: Equation,
    widths: Mapping[str, tuple[str, int]] | None = None,
    activation: Activation | None = None,
    order: Sequence[str] = (),
) -> Schema:
    """A schema with the places where its sizes can be read off.

    order: names in the order in which they are written; sympy keeps none.
    """
    used = equation.rhs.free_symbols | equation.lhs.free_symbols
    size_of = {
        size(f"size {name}"): place
        for name, place in (widths or {}).items()
        if size(f"size {name}") in used
    }
    # What is read comes first: the left side may be one block of a tensor.
    nodes = sorted(equation.rhs.atoms(sp.Indexed), key=sp.default_sort_key)
    if isinstance(equation.lhs, sp.Indexed):
        nodes.append(equation.lhs)
    for node in nodes:
        for at, subscript in enumerate(node.indices):
            if isinstance(subscript, sp.Symbol) and subscript.name != SAMPLE:
                size_of.setdefault(index_size(subscript.name), (name_of(node), at))
    position = {name: at for at, name in reversed(list(enumerate(order)))}
    reads = sorted(equation.reads(), key=lambda name: position.get(name, -1))
    # A tensor that only lends its width (concat) is listed too: the width is read off there.
    lenders = dict.fromkeys(tensor for tensor, _ in size_of.values() if tensor not in reads)
    lenders.pop(equation.tensor, None)
    tensors = (equation.tensor, *reads, *lenders)
    return Schema(label, equation, tensors, size_of, activation)


@cache
def activation_schema(activation: Activation) -> Schema:
    """``a[n,i] = f(z[n,i], alpha[i], ...)``."""
    n, i = index(SAMPLE), index("i")
    learned = [element(symbol.name, i) for symbol in activation.learned]
    rhs = activation.function(element("z", n, i), *learned)
    ranges = {n: Range.upto(index_size(SAMPLE)), i: Range.upto(index_size("i"))}
    return schema_of(activation.name, Equation(element("a", n, i), rhs, ranges), None, activation)


@dataclass(frozen=True)
class _LossReader(Reader):
    """Reads ``a[k]`` as ``a[n,k]``: a loss is written for one sample."""

    def read(self, node: syntax.Read) -> sp.Expr:
        subscripts = (self.subscript(affine) for affine in node.subscripts)
        return element(node.tensor, index(SAMPLE), *subscripts)


@cache
def loss_schema(
    text: str, options: tuple[tuple[str, Fraction], ...], reduction: str, label: str
) -> Schema:
    """The mean or the sum over the samples of the loss of one sample."""
    known = {**symbol_names(dict(options)), "K": index_size("k")}
    reader = _LossReader(sizes=index_size, names=known, expand=catalogued)
    per_sample = reader.expression(read_expression(text, f"loss {label}"))
    samples = index_size(SAMPLE)
    cost = sp.Sum(per_sample, (index(SAMPLE), sp.Integer(1), samples))
    if reduction == "mean":
        cost = cost / samples
    return schema_of(label, Equation(scalar("C"), cost, {}))


@cache
def decay_schema(l2: Fraction, rank: int) -> Schema:
    """``l2/2 sum of squares`` of one weight tensor."""
    indices = [index(letter) for letter in "ijklpqrs"[:rank]]
    squares: sp.Expr = element("W", *indices) ** 2
    for i in reversed(indices):
        squares = sp.Sum(squares, (i, sp.Integer(1), index_size(i.name)))
    return schema_of("decay", Equation(scalar("R"), rational(l2) / 2 * squares, {}))


@dataclass(frozen=True, eq=False)
class BuiltNetwork:
    """A network as a system, with what the rest needs to know of its names.

    outputs: layer or input label -> the tensor that holds its output.
    starts: parameter -> the number it starts from, or (rule, fan_in label, fan_out label).
    """

    network: Network
    system: System
    outputs: Mapping[str, str]
    inputs: Mapping[str, str]
    targets: Mapping[str, str]
    predictions: tuple[str, ...]
    starts: Mapping[str, Start]

    @property
    def kinked(self) -> tuple[str, ...]:
        """The activations that have a kink, by name."""
        names = (
            ALIASES.get(str(layer.activation.name), str(layer.activation.name))
            for layer in self.network.layers
        )
        return tuple(dict.fromkeys(n for n in names if n in ACTIVATIONS and ACTIVATIONS[n].kinks))

    def target_kind(self, loss: Loss) -> str:
        """What values the targets of a loss take: distribution, unit, signs, positive or real."""
        if loss.kind is None:
            return "real"
        row = LOSSES[loss.kind]
        return "distribution" if row.distribution else row.targets


@dataclass(frozen=True)
class Start:
    """How a parameter starts: at ``value``, or at random with a variance of ``rule``."""

    value: Fraction | None
    rule: str = ""


def build(network: Network) -> BuiltNetwork:
    """Write a network as a system of equations."""
    return _Builder(network).run()


@dataclass
class _Builder:
    network: Network
    tensors: dict[str, Tensor] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)
    weights: list[str] = field(default_factory=list)

    def run(self) -> BuiltNetwork:
        network = self.network
        single = len(network.inputs) == 1
        inputs = {}
        for name, width in network.inputs:
            tensor = "X" if single else f"X_{name}"
            self.sizes[label := "n0" if single else f"n_{name}"] = width
            self._add(tensor, Role.INPUT, (SAMPLES, label), f"d{tensor}", (SAMPLE, "j"))
            self.outputs[name] = inputs[name] = tensor
        suffixes = suffixes_of(network)
        for position, layer in enumerate(network.layers, 1):
            label = layer.name or str(position)
            self._layer(layer, label, suffixes[position - 1])
        objective, targets = self._losses(suffixes)
        read = {name for layer in network.layers for name in layer.inputs}
        predictions = tuple(
            dict.fromkeys(self.outputs[label] for loss in network.losses for label in loss.of)
        )
        assert read is not None
        system = System(self.tensors, tuple(self.relations), tuple(objective), self.sizes)
        return BuiltNetwork(
            network, system, self.outputs, inputs, targets, predictions, self.starts
        )

    def _add(
        self,
        name: str,
        role: Role,
        sizes: tuple[str, ...],
        adjoint: str,
        axes: tuple[str, ...],
        *,
        named: bool = False,
        sums_to_one: bool = False,
    ) -> str:
        self.tensors[name] = Tensor(name, role, sizes, adjoint, axes, named, sums_to_one)
        return name

    def _layer(self, layer: Layer, label: str, suffix: str) -> None:
        equations, options, zeroed, formal_inputs = kind_equations(layer)
        schemas = kind_schemas(equations, options, zeroed, formal_inputs, layer.kind)
        use = layer.activation
        softmax = use.name == SOFTMAX
        plain = use.name == "identity" and use.expression is None
        row = KINDS.get(layer.kind)
        before_activation = (row is not None and row.units) or not plain
        given = dict(zip(formal_inputs, (self.outputs[each] for each in layer.inputs), strict=True))
        out = schemas[-1].tensors[0]
        own = self.parameters.setdefault(label, {})
        shared = self.parameters.get(layer.share, {}) if layer.share else {}
        z = f"z{suffix}" if before_activation else f"a{suffix}"
        if len(schemas) == 1 and _is_copy(schemas[0]) and before_activation:
            z = given[formal_inputs[0]]
        else:
            start = row.starts if row else {}
            names = dict(given)
            labels = self._index_labels(schemas, names, layer, suffix)
            for schema in schemas:
                self._relation(schema, names, labels, layer, suffix, out, z, own, shared, start)
        if not before_activation:
            self.outputs[label] = z
            return
        a = f"a{suffix}"
        sizes = self.tensors[z].sizes
        self._add(a, Role.HIDDEN, sizes, f"adj_{a}", self.tensors[z].axes)
        if softmax:
            schema = _softmax_schema()
            self.relations.append(
                Relation(schema, tuple({"out": a, "x": z}[name] for name in schema.tensors))
            )
        else:
            activation = activation_of(use)
            names = {"a": a, "z": z}
            for symbol in activation.learned:
                parameter = shared.get(symbol.name) or f"{symbol.name}{suffix}"
                own[symbol.name] = names[symbol.name] = parameter
                if parameter not in self.tensors:
                    self._add(parameter, Role.PARAMETER, sizes[1:], f"d{parameter}", ("i",))
                    learned = ACTIVATIONS[activation.name].learned
                    self.starts[parameter] = Start(learned[symbol.name])
            schema = activation_schema(activation)
            self.relations.append(Relation(schema, tuple(names[each] for each in schema.tensors)))
        self.outputs[label] = a

    def _relation(
        self,
        schema: Schema,
        names: dict[str, str],
        labels: Mapping[str, str],
        layer: Layer,
        suffix: str,
        out: str,
        z: str,
        own: dict[str, str],
        shared: Mapping[str, str],
        start: Mapping[str, Fraction],
    ) -> None:
        """Name the tensors of one equation, find their sizes, and add the relation."""
        equation = schema.equation
        for formal in schema.tensors[1:]:
            if formal in names:
                continue
            parameter = shared.get(formal) or f"{formal}{suffix}"
            names[formal] = own[formal] = parameter
            if parameter in self.tensors:
                continue
            node = next(n for n in equation.rhs.atoms(sp.Indexed) if name_of(n) == formal)
            letters = tuple(str(i) for i in node.indices)
            self._add(
                parameter,
                Role.PARAMETER,
                tuple(labels[letter] for letter in letters),
                f"d{parameter}",
                letters,
            )
            self._start(parameter, formal, layer, start, len(letters))
        lhs = equation.lhs
        formal = schema.tensors[0]
        if formal not in names:
            actual = names[formal] = z if formal == out else f"{formal}{suffix}"
            sizes, axes = [], []
            for position, subscript in enumerate(lhs.indices):
                if isinstance(subscript, sp.Symbol):
                    sizes.append(labels[subscript.name])
                    axes.append(subscript.name)
                else:
                    sizes.append(f"n{suffix}")
                    axes.append("i")
                    assert position == 1
            is_delta = actual == z and z.startswith("z")
            adjoint = f"delta{suffix}" if is_delta else f"adj_{actual}"
            self._add(actual, Role.HIDDEN, tuple(sizes), adjoint, tuple(axes), named=is_delta)
        if not all(isinstance(s, sp.Symbol) for s in lhs.indices):
            self._grow(schema, names, labels, f"n{suffix}")
        elif formal == out and f"n{suffix}" in self.tensors[names[out]].sizes:
            self.sizes.setdefault(f"n{suffix}", self.sizes[labels[str(lhs.indices[1])]])
        self.relations.append(Relation(schema, tuple(names[each] for each in schema.tensors)))

    def _grow(
        self, schema: Schema, names: Mapping[str, str], labels: Mapping[str, str], label: str
    ) -> None:
        """The width of a tensor defined in blocks is where its last block ends."""
        values = {
            symbol: sp.Integer(self.sizes[self.tensors[names[tensor]].sizes[position]])
            for symbol, (tensor, position) in schema.size_of.items()
            if tensor in names
        }
        place = schema.equation.lhs.indices[1]
        for i in list(place.free_symbols):
            if str(i) in labels:
                values[i] = sp.Integer(self.sizes[labels[str(i)]])
        self.sizes[label] = max(self.sizes.get(label, 0), int(place.xreplace(values)))
        out = names[schema.tensors[0]]
        tensor = self.tensors[out]
        if tensor.sizes[1] != label:
            self._add(out, tensor.role, (tensor.sizes[0], label), tensor.adjoint, tensor.axes)

    def _index_labels(
        self, schemas: Sequence[Schema], names: Mapping[str, str], layer: Layer, suffix: str
    ) -> dict[str, str]:
        """The size label of each index of a kind: from known tensors, units or sizes."""
        labels = {SAMPLE: SAMPLES}
        nodes = [
            node
            for schema in schemas
            for node in (*schema.equation.rhs.atoms(sp.Indexed), schema.equation.lhs)
        ]
        for node in sorted(nodes, key=sp.default_sort_key):
            if name_of(node) in names:
                tensor = self.tensors[names[name_of(node)]]
                for position, subscript in enumerate(node.indices):
                    if isinstance(subscript, sp.Symbol):
                        labels.setdefault(subscript.name, tensor.sizes[position])
        declared = dict(layer.sizes)
        for node in nodes:
            for subscript in node.indices:
                for symbol in subscript.free_symbols:
                    if symbol.is_positive or symbol.name in labels:
                        continue
                    if symbol.name in declared:
                        label = f"n{suffix}_{symbol.name}"
                        self.sizes[label] = declared[symbol.name]
                    elif layer.units is not None:
                        label = f"n{suffix}"
                        self.sizes[label] = layer.units
                    else:
                        raise AssertionError(f"size of {symbol} unknown")
                    labels[symbol.name] = label
        return labels

    def _start(
        self,
        parameter: str,
        formal: str,
        layer: Layer,
        start: Mapping[str, Fraction],
        rank: int,
    ) -> None:
        row = KINDS.get(layer.kind)
        if formal in start:
            self.starts[parameter] = Start(start[formal])
        elif rank < 2:
            self.starts[parameter] = Start(Fraction(0))
        else:
            use = layer.activation
            name = ALIASES.get(str(use.name), str(use.name))
            rule = ACTIVATIONS[name].start if name in ACTIVATIONS else "glorot"
            self.starts[parameter] = Start(None, rule)
        if formal in (row.weights if row else ()) or (row is None and rank >= 2):
            self.weights.append(parameter)

    def _losses(
        self, suffixes: tuple[str, ...]
    ) -> tuple[list[tuple[str, Fraction]], dict[str, str]]:
        network = self.network
        objective: list[tuple[str, Fraction]] = []
        targets: dict[str, str] = {}
        names = dict.fromkeys(loss.target for loss in network.losses if loss.target is not None)
        alone = len(network.losses) == 1 and not (network.l2 and self.weights)
        for number, loss in enumerate(network.losses, 1):
            term = "C" if alone else f"L{number}" if len(network.losses) > 1 else "L"
            schema = self._loss_schema(loss)
            row = LOSSES[loss.kind] if loss.kind else None
            outputs = row.outputs if row else ("a",)
            actual = {"C": term}
            actual |= dict(zip(outputs, (self.outputs[each] for each in loss.of), strict=True))
            if "y" in schema.tensors:
                target = "Y" if len(names) == 1 else f"Y_{loss.target}"
                actual["y"] = targets[str(loss.target)] = target
                sizes = self.tensors[actual[outputs[0]]].sizes
                distribution = bool(row and row.distribution) and loss.targets != "weights"
                known = self.tensors.get(target)
                self._add(
                    target,
                    Role.TARGET,
                    sizes,
                    f"d{target}",
                    (SAMPLE, "k"),
                    sums_to_one=distribution or bool(known and known.sums_to_one),
                )
            self._add(term, Role.LOSS, (), f"d{term}", ())
            self.relations.append(Relation(schema, tuple(actual[each] for each in schema.tensors)))
            objective.append((term, loss.weight))
        if network.l2:
            for weight in self.weights:
                rank = len(self.tensors[weight].sizes)
                schema = decay_schema(network.l2, rank)
                term = self._add(f"R_{weight}", Role.LOSS, (), f"dR_{weight}", ())
                actual = {"R": term, "W": weight}
                self.relations.append(
                    Relation(schema, tuple(actual[each] for each in schema.tensors))
                )
                objective.append((term, Fraction(1)))
        return objective, targets

    def _loss_schema(self, loss: Loss) -> Schema:
        if loss.expression is not None:
            return loss_schema(loss.expression, (), self.network.reduction, "loss")
        row = LOSSES[str(loss.kind)]
        options = tuple({**row.options, **dict(loss.options)}.items())
        return loss_schema(row.expression, options, self.network.reduction, row.name)


def suffixes_of(network: Network) -> tuple[str, ...]:
    """What follows z, a, W, ... in the names of each layer: ``1``, or ``_h1`` for a named one."""
    found: list[str] = []
    counter = 0
    taken = {layer.name for layer in network.layers}
    for position, layer in enumerate(network.layers, 1):
        row = KINDS.get(layer.kind)
        has_parameters = row is None or row.units or bool(row.starts)
        counter += has_parameters and layer.share is None
        if layer.name is not None:
            found.append(f"_{layer.name}")
        elif has_parameters and layer.share is None:
            found.append(str(counter))
        else:
            name = f"{layer.kind}{position}"
            while name in taken:
                name += "x"
            taken.add(name)
            found.append(f"_{name}")
    return tuple(found)


def kind_equations(
    layer: Layer,
) -> tuple[
    tuple[syntax.Equation, ...],
    tuple[tuple[str, Fraction], ...],
    tuple[str, ...],
    tuple[str, ...],
]:
    """The equations of a layer's kind, its options, what is left out, its formal inputs."""
    if layer.kind == EQUATION:
        equation = read_equation(str(layer.equation), f"layer {layer.name!r}")
        return (equation,), (), (), layer.inputs
    row = KINDS[layer.kind]
    options = tuple({**row.options, **dict(layer.options)}.items())
    zeroed = () if layer.bias or not row.bias else ("b",)
    many = row.inputs[1] is None
    inputs = tuple(f"x{k}" for k in range(1, len(layer.inputs) + 1)) if many else ("x",)
    return _kind_equations(layer.kind, len(layer.inputs)), options, zeroed, inputs


@cache
def _kind_equations(kind: str, arity: int) -> tuple[syntax.Equation, ...]:
    return tuple(read_equation(text, f"kind {kind}") for text in KINDS[kind].equations(arity))


def _softmax_schema() -> Schema:
    equations = _kind_equations(SOFTMAX, 1)
    return kind_schemas(equations, (), (), ("x",), SOFTMAX)[0]


def _is_copy(schema: Schema) -> bool:
    equation = schema.equation
    return isinstance(equation.rhs, sp.Indexed) and equation.rhs.indices == equation.lhs.indices
