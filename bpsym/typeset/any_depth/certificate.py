"""What was proven of the recursion for any number of layers, and how, in a few sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from bpsym.proof.certificate import Equality, exponent_of_two
from bpsym.proof.induction import (
    BASE,
    BATCH,
    OF_BATCH,
    PAIRS,
    STEP,
    UNROLLED,
    WITH_THRESHOLDS,
)
from bpsym.typeset.document import Block, Items, Text
from bpsym.typeset.formulas.symbols import index
from bpsym.typeset.formulas.tree import Number, Power

if TYPE_CHECKING:
    from bpsym.typeset.any_depth.recursion import AnyDepthStory

_WRITTEN_OUT = (UNROLLED, WITH_THRESHOLDS, OF_BATCH)


@dataclass(frozen=True)
class AnyDepthCertificate:
    """Says it in the letters of a story."""

    story: AnyDepthStory

    def blocks(self) -> tuple[Block, ...]:
        """The whole section."""
        story, words = self.story, self.story.words
        proven = story.equalities
        last = index(story.last)
        derivatives = [story.symbol("z", "l", 0)]
        derivatives += [story.symbol(part, "l", 1) for part in ("W", "b")]
        points: list[Text] = []
        if _named(STEP, proven):
            points.append(words.step_proven(story.symbol("z", "l", 1), derivatives))
        if _named(BASE, proven):
            z, a = (story.symbol(part, story.last, 0) for part in ("z", "a"))
            points.append((*words.base_proven(a, z), *words.widths_proven(PAIRS)))
        single = [each for each in proven if each.rule not in (STEP, BASE)]
        by_the_rule = [each for each in single if not each.rule.startswith(_WRITTEN_OUT)]
        points.append(words.rule_proven(len(by_the_rule)))
        for start, said in (
            (UNROLLED, words.unrolled_proven),
            (WITH_THRESHOLDS, words.thresholds_proven),
        ):
            if found := _named(start, proven):
                points.append(said(last, *_depths_and_counts(found)))
        if found := _named(OF_BATCH, proven):
            points.append(words.batch_proven(BATCH, last, *_depths_and_counts(found)))
        bound = max(each.error_bound for each in proven if each.error_bound is not None)
        chance = Power(Number(Fraction(2)), Fraction(exponent_of_two(bound)))
        points.append(words.any_depth_exact(len(proven), chance))
        return (Items(tuple(points)),)


def _named(start: str, proven: Sequence[Equality]) -> list[Equality]:
    return [each for each in proven if each.rule.startswith(start)]


def _depths_and_counts(proven: Sequence[Equality]) -> tuple[list[int], list[int]]:
    """The numbers of layers, and of gradients that were compared with each of them."""
    depths = [int(each.rule.rpartition(" ")[2]) for each in proven]
    return depths, [int(each.note.partition(" ")[0]) for each in proven]
