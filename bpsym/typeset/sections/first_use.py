"""The slope of each function, derived where the backward pass needs it first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sympy as sp

from bpsym.calculus.slopes.activation import Activation
from bpsym.calculus.system import Relation
from bpsym.calculus.terms.functions import PRIMITIVES, U
from bpsym.typeset.checked.slopes import Slopes
from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.formulas.tree import Apply, Chain, symbols
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.definitions import ARGUMENT, OUTPUT, Definitions, defining
from bpsym.typeset.sections.slopes import BY_EXPONENTIALS

_NAMED = (*PRIMITIVES.values(), *BY_EXPONENTIALS.values())


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
            nodes = relation.schema.equation.rhs.atoms(*_NAMED)
            for name in sorted({node.func.__name__ for node in nodes}):
                group = self.definitions.slope(name)
                if group:
                    yield self._told(Apply(name, (ARGUMENT,)), group, by_cases=False)

    def _of_activation(self, activation: Activation) -> Iterator[tuple[Block, ...]]:
        definitions = self.definitions
        name = definitions.table.functions.get(activation)
        if name is None or activation.expression == U or name in definitions.derived:
            return
        group = definitions.slopes(activation)
        if self.context.proof is not None:
            slopes = Slopes(self.context.lines, definitions)
            slopes.require_activation(activation, group)
        by_cases = defining(activation).has(sp.Piecewise)
        yield self._told(Apply(name, (ARGUMENT,)), group, by_cases=by_cases)

    def _told(
        self, function: Apply, group: Sequence[Chain], *, by_cases: bool
    ) -> tuple[Block, ...]:
        """A slope, then the functions in it and their slopes."""
        definitions = self.definitions
        further = (*definitions.in_formulas(group), *definitions.slopes_in(group))
        further += definitions.in_formulas([each for inner in further for each in inner])
        if self.context.proof is not None:
            slopes = Slopes(self.context.lines, definitions)
            for inner in (group, *further):
                slopes.require(inner)
        output = OUTPUT if any(OUTPUT in symbols(each) for each in group) else None
        said = self.context.words.slope_of(function, output, by_cases=by_cases)
        return (Paragraph(said), Display(tuple(group)), *(Display(each) for each in further))
