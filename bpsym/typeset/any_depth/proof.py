"""The proof by induction, told: what is claimed, the last layer, the step, weights and biases.

Each derivative is first a product of partial derivatives, one factor for each hop on the way to
the layer behind, then the formula of the recursion; the hops are those of ``any_depth_path``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp

from bpsym.calculus.depth.path import path
from bpsym.calculus.depth.recursion import LAYERS
from bpsym.calculus.equations import Equation
from bpsym.calculus.system import SAMPLES
from bpsym.calculus.terms.indexed import element, name_of
from bpsym.typeset.document import Block, Display, Paragraph
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import (
    ONE,
    Chain,
    Comparison,
    Formula,
    Kind,
    Number,
    Partial,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    equation,
    negative,
)
from bpsym.typeset.notations.notation import Scale
from bpsym.typeset.sections.repetition import running

if TYPE_CHECKING:
    from bpsym.typeset.any_depth.recursion import AnyDepthStory

# The tensor whose derivative each adjoint of the record is.
_OF = {"delta": "z", "adj_a": "a", "dW": "W", "db": "b"}


@dataclass(frozen=True)
class InductionProof:
    """Tells the proof in the letters of a story."""

    story: AnyDepthStory

    def blocks(self) -> tuple[Block, ...]:
        """The whole section."""
        return (*self._claim(), *self._base(), *self._step(), *self._parameters())

    def layers_below(self, least: int = 1) -> tuple[Formula | str, ...]:
        """``l = L - least, ..., 1``."""
        last: Formula = index(self.story.last)
        if least:
            last = Terms(((1, last), (-1, Number(Fraction(least)))))
        return (Comparison(running(), (("=", last),)), ", ..., ", ONE)

    def _claim(self) -> tuple[Block, ...]:
        story, words = self.story, self.story.words
        derivative = story.derivative(self._passed, "l", 0)
        delta = None if story.by_outputs else story.delta("l", 0)
        said = words.induction_claim(self.layers_below(0), delta, derivative)
        return (Paragraph(said),)

    def _base(self) -> tuple[Block, ...]:
        story, words = self.story, self.story.words
        a = story.symbol("a", story.last, 0)
        if story.by_outputs:
            return (Paragraph(words.induction_base_in_outputs(story.derivative_of(a), story.cost)),)
        said = words.induction_base(story.symbol("z", story.last, 0), a, story.cost)
        return (Paragraph(said), Display((self._proven(story.record.base),)))

    def _step(self) -> tuple[Block, ...]:
        story, words = self.story, self.story.words
        a, next_z = story.symbol("a", "l", 0), story.symbol("z", "l", 1)
        if story.by_outputs:
            said = words.induction_in_outputs(self.layers_below(), a, next_z)
            return (Paragraph(said), Display((self._proven(story.step_in_outputs()),)))
        above, partial = story.delta("l", 1), story.derivative("z", "l", 1)
        z = story.symbol("z", "l", 0)
        said = words.induction_step(self.layers_below(), above, partial, z, a, next_z)
        return (Paragraph(said), Display((self._proven(story.record.step),)))

    def _parameters(self) -> tuple[Block, ...]:
        story, words = self.story, self.story.words
        named = [story.symbol(part, "l", 0) for part in ("W", "b", "z")]
        chains = tuple(self._proven(story.record.adjoint(part)) for part in ("W", "b"))
        batch = story.notation is not None and story.notation.scale is Scale.SAMPLES
        said = words.induction_gradients(*named, batch=batch)
        end = words.induction_end(self.layers_below(0))
        return (Paragraph(said), Display(chains), Paragraph(end))

    @property
    def _passed(self) -> str:
        """The tensor whose derivatives are passed back."""
        return "a" if self.story.by_outputs else "z"

    def _proven(self, claimed: Equation) -> Chain:
        """The derivative, by the chain rule, by the formulas, and by the name it has in them."""
        story = self.story
        shown = story.chain(claimed)
        place = claimed.subscripts()
        start = element(_OF[name_of(claimed.lhs)], *place)
        is_delta = name_of(start) in "za"
        hops = story.noted(
            Chain(story.formula(start), (("=", self._product(start)),)),
            is_gradient=False,
            is_delta=is_delta,
        )
        sides = [hops.rest[0][1], self._unscaled(shown.rest[-1][1], is_delta=is_delta)]
        if not isinstance(shown.first, Partial):
            sides.append(self._unscaled(shown.first, is_delta=is_delta))
        return equation(story.derivative_of(hops.first), *sides)

    def _product(self, start: sp.Expr) -> Formula:
        """``sum_k dC/dz_k dz_k/da_i da_i/dz_i``, what comes from the cost first."""
        story = self.story
        at_last = LAYERS in start.indices
        hops = list(path(story.record.system, start, "a" if at_last else self._passed))
        locals_ = [Partial(story.formula(each.reader), story.formula(each.read)) for each in hops]
        body: Formula = Product(
            (Partial(story.cost, story.formula(hops[-1].reader)), *reversed(locals_))
        )
        for i, lower, upper in (limit for each in hops for limit in each.limits):
            body = Summation(index(i.name), story.formula(lower), story.formula(upper), body)
        return body

    def _unscaled(self, side: Formula, *, is_delta: bool) -> Formula:
        """A formula for a delta as one for the derivative that the delta stands for."""
        notation = self.story.notation
        if notation is None or not is_delta:
            return side
        if notation.scale is Scale.MINUS:
            match side:
                case Terms(((-1, only),)):
                    return only
            return negative(side)
        if notation.scale is Scale.SAMPLES:
            mean = Quotient(ONE, Symbol(SAMPLES, Kind.SIZE, SAMPLES))
            factors = side.factors if isinstance(side, Product) else (side,)
            return Product((mean, *factors))
        return side
