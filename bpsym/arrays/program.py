"""The array program of a derivation: what is computed, in which order, from which equation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from bpsym.arrays.kernels import KERNELS
from bpsym.arrays.layout import Layout
from bpsym.arrays.lower import Lowering, Storage
from bpsym.arrays.nodes import (
    Axes,
    Concatenate,
    Node,
    Read,
    Transpose,
    reads,
    rebuild,
)
from bpsym.arrays.stable import A, Helper, Slope, in_place, of_logits
from bpsym.calculus.activation import Activation, Opaque, OpaqueSlope, slope_function
from bpsym.calculus.derivation import Adjoint, Derivation
from bpsym.calculus.equations import Equation
from bpsym.calculus.functions import U
from bpsym.calculus.indexed import scalar, size
from bpsym.calculus.rewrites import Context, pull_out_of_sums
from bpsym.calculus.system import SAMPLES, Relation, Role, System, Tensor

_RANKS = {
    Role.PARAMETER: 1,
    Role.HIDDEN: 2,
    Role.INPUT: 2,
    Role.TARGET: 4,
    Role.LOSS: 2,
}


@dataclass(frozen=True)
class Formula:
    """An index equation for a comment or a heading: ``name[letters] = expression``."""

    name: str
    letters: tuple[str, ...]
    expression: sp.Expr


@dataclass(frozen=True)
class Statement:
    """``name = node``, and the equation that it computes.

    tensor: the tensor that the value is, or whose adjoint it is. shape: size labels as stored.
    """

    name: str
    node: Node
    shape: tuple[str, ...]
    formula: Formula
    tensor: str
    rule: str = ""


@dataclass(frozen=True)
class Program:
    """Statements in order, and the functions that they call."""

    forward: tuple[Statement, ...]
    cost: tuple[Statement, ...]
    backward: tuple[Statement, ...]
    gradients: tuple[Statement, ...]
    helpers: tuple[Helper, ...]
    system: System
    layout: Layout
    ranks: Mapping[str, int]
    assumptions: frozenset[str]


def lower_derivation(derivation: Derivation, layout: Layout) -> Program:
    """The array program of a derivation in a layout.

    Raises EmitError where an equation has no array form yet.
    """
    return _Program(derivation, layout).run()


@dataclass
class _Program:
    derivation: Derivation
    layout: Layout
    helpers: dict[str, Helper] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def run(self) -> Program:
        system = self.derivation.system
        self.system = system
        self.storage = Storage(
            self.layout,
            {name: tensor.sizes for name, tensor in self._tensors().items()},
            system.sizes,
            {
                **{name: _RANKS[tensor.role] for name, tensor in system.tensors.items()},
                **{tensor.adjoint: 0 for tensor in system.tensors.values()},
            },
            _Slopes(self),
        )
        forward = self._forward()
        cost = self._cost()
        backward, gradients = [], []
        for adjoint in self.derivation.adjoints:
            role = system.tensors[adjoint.tensor].role
            statement = self._adjoint(adjoint)
            (gradients if role in (Role.PARAMETER, Role.INPUT) else backward).append(statement)
        forward = self._inlined(forward, [*cost, *backward, *gradients])
        return Program(
            tuple(forward),
            tuple(cost),
            tuple(backward),
            tuple(gradients),
            tuple(self.helpers.values()),
            system,
            self.layout,
            self.storage.ranks,
            frozenset(self.derivation.assumptions),
        )

    def _tensors(self) -> dict[str, Tensor]:
        found = dict(self.system.tensors)
        found.update({tensor.adjoint: tensor for tensor in self.system.tensors.values()})
        return found

    def stored(self, tensor: Tensor, letters: tuple[str, ...]) -> Axes:
        """The stored axes of a tensor, or of its adjoint, under these index letters."""
        dimension = _sample_dimension(tensor)
        return self.layout.store(letters, None if dimension is None else letters[dimension])

    def _shape(self, tensor: Tensor) -> tuple[str, ...]:
        places = tuple(str(at) for at in range(len(tensor.sizes)))
        stored = self.stored(tensor, places)
        return tuple("1" if at is None else tensor.sizes[int(at)] for at in stored)

    def _lowering(self, tensor: Tensor, letters: tuple[str, ...]) -> Lowering:
        dimension = _sample_dimension(tensor)
        samples = frozenset[str]() if dimension is None else frozenset({letters[dimension]})
        return Lowering(self.storage, samples, dict(zip(letters, tensor.sizes, strict=True)))

    def _forward(self) -> list[Statement]:
        statements = []
        done: set[str] = set()
        for relation in self.system.relations:
            name = relation.defines
            tensor = self.system.tensors[name]
            if tensor.role is not Role.HIDDEN or name in done:
                continue
            blocks = self.system.definitions[name]
            done.add(name)
            statements.append(
                self._block_statement(tensor, blocks)
                if len(blocks) > 1
                else self._forward_statement(tensor, relation)
            )
        return statements

    def equation(self, relation: Relation) -> Equation:
        """The equation of a relation in the network's names, its sizes as labels."""
        schema = relation.schema
        formal = relation.formal()
        sizes = {
            symbol: size(self.system.tensors[formal[tensor]].sizes[position])
            for symbol, (tensor, position) in schema.size_of.items()
        }
        equation = schema.instance(formal, sizes)
        return Equation(equation.lhs, pull_out_of_sums(equation.rhs, _NOTHING), equation.ranges)

    def _forward_statement(self, tensor: Tensor, relation: Relation) -> Statement:
        equation = self.equation(relation)
        letters = tuple(s.name for s in equation.subscripts())
        lowering = self._lowering(tensor, letters)
        node = lowering.to_storage(equation.rhs, self.stored(tensor, letters))
        formula = Formula(tensor.name, letters, equation.rhs)
        return Statement(tensor.name, node, self._shape(tensor), formula, tensor.name)

    def _block_statement(self, tensor: Tensor, blocks: Iterable[Relation]) -> Statement:
        """A tensor that several equations fill block by block is a concatenation."""
        nodes = []
        first: Equation | None = None
        for relation in blocks:
            equation = self.equation(relation)
            first = first or equation
            letters = tuple(
                next(s.name for s in part.free_symbols if not s.is_positive)
                for part in equation.subscripts()
            )
            lowering = self._lowering(tensor, letters)
            nodes.append(lowering.to_storage(equation.rhs, self.stored(tensor, letters)))
        assert first is not None
        axes = self.stored(tensor, tensor.axes)
        position = axes.index(tensor.axes[1])
        node = Concatenate(tuple(nodes), position, axes)
        formula = Formula(tensor.name, tuple(s.name for s in first.subscripts()), first.rhs)
        return Statement(tensor.name, node, self._shape(tensor), formula, tensor.name)

    def _cost(self) -> list[Statement]:
        sources = {
            name: (equation.lhs, equation.rhs)
            for name, relations in self.system.definitions.items()
            if len(relations) == 1 and self.system.tensors[name].role is Role.HIDDEN
            for equation in [self.equation(relations[0])]
        }
        statements = []
        for relation in self.system.relations:
            tensor = self.system.tensors[relation.defines]
            if tensor.role is not Role.LOSS:
                continue
            equation = self.equation(relation)
            stable = pull_out_of_sums(of_logits(equation.rhs, sources), _NOTHING)
            node = Lowering(self.storage, frozenset()).to_storage(stable, ())
            formula = Formula(tensor.name, (), equation.rhs)
            statements.append(Statement(tensor.name, node, (), formula, tensor.name))
        return statements

    def _adjoint(self, adjoint: Adjoint) -> Statement:
        tensor = self.system.tensors[adjoint.tensor]
        letters, expression = adjoint.equation
        lowering = self._lowering(tensor, letters)
        node = lowering.to_storage(expression, self.stored(tensor, letters))
        formula = Formula(adjoint.name, letters, expression)
        return Statement(adjoint.name, node, self._shape(tensor), formula, tensor.name)

    def _inlined(self, forward: list[Statement], later: list[Statement]) -> list[Statement]:
        """Write a pre-activation that only its activation reads into that line."""
        needed = {name for statement in later for name in reads(statement.node)}
        uses = Counter(name for statement in forward for name in reads(statement.node))
        values: dict[str, Node] = {}
        kept = []
        for statement in forward:
            node = rebuild(
                statement.node,
                lambda each: values.get(each.name, each) if isinstance(each, Read) else each,
            )
            single = uses[statement.name] == 1 and statement.name not in needed
            if single and self.system.tensors[statement.name].named:
                values[statement.name] = node
                continue
            kept.append(
                Statement(
                    statement.name, node, statement.shape, statement.formula, statement.tensor
                )
            )
        return kept

    def helper_name(self, activation: Activation) -> str:
        """A name for the function of an activation, unique in the module."""
        name = self.names.get(id(activation))
        if name is None:
            taken = {*self.names.values(), *KERNELS}
            name, number = activation.name, 1
            while name in taken:
                number += 1
                name = f"{activation.name}{number}"
            self.names[id(activation)] = name
        return name


