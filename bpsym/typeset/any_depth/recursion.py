"""The recursion for any number of layers, with its proof by induction, as a document.

The equations are those of ``bpsym.calculus.depth.recursion``, where the layer number is an index;
here that index becomes the label of a symbol, and the letters become those of a notation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from bpsym.calculus.depth.recursion import (
    LAYERS,
)
from bpsym.calculus.terms.indexed import Iverson, name_of
from bpsym.errors import ProofError
from bpsym.proof.certificate import Equality
from bpsym.proof.induction import (
    prove_any_depth,
    prove_any_depth_of_batch,
    prove_any_depth_with_thresholds,
)
from bpsym.typeset.any_depth.certificate import AnyDepthCertificate
from bpsym.typeset.any_depth.letters import AnyDepthLetters
from bpsym.typeset.any_depth.proof import InductionProof
from bpsym.typeset.document import Block, Display, Document, Paragraph, Section
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Kind,
    Symbol,
)
from bpsym.typeset.languages.en.words import English
from bpsym.typeset.matrices.vectors import vector_form, vectors_of_batch
from bpsym.typeset.notations.notation import Notation
from bpsym.typeset.sections.context import View
from bpsym.typeset.sections.repetition import running
from bpsym.typeset.sections.updates import RATE, updates


@dataclass(frozen=True)
class AnyDepthStory(AnyDepthLetters):
    """Tells the recursion in a notation and a language."""

    words: English = field(default_factory=English)
    notation: Notation | None = None
    view: View = "all"

    @cached_property
    def equalities(self) -> tuple[Equality, ...]:
        """The proof."""
        if self.is_batch:
            return prove_any_depth_of_batch()
        return prove_any_depth_with_thresholds() if self.thresholds else prove_any_depth()

    def require_proof(self) -> None:
        """Raise ProofError unless everything is proven."""
        for each in self.equalities:
            if not each.ok:
                raise ProofError.single(
                    where="the recursion for any depth",
                    what="an equality could not be proven, so nothing is printed",
                    expected=each.rule,
                    got=str(each.counterexample),
                    way_out="this is a fault of bpsym: please report it",
                )

    def document(self) -> Document:
        """The document."""
        words = self.words
        sections = [
            Section(words.forward, self._forward()),
            Section(words.recursion, self._recursion()),
            Section(words.proof, InductionProof(self).blocks()),
            Section(words.certificate, AnyDepthCertificate(self).blocks()),
        ]
        if self.notation is not None and self.notation.written_out:
            steps = Display(tuple(updates(self._displays(self.gradients()))))
            sections.insert(2, Section(words.updates, (Paragraph(words.update(RATE)), steps)))
        return Document(words.any_depth_title, tuple(sections))

    def _forward(self) -> tuple[Block, ...]:
        last = index(self.last)
        outputs, slope = self.symbol("a", self.last, 0), self.symbol("g", "", None)
        width = Symbol("n", Kind.SIZE, "n", "l", self.shift)
        equations = [each for each in self.record.equations if name_of(each.lhs) in "az"]
        first, *others = (self.chain(each) for each in equations)
        said = self.words.any_depth_cost(self.cost, outputs, slope)
        if self.is_batch:
            said = self.words.any_depth_cost_of_batch(self.cost, outputs, slope)
        counted = self.words.any_depth_layers(
            (running(), " = 1, ..., ", last),
            *(running(), width, replace(width, base="f", offset=self.word("z").shift)),
            batch=self.is_batch,
        )
        blocks: list[Block] = [
            Paragraph(counted),
            *self._displays((first,)),
            *self._displays(tuple(others)),
            Paragraph(said),
        ]
        special = self._of_last_layer()
        return (*blocks, Paragraph(self.words.in_last_layer(special))) if special else tuple(blocks)

    def _of_last_layer(self) -> list[tuple[Formula, Formula]]:
        """What has another letter in the last layer of a network of given depth."""
        if self.notation is None:
            return []
        found: list[tuple[Formula, Formula]] = []
        for part, word in self.notation.last.items():
            if not (part == "delta" and self.by_outputs):
                other = Symbol(part, Kind.TENSOR, word.base, accent=word.accent)
                found.append((self.symbol(part, self.last, 0), other))
        return found

    def _recursion(self) -> tuple[Block, ...]:
        proof, words = InductionProof(self), self.words
        last, base = index(self.last), self._base()
        blocks: list[Block] = []
        if base:
            blocks += [Paragraph(words.recursion_base(last)), *self._displays(base)]
        step = (*self._by_hops(), self._step())
        return (
            *blocks,
            Paragraph(words.recursion_step(proof.layers_below())),
            *self._displays(step),
            Paragraph(words.recursion_gradients(proof.layers_below(0))),
            *self._displays(self.gradients()),
            Paragraph(words.softmax_at_the_end(self.symbol("z", self.last, 0))),
        )

    def _displays(self, chains: tuple[Chain, ...]) -> tuple[Display, ...]:
        """Equations in the views that are wanted; what has no vector form keeps its indices."""
        vectors = [
            vectors_of_batch(each) if self.is_batch else vector_form(each) for each in chains
        ]
        match self.view:
            case "index" | "scalar":
                return (Display(chains),)
            case "matrix":
                pairs = zip(vectors, chains, strict=True)
                return (Display(tuple(each or chain for each, chain in pairs)),)
            case _:
                return (Display(chains), Display(tuple(each for each in vectors if each)))

    def _base(self) -> tuple[Chain, ...]:
        """The last layer; nothing where derivatives in the outputs are passed back."""
        return () if self.by_outputs else (self.chain(self.record.base),)

    def _step(self) -> Chain:
        """From a layer to the one before it."""
        if self.by_outputs:
            return self.chain(self.step_in_outputs())
        return self.chain(self.record.step)

    def _by_hops(self) -> Iterator[Chain]:
        """What comes back to the outputs of a layer, and from there to what goes into it."""
        if not self.is_batch:
            return
        in_a, in_z = self.record.adjoint("a"), self.record.adjoint("z")
        l = next(iter(in_a.ranges))
        behind, at_last = Iverson(sp.Le(l + 1, LAYERS)), Iverson(sp.Eq(LAYERS, l))
        right = in_a.rhs.xreplace({behind: sp.S.One, at_last: sp.S.Zero})
        yield self.chain(replace(in_a, rhs=right))
        yield self.chain(in_z)

    def gradients(self) -> tuple[Chain, ...]:
        """The gradients of the weights and biases of a layer."""
        return tuple(self.chain(self.record.adjoint(name)) for name in ("W", "b"))
