"""Formal equations: of a layer kind, an activation, a loss, a decay term. Each is made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp

from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.flatten import flatten
from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import SAMPLES, Schema
from bpsym.calculus.terms.from_text import Reader, rational, symbol_names
from bpsym.calculus.terms.functions import U
from bpsym.calculus.terms.indexed import element, index, name_of, scalar, size
from bpsym.calculus.terms.recognise import recognised
from bpsym.network.catalogue.activations import ACTIVATIONS, ALIASES, SOFTMAX
from bpsym.network.catalogue.kinds import KINDS
from bpsym.network.check.sizes import formal_inputs
from bpsym.network.check.sizes import kind_equations as row_equations
from bpsym.network.model import ActivationUse, Layer
from bpsym.text import syntax
from bpsym.text.door import read_equation, read_expression

SAMPLE = "n"
BIAS = "b"


def activation_of(use: ActivationUse) -> Activation:
    """The activation that a layer names or writes."""
    return _activation(use.name, use.options, use.expression)


@cache
def _activation(
    name: str | None, options: tuple[tuple[str, Fraction], ...], expression: str | None
) -> Activation:
    if expression is not None:
        written = recognised(activation_expression(expression))
        return _in_catalogue(written) or Activation("f", written, catalogued=False)
    row = ACTIVATIONS[ALIASES.get(str(name), str(name))]
    learned = tuple(scalar(each) for each in row.learned)
    names = symbol_names({**row.options, **dict(options)})
    names |= {str(each): each for each in learned}
    return Activation(row.name, activation_expression(row.expression, names), learned)


def _in_catalogue(expression: sp.Expr) -> Activation | None:
    """The catalogued activation of this expression, with default options, if there is one."""
    for row in ACTIVATIONS.values():
        if not row.learned:
            known = _activation(row.name, (), None)
            if known.expression == expression:
                return known
    return None


def activation_expression(text: str, names: Mapping[str, sp.Expr] | None = None) -> sp.Expr:
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
    reserved: tuple[str, ...] = (),
) -> tuple[Schema, ...]:
    """One schema for each equation of a kind.

    zeroed: tensors that are left out (the bias of a layer declared without one).
    reserved: names that no intermediate may get.
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
    taken = {each.lhs.tensor for each in equations} | {*inputs, *written, *reserved}

    def fresh(wish: str) -> str:
        name, number = wish, 1
        while name in taken:
            number += 1
            name = f"{wish}{number}"
        taken.add(name)
        return name

    schemas = []
    for each in equations:
        lhs, rhs = reader.read(each.lhs), recognised(reader.expression(each.rhs))
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
    per_sample = recognised(reader.expression(read_expression(text, f"loss {label}")))
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


@dataclass(frozen=True)
class LayerForm:
    """The formal equations of a layer: what they call its inputs and its output."""

    schemas: tuple[Schema, ...]
    inputs: tuple[str, ...]
    output: str

    @property
    def is_copy(self) -> bool:
        """Whether the output is the input: then only the activation is left of the layer."""
        equation = self.schemas[0].equation
        same = isinstance(equation.rhs, sp.Indexed) and equation.rhs.indices == equation.lhs.indices
        return len(self.schemas) == 1 and same


def layer_form(layer: Layer) -> LayerForm:
    """The formal equations of a layer's kind, or of its own equation."""
    if layer.equation is not None:
        equation = read_equation(layer.equation, "layer")
        # Before an activation the layer's own z is what the equation gives.
        reserved = () if layer.activation.name == "identity" else ("z",)
        schemas = kind_schemas((equation,), (), (), layer.inputs, layer.kind, reserved)
        return LayerForm(schemas, layer.inputs, equation.lhs.tensor)
    return _form_of_kind(layer.kind, len(layer.inputs), tuple(layer.options), bool(layer.bias))


@cache
def _form_of_kind(
    kind: str, arity: int, chosen: tuple[tuple[str, Fraction], ...], bias: bool
) -> LayerForm:
    """The formal equations of a kind, once for all layers that are alike."""
    row = KINDS[kind]
    inputs = formal_inputs(arity)
    options = tuple({**row.options, **dict(chosen)}.items())
    zeroed = (BIAS,) if row.bias and not bias else ()
    schemas = kind_schemas(row_equations(kind, arity), options, zeroed, inputs, kind)
    return LayerForm(schemas, inputs, schemas[-1].tensors[0])


def softmax_schema() -> Schema:
    """The softmax as a layer of its own, for a layer that names it as its activation."""
    equations = row_equations(SOFTMAX, 1)
    return kind_schemas(equations, (), (), formal_inputs(1), SOFTMAX)[0]
