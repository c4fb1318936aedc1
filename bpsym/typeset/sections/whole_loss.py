"""The section that shows what the recursion saves: the whole loss, its raw derivative, the counts.

For a small network the loss is written out in single scalars, sympy's derivative of it is printed
as it comes, and then rewritten, named step by named step, into the formula of the backward pass.
Formulas that no page could hold are counted in place of being written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp

from bpsym.calculus.derivation import Derivation, derive_system
from bpsym.calculus.scalars.cost import growth, leaf, nested_loss, raw_derivative, unroll
from bpsym.calculus.scalars.steps import ScalarStep
from bpsym.calculus.scalars.to_delta import to_delta
from bpsym.calculus.scalars.unroll import Unrolled
from bpsym.calculus.slopes.activation import OpaqueSlope
from bpsym.calculus.system import Role
from bpsym.calculus.terms.elements import parse_element
from bpsym.errors import EmitError, ProofError
from bpsym.proof.certificate import Certificate, Equality
from bpsym.proof.path import prove_path
from bpsym.typeset.document import Block, Display, Paragraph, Text
from bpsym.typeset.formulas.scalar_symbols import ScalarTranslator
from bpsym.typeset.formulas.symbols import COST
from bpsym.typeset.formulas.tree import Formula, Partial, equation
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.notations.scaling import factor_of
from bpsym.typeset.sections.context import Context
from bpsym.typeset.sections.operation_table import counts

# A derivative with more operations is not rewritten: it would take longer than all the rest.
MOST_OPERATIONS = 2000
# A formula with more characters, as it would be typed, is not printed: it fills half a page.
MOST_CHARACTERS = 1500

_UNITS = "name the units"


@dataclass(frozen=True)
class WholeLoss:
    """Writes the section for one network.

    The loss is differentiated by the weight of the context, or else by the first one there is.
    """

    context: Context

    def blocks(self) -> tuple[Block, ...]:
        """The whole section, empty for a network without parameters.

        Raises ExpressionError if there is no such weight.
        """
        system = self._derivation.system
        if self.context.weight is not None:
            parse_element(self.context.weight, system)
        if not system.of_role(Role.PARAMETER):
            return ()
        return (*self._formulas(), *counts(self.context.words, self._derivation))

    def prove(self) -> tuple[Equality, ...]:
        """The proof of every step that is printed. Raises ProofError if one fails."""
        if self._written is None:
            return ()
        equalities = prove_path(self._written, self._leaf, self._steps)
        for each in equalities:
            if not each.ok:
                raise ProofError.single(
                    where=f"the derivative of the whole loss in {self._leaf}",
                    what=f"the step {each.rule!r} could not be proven, so nothing is printed",
                    expected="both sides equal",
                    got=str(each.counterexample or each.note),
                    way_out="this is a fault of bpsym: please report the network",
                )
        return equalities

    # What is written

    @cached_property
    def _derivation(self) -> Derivation:
        """The derivation, before deltas were scaled as the notation has them."""
        notation, derivation = self.context.notation, self.context.derivation
        if notation is None or notation.scale is Scale.PLAIN:
            return derivation
        return derive_system(derivation.system)

    @cached_property
    def _written(self) -> Unrolled | None:
        """The scalar equations, None if the network is too large for formulas in scalars."""
        try:
            unrolled = unroll(self._derivation.system, 1)
            symbol = leaf(unrolled, self._target)
            sizes = growth(unrolled)
            if max(sizes.loss(), sizes.derivative(symbol)) > MOST_OPERATIONS:
                return None
        except EmitError:
            return None
        return unrolled

    @property
    def _target(self) -> str:
        if self.context.weight is not None:
            return self.context.weight
        first = self._derivation.system.of_role(Role.PARAMETER)[0]
        return f"{first.name}[{','.join('1' for _ in first.sizes)}]" if first.sizes else first.name

    @cached_property
    def _leaf(self) -> sp.Symbol:
        assert self._written is not None
        return leaf(self._written, self._target)

    @cached_property
    def _steps(self) -> tuple[ScalarStep, ...]:
        """The path to the delta form; the raw derivative alone where it cannot be followed."""
        assert self._written is not None
        try:
            return to_delta(self._derivation, self._leaf.name)
        except EmitError:
            raw = raw_derivative(self._written, self._leaf)
            return (ScalarStep("raw derivative", "", raw, int(sp.count_ops(raw))),)

    @cached_property
    def _translator(self) -> ScalarTranslator:
        assert self._written is not None
        return ScalarTranslator(self.context.table, self._written)

    def _formulas(self) -> Iterator[Block]:
        words = self.context.words
        if self._written is None:
            yield Paragraph(words.too_large())
            return
        yield from self._loss(self._written)
        weight, steps = self._formula(self._leaf), self._steps
        if steps[0].expression == 0:
            yield from self.context.noted(Paragraph(words.independent(weight)))
            return
        yield from self._raw(steps[0], weight)
        if len(steps) > 1:
            yield from self._path(steps, weight)
        else:
            yield Paragraph(words.not_followed())

    def _loss(self, unrolled: Unrolled) -> Iterator[Block]:
        """With the activations by name, then written out."""
        words = self.context.words
        whole = nested_loss(unrolled)
        operations = int(sp.count_ops(whole))
        forms = [each for each in (_by_name(unrolled), whole) if _fits(each)]
        said = words.whole_loss_is(COST, operations)
        yield from self.context.noted(Paragraph(said))
        if forms:
            sides = dict.fromkeys(self._formula(each) for each in forms)
            yield from self.context.noted(Display((equation(COST, *sides),)))
        if not _fits(whole):
            yield Paragraph(words.not_written(operations, len(str(whole))))

    def _raw(self, step: ScalarStep, weight: Formula) -> Iterator[Block]:
        words = self.context.words
        code = None if self.context.notation is None else self._leaf.name
        said = words.raw_derivative(weight, code, step.operations)
        yield from self.context.noted(Paragraph(said))
        if _fits(step.expression):
            yield from self._equation(weight, step.expression)
        else:
            yield Paragraph(words.not_written(step.operations, len(str(step.expression))))

    def _path(self, steps: tuple[ScalarStep, ...], weight: Formula) -> Iterator[Block]:
        """Every step with its rule and its operations; the formulas from where they fit."""
        words = self.context.words
        left_out = sum(not _fits(each.expression) for each in steps)
        skipped = left_out > 0
        before = steps[0]
        for step in steps[1:]:
            if self._formula(step.expression) == self._formula(before.expression):
                continue  # they differ in the order that sympy keeps
            rules = step.rule.split(", then ")
            said: Text = words.rewritten_by(rules, before.operations, step.operations)
            if rules[0] == _UNITS and len(rules) == 1:
                said = (*said, *words.units_named([self._formula(x) for x in step.introduced]))
            shown = _fits(step.expression)
            if shown and skipped:
                said, skipped = (*said, *words.first_shown(left_out)), False
            yield from self.context.noted(Paragraph(said))
            definitions = list(self._definitions(step, rules))
            if shown:
                yield from self._equation(weight, step.expression, *definitions)
            elif definitions:
                yield from self.context.noted(Display(tuple(definitions)))
            before = step
        first, last = steps[0], steps[-1]
        yield Paragraph(words.delta_form_reached(first.operations, last.operations))

    def _definitions(self, step: ScalarStep, rules: list[str]) -> Iterator[Formula]:
        """What new names stand for; the equations of units stand in the forward pass."""
        for name, meaning in step.introduced.items():
            if rules == [_UNITS] or self._is_unit(name):
                continue
            sign = -1 if self._is_turned(name) else 1
            yield equation(self._formula(sign * name), self._formula(sign * meaning))

    def _equation(
        self, weight: Formula, expression: sp.Expr, *definitions: Formula
    ) -> tuple[Block, ...]:
        main = equation(Partial(COST, weight), self._formula(expression))
        return self.context.noted(Display((*definitions, main)))

    def _is_unit(self, name: sp.Expr) -> bool:
        assert self._written is not None
        return name in self._written.rows

    # Deltas that are minus the derivative

    @cached_property
    def _turned(self) -> Mapping[sp.Symbol, sp.Expr]:
        """The deltas by the derivatives that they are, where the notation has them negative."""
        notation = self.context.notation
        if notation is None or notation.scale is not Scale.MINUS:
            return {}
        assert self._written is not None
        return {
            symbol: -symbol
            for tensor in self._written.system.of_role(Role.HIDDEN)
            if factor_of(tensor, notation.scale) == -1
            for place in self._written.places(tensor.name)
            for symbol in (self._written.symbol(tensor.adjoint, place),)
        }

    def _is_turned(self, name: sp.Expr) -> bool:
        return name in self._turned

    def _formula(self, expression: sp.Expr) -> Formula:
        if isinstance(expression, OpaqueSlope):
            return self._translator.formula(expression)
        return self._translator.formula(expression.xreplace(self._turned))


def _fits(expression: sp.Expr) -> bool:
    return len(str(expression)) <= MOST_CHARACTERS


def _by_name(unrolled: Unrolled) -> sp.Expr:
    """The whole loss with the activations as names of functions."""
    values: dict[sp.Symbol, sp.Expr] = {}
    for symbol, row in unrolled.rows.items():
        values[symbol] = row.rhs.xreplace(values)
    return unrolled.cost.xreplace(values)


def whole_loss(context: Context) -> tuple[Certificate | None, tuple[Block, ...]]:
    """What was proven, with the steps of this section if anything is proven, and the section."""
    whole = WholeLoss(context)
    blocks = whole.blocks()
    if context.proof is None:
        return None, blocks
    proven = (*context.proof.equalities, *whole.prove())
    return replace(context.proof, equalities=proven), blocks
