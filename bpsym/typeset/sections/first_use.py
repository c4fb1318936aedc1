"""The slope of each function, derived where the backward pass needs it first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import Relation, Role
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.calculus.terms.indexed import tensors_in
from bpsym.typeset.checked.slopes import Slopes
from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.formulas.tree import (
    Apply,
    Cases,
    Chain,
    Formula,
    Partial,
    Prime,
    symbols,
    walk,
)
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.definitions import ARGUMENT, OUTPUT, Definitions, defining
from bpsym.typeset.sections.parts import equation_of
from bpsym.typeset.sections.slopes import BY_EXPONENTIALS

_NAMED = (*PRIMITIVES.values(), *BY_EXPONENTIALS.values(), sp.Abs)


@dataclass(frozen=True)
class FirstUse:
    """Derives slopes for one document, each of them once."""

    context: Context
    definitions: Definitions

    def before(self, relations: Iterable[Relation]) -> Iterator[tuple[Block, ...]]:
        """What is said before equations are differentiated, function by function."""
        for relation in relations:
            activation = relation.schema.activation
            if activation is not None:
                yield from self._of_activation(activation)
                continue
            nodes = self._differentiated(relation)
            for name in sorted({node.func.__name__ for node in nodes}):
                group = self.definitions.slope(name)
                if group:
                    function = _function_of(group[-1])
                    constants = {each.args[1] for each in nodes if len(each.args) > 1}
                    by_cases = any(isinstance(each, Cases) for each in walk(group[-1]))
                    yield self._told(function, group, by_cases=by_cases, constants=constants)

    def _differentiated(self, relation: Relation) -> list[sp.Function]:
        """The named functions in an equation of anything but targets: these are constants."""
        system = self.context.built.system
        nodes = equation_of(relation, system).rhs.atoms(*_NAMED)
        return [
            node
            for node in nodes
            if any(system.tensors[each].role is not Role.TARGET for each in tensors_in(node))
        ]

    def _of_activation(self, activation: Activation) -> Iterator[tuple[Block, ...]]:
        definitions = self.definitions
        name = definitions.table.functions.get(activation)
        if name is None or activation.expression == U or name in definitions.derived:
            return
        group = definitions.slopes(activation)
        if self.context.proof is not None:
            slopes = Slopes(self.context.lines, definitions)
            slopes.require_activation(activation, group)
        by_cases = defining(activation).has(sp.Piecewise, sp.Abs)
        yield self._told(Apply(name, (ARGUMENT,)), group, by_cases=by_cases)

    def _told(
        self,
        function: Formula,
        group: Sequence[Chain],
        *,
        by_cases: bool,
        constants: Iterable[sp.Expr] = (),
    ) -> tuple[Block, ...]:
        """A slope, before it the functions in it and their slopes.

        constants: the numbers that the second argument of the function is in the equations.
        """
        definitions = self.definitions
        further = (*definitions.in_formulas(group), *definitions.slopes_in(group))
        further += definitions.in_formulas([each for inner in further for each in inner])
        if self.context.proof is not None:
            slopes = Slopes(self.context.lines, definitions)
            for inner in (group, *further):
                slopes.require(inner, constants)
        output = OUTPUT if any(OUTPUT in symbols(each) for each in group) else None
        said = self.context.words.slope_of(function, output, by_cases=by_cases)
        return (Paragraph(said), *(Display(each) for each in (*further, tuple(group))))


def _function_of(slope: Chain) -> Formula:
    """The function whose slope it is."""
    match slope.first:
        case Partial(of):
            return of
        case Apply(Prime(name), arguments):
            return Apply(name, arguments)
        case other:
            return other
