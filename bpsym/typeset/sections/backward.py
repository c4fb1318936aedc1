"""The sections on the backward pass and on the gradients: each adjoint, and why it is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import sympy as sp

from bpsym.calculus.delta import Step as DerivationStep
from bpsym.calculus.derivation import Adjoint, Derivation
from bpsym.calculus.system import Relation, Role
from bpsym.calculus.terms.indexed import index as unit
from bpsym.calculus.terms.indexed import name_of
from bpsym.calculus.terms.letters import with_letters, with_own_letters
from bpsym.typeset.document import Block, Paragraph, Step, Text
from bpsym.typeset.formulas.branches import held
from bpsym.typeset.formulas.symbols import COST, index
from bpsym.typeset.formulas.tree import Chain, Formula, equation
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.sections.chain_rule import ChainRule, is_plain
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.first_use import FirstUse
from bpsym.typeset.sections.fusion import Fusion
from bpsym.typeset.sections.repetition import Entry
from bpsym.typeset.sections.sharing import letters_of
from bpsym.typeset.sections.softmax_slope import SoftmaxSlope

# Gradients of networks with no more layers than this are also written without deltas.
_SHALLOW = 2
# The forms of an adjoint that are shown on the way to its final one.
_SLOPE = "activation slope"
_TELLING = (_SLOPE, "targets sum to one")


@dataclass(frozen=True)
class Backward:
    """Writes the adjoints of one derivation.

    products: whether each begins with the chain rule as a product of partial derivatives.
    """

    context: Context
    products: bool = False

    def blocks(self, slopes: FirstUse | None = None) -> tuple[Block, ...]:
        """The adjoints of hidden tensors, from the output to the input.

        slopes: derives the slopes of functions before they are needed first.
        """
        entries = [
            Entry(None, self._adjoint_blocks(each, [])) for each in reversed(self.context.joined)
        ]
        joined = [each.tensor for each in self.context.joined]
        for number, group in groupby(self.context.hidden(), key=self._layer_number):
            adjoints, told = list(group), list[Block]()
            for adjoint in adjoints:
                if slopes is not None:
                    met = slopes.before(self._met(adjoint.tensor))
                    entries += [Entry(None, blocks) for blocks in met]
                blocks = self._adjoint_blocks(adjoint, joined)
                joined.append(adjoint.tensor)
                if number is None:
                    entries.append(Entry(None, blocks))
                told += blocks
            if number is not None:
                entries.append(Entry(number, tuple(told)))
        return tuple(self.context.blocks_of(entries))

    def _met(self, tensor: str) -> Iterator[Relation]:
        """The equations whose derivatives an adjoint needs."""
        system = self.context.built.system
        for hop in self.context.routes.from_tensor(tensor):
            yield from system.readers[hop.tensor]

    def _layer_number(self, adjoint: Adjoint) -> int | None:
        label = self.context.table.tensor(adjoint.tensor).label
        return int(label) if label.isdigit() else None

    def _adjoint_blocks(self, adjoint: Adjoint, before: Sequence[str]) -> tuple[Block, ...]:
        """before: the tensors whose adjoints have been told."""
        softmax = SoftmaxSlope(self.context)
        said = self._route(adjoint.tensor)
        if softmax.relation(adjoint.tensor) is None and not self.context.joined:
            said += tuple(self._remarks(adjoint))
        again = any(softmax.relation(each) is not None for each in before)
        return (
            Paragraph(said),
            *self._on_the_way(adjoint.tensor),
            *softmax.blocks(adjoint, again=again),
            *self._displays([adjoint]),
            *self._steps(adjoint),
        )

    def _on_the_way(self, tensor: str) -> tuple[Block, ...]:
        """What comes back to the outputs between a tensor and the next delta."""
        notation = self.context.notation
        if notation is None or not notation.output_derivatives:
            return ()
        known, named = self.context.hops.by_tensor, self.context.derivation.by_tensor
        passed = [hop.tensor for hop in self.context.routes.from_tensor(tensor)[1:]]
        return self._displays(
            [
                _uncancelled(known[name])
                for name in reversed(passed)
                if name in known and name not in named
            ]
        )

    def _displays(self, adjoints: Sequence[Adjoint]) -> tuple[Block, ...]:
        matrices = Matrices(self.context)
        return matrices.displays(
            [self.chain(each) for each in adjoints],
            [matrices.adjoint(each) for each in adjoints],
        )

    def _route(self, tensor: str) -> Text:
        symbol = self.context.spoken
        hops = self.context.routes.from_tensor(tensor)
        spoken = [(symbol(hop.tensor), [symbol(each) for each in hop.readers]) for hop in hops]
        return self.context.words.route(spoken, COST)

    def _remarks(self, adjoint: Adjoint) -> Iterator[str]:
        remarks = self.context.words.remarks
        rules = dict.fromkeys(step.rule for step in adjoint.formal.steps)
        between = self.context.words.between_sentences
        return (between + remarks[rule] for rule in rules if rule in remarks)

    def _left(self, name: str, letters: Iterable[str]) -> Formula:
        """The adjoint at these indices: by its name, or as a derivative if it has none."""
        places = tuple(index(letter) for letter in letters)
        tensor = self.context.built.system.tensors[self.context.table.adjoint_of[name]]
        if tensor.role is Role.HIDDEN:
            return self.context.table.tensor(name, places)
        return self.context.table.derivative(tensor.name, places)

    def chain(self, adjoint: Adjoint) -> Chain:
        """What the adjoint is, the chain rule, the telling forms on the way, and the final one.

        Raises ProofError if a side cannot be proven; without products there is none but those of
        the line with them.
        """
        key = (adjoint.name, adjoint.formal.result, self.products, self.context.proof is None)
        if key not in self.context.written:
            self.context.written[key] = self._chain(adjoint)
        found: Chain = self.context.written[key]
        return found

    def _chain(self, adjoint: Adjoint) -> Chain:
        context, formal = self.context, adjoint.formal
        letters = letters_of(formal.free)
        partial = context.table.derivative(adjoint.tensor, tuple(map(index, letters)))
        left = self._left(adjoint.name, letters)
        down = [*self._down_to_the_cost(adjoint, tuple(map(index, letters)))]
        sides = [*self._sides(adjoint, tuple(map(index, letters)))]
        sides = list(dict.fromkeys(down + sides[bool(down) and self.products :]))
        if self.products and context.proof is not None:
            context.lines.require(adjoint, sides, whole=bool(down))
        head = [] if left == partial else [context.scaled(partial, adjoint.tensor)]
        return equation(left, *dict.fromkeys([*head, *sides]))

    def _sides(self, adjoint: Adjoint, places: tuple[Formula, ...]) -> Iterator[Formula]:
        """What the chain rule gives, side by side."""
        context, formal = self.context, adjoint.formal
        is_parameter = context.built.system.tensors[adjoint.tensor].role is Role.PARAMETER
        product = ChainRule(context, context.known).of(adjoint.tensor, places)
        joined: list[Formula] = []
        if product is not None and self.products:
            yield product if is_parameter else context.scaled(product, adjoint.tensor)
            joined += SoftmaxSlope(context).sides(adjoint, product)
            yield from joined
        yield from self._by_one_hop(adjoint)
        for step in formal.steps:
            if step.of == 0 and step.rule in _TELLING and not joined and self._is_told(step):
                yield context.shared.formula(adjoint, step.left, step.free)
        yield from Fusion(context.shared).sides(adjoint)
        yield context.shared.formula(adjoint, formal.result, formal.free)

    def _is_told(self, step: DerivationStep) -> bool:
        """Whether a form is no repetition of what was derived for a softmax by itself."""
        return step.rule == _SLOPE or not self.context.joined

    def _by_one_hop(self, adjoint: Adjoint) -> Iterator[Formula]:
        """A delta as what comes back to the output, times the slope."""
        hop = self.context.one_hop(adjoint)
        if hop is not None:
            yield self.context.shared.formula(hop[0], hop[1].left, hop[1].free)

    def _down_to_the_cost(self, adjoint: Adjoint, places: tuple[Formula, ...]) -> Iterator[Formula]:
        """A gradient as the product of all partial derivatives, and with all deltas put in."""
        context = self.context
        is_parameter = context.built.system.tensors[adjoint.tensor].role is Role.PARAMETER
        if not context.writes_out or not is_parameter or len(context.parts) > _SHALLOW:
            return
        product = ChainRule(context, ()).of(adjoint.tensor, places)
        if product is None or not is_plain(product, context.derivation.by_tensor):
            return
        yield product
        if context.is_of_one_sample:
            yield context.translator.formula(self.in_full(adjoint))

    def in_full(self, adjoint: Adjoint, derivation: Derivation | None = None) -> sp.Expr:
        """A gradient with the formulas of the deltas in it, from another derivation if wanted."""
        expr = with_own_letters(held(adjoint.equation[1]))
        adjoints = (derivation or self.context.derivation).adjoints
        known = {each.name: each.equation for each in adjoints}
        while True:
            nodes = [each for each in expr.atoms(sp.Indexed) if name_of(each) in known]
            if not nodes:
                return with_letters(expr, tuple(map(unit, adjoint.equation[0])))[0]
            found = {}
            for node in nodes:
                letters, formula = known[name_of(node)]
                at = dict(zip(map(unit, letters), node.indices, strict=True))
                found[node] = with_own_letters(held(formula)).xreplace(at)
            expr = expr.xreplace(found)

    def _steps(self, adjoint: Adjoint) -> tuple[Block, ...]:
        if not self.context.steps:
            return ()
        found: list[Block] = []
        before: DerivationStep | None = None
        for step in adjoint.formal.steps:
            parts = [step.left, step.right]
            if before is not None and (before.of, before.right) == (step.of, step.left):
                del parts[0]
            sides = [self.context.shared.formula(adjoint, part, step.free) for part in parts]
            left = self._left(adjoint.adjoint_names[step.of], letters_of(step.free))
            rule = self.context.words.rules.get(step.rule, step.rule)
            block = Step(rule, equation(left, *sides))
            if not found or self._shown(block) != self._shown(found[-1]):
                found.append(block)
            before = step
        return tuple(found)

    def _shown(self, block: Block) -> tuple[Formula, Formula] | None:
        """What an equation says in the end: two steps may differ in the code's order only."""
        (noted,) = self.context.noted(block)
        match noted:
            case Step(_, Chain(first, (*_, (_, last)))):
                return (first, last)
        return None

    def gradients(self) -> tuple[Block, ...]:
        """The gradients of parameters, and of inputs if they were derived."""
        by_tensor = self.context.derivation.by_tensor
        entries = []
        for part in self.context.parts:
            blocks: list[Block] = []
            for names in self._by_route([each for each in part.parameters if each in by_tensor]):
                blocks += self._gradient_blocks(names)
            if blocks:
                entries.append(Entry(part.number, tuple(blocks)))
        inputs = [name for name in self.context.built.inputs.values() if name in by_tensor]
        for name in inputs:
            entries.append(Entry(None, tuple(self._gradient_blocks([name]))))
        return tuple(self.context.blocks_of(entries))

    def _by_route(self, parameters: Sequence[str]) -> list[list[str]]:
        """Parameters that are read by the same tensors, together."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in parameters:
            groups.setdefault(self.context.routes.from_tensor(name)[0].readers, []).append(name)
        return list(groups.values())

    def _gradient_blocks(self, names: Sequence[str]) -> list[Block]:
        symbol = self.context.table.tensor
        adjoints = [self.context.derivation.by_tensor[name] for name in names]
        readers = self.context.routes.from_tensor(names[0])[0].readers
        said = self.context.words.routes_of_parameters(
            [symbol(name) for name in names], [symbol(each) for each in readers], COST
        )
        steps = [step for adjoint in adjoints for step in self._steps(adjoint)]
        return [Paragraph(said), *self._displays(adjoints), *steps]


def _uncancelled(adjoint: Adjoint) -> Adjoint:
    """An adjoint as the loss gives it, term by term, before its terms are put on one fraction."""
    for step in adjoint.formal.steps:
        if step.of == 0 and step.rule == "cancel" and isinstance(step.left, sp.Add):
            return replace(adjoint, formal=replace(adjoint.formal, result=step.left))
    return adjoint