_NOTHING = Context({}, ())


class _Slopes(Mapping[type[sp.Function], Slope]):
    """Decides, for each opaque function that is met, how it is computed."""

    def __init__(self, program: _Program) -> None:
        self.program = program
        self.found: dict[type[sp.Function], Slope] = {}
        self.outputs = {
            relation.reads[relation.schema.tensors.index("z") - 1]: relation.defines
            for relation in program.system.relations
            if relation.schema.activation is not None
        }

    def __iter__(self) -> object:  # type: ignore[override]
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, function: type[sp.Function]) -> Slope:
        if function not in self.found:
            self.found[function] = (
                self._value(function.activation)
                if issubclass(function, Opaque)
                else self._slope(function)
            )
        return self.found[function]

    def _value(self, activation: Activation) -> Slope:
        expression = in_place(activation)
        if expression is not None:
            return Slope(activation, "", expression, False, self.outputs)
        if activation.name in KERNELS and activation.catalogued:
            return Slope(activation, activation.name, None, False, self.outputs)
        name = self.program.helper_name(activation)
        learned = tuple(symbol.name for symbol in activation.learned)
        self.program.helpers[name] = Helper(
            name, ("z", *learned), activation.expression.xreplace({U: scalar("z")}), "value"
        )
        return Slope(activation, name, None, False, self.outputs)

    def _slope(self, function: type[OpaqueSlope]) -> Slope:
        activation = function.activation
        learned = tuple(symbol.name for symbol in activation.learned)
        if function.position:
            symbol = activation.learned[function.position - 1]
            name = f"{self.program.helper_name(activation)}_slope_in_{symbol.name}"
            return self._helper(
                activation, name, ("z", *learned), activation.learned_slope(symbol), symbol.name
            )
        if f"{activation.name}_slope" in KERNELS and activation.catalogued:
            return Slope(activation, f"{activation.name}_slope", None, False, self.outputs)
        in_output = activation.slope_in_output
        name = f"{self.program.helper_name(activation)}_slope"
        if in_output is not None and not in_output.has(U):
            return self._helper(activation, name, ("a",), in_output, "a")
        return self._helper(activation, name, ("z", *learned), activation.slope, "z")

    def _helper(
        self,
        activation: Activation,
        name: str,
        arguments: tuple[str, ...],
        expression: sp.Expr,
        doc: str,
    ) -> Slope:
        values = {U: scalar("z"), A: scalar("a")}
        self.program.helpers[name] = Helper(name, arguments, expression.xreplace(values), doc)
        return Slope(activation, name, None, arguments[0] == "a", self.outputs)


def _sample_dimension(tensor: Tensor) -> int | None:
    return tensor.sizes.index(SAMPLES) if SAMPLES in tensor.sizes else None


__all__ = ["Formula", "Program", "Statement", "Transpose", "lower_derivation", "slope_function"]
