"""Every printed line is read back and proven: a fault in one of them is an error, not a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from bpsym.calculus.derivation import Adjoint
from bpsym.calculus.system import Relation
from bpsym.errors import EmitError, ProofError
from bpsym.proof.certificate import Certificate
from bpsym.typeset.checked.expressions import Expressions, UnreadableError
from bpsym.typeset.checked.lines import RULE
from bpsym.typeset.checked.slopes import AS_PRINTED
from bpsym.typeset.formulas.tree import (
    Chain,
    Formula,
    Joint,
    Kind,
    Number,
    Product,
    Quotient,
    Summation,
    Symbol,
    Terms,
    equation,
    map_nodes,
)
from bpsym.typeset.languages import LANGUAGES
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.printed import printed
from bpsym.typeset.sections import first_use
from bpsym.typeset.sections.backward import Backward
from bpsym.typeset.sections.chain_rule import ChainRule
from bpsym.typeset.sections.fusion import Fusion
from bpsym.typeset.sections.softmax_slope import SoftmaxSlope
from bpsym.typeset.story import Story
from tests.typeset.networks import NAMES
from tests.typeset.notation_values import THRESHOLDS, assert_has_no_word, built_of, story_of

NOTHING_YET = Certificate((), ())
SPECS = (
    "2-3-1",
    "2-3-2,l2=0.1",
    "4-3:relu-2:softmax",
    "4-3:prelu-2:softmax,loss=half_squared_error",
    "4-3:tanh-2:sigmoid,loss=bce",
    "3-2:gelu-4:elu-2:softmax",
)


def proving(spec: str, name: str) -> Story:
    """A story that proves its lines, the derivation itself being proven elsewhere."""
    return replace(story_of(spec, name), proof=NOTHING_YET)


@pytest.mark.parametrize("name", ["", *NOTATIONS, THRESHOLDS])
@pytest.mark.parametrize("spec", [*NAMES, "3-2:gelu-4:elu-2:softmax"])
def test_every_line_of_a_document_is_proven(spec: str, name: str) -> None:
    try:
        story = proving(spec, name)
        story.document()
    except EmitError as reason:
        assert_has_no_word(reason)
        return
    found = story.lines.equalities
    assert all(each.ok and each.rule in AS_PRINTED for each in found)
    assert sum(each.rule == RULE for each in found) >= len(story.derivation.adjoints) // 2


def chains_of(story: Story) -> Iterator[tuple[Adjoint, Chain]]:
    backward = Backward(story, products=True)
    for adjoint in story.derivation.adjoints:
        yield adjoint, backward.chain(adjoint)


@pytest.mark.parametrize("name", ["", "watermelon", "haykin", "fully-connected", "ng", "cs224n"])
@pytest.mark.parametrize("spec", SPECS)
def test_every_side_of_a_chain_is_looked_at(spec: str, name: str) -> None:
    """Each side by itself, times three halves."""
    try:
        story = proving(spec, name)
        _ = story.rewriter
    except EmitError as reason:
        assert_has_no_word(reason)
        return
    wrong = 0
    for adjoint, chain in chains_of(replace(story, proof=None)):
        letters = {
            each for each in chain.rest if each[1] == story.scaled(chain.first, adjoint.tensor)
        }
        sides = [side for each in chain.rest if each not in letters for _, side in [each]]
        partial = story.table.derivative(adjoint.tensor)
        sides = [side for side in sides if not _is_derivative_itself(side, partial)]
        for number, side in enumerate(sides if len(sides) > 1 else []):
            changed = list(sides)
            changed[number] = Product((Number(Fraction(3, 2)), side))
            with pytest.raises(ProofError, match="could not be proven"):
                story.lines.require(adjoint, changed, whole=True)
            wrong += 1
    assert wrong >= 4


def _is_derivative_itself(side: Formula, partial: Any) -> bool:
    """``dC/dz``, times what deltas are scaled by: what the delta is called, and no step."""
    match side:
        case Terms(((-1, only),)):
            return _is_derivative_itself(only, partial)
        case Product((Symbol(kind=Kind.SIZE), only)):
            return _is_derivative_itself(only, partial)
    of, by = getattr(side, "of", None), getattr(side, "by", None)
    return of == partial.of and getattr(by, "name", "") == partial.by.name


def without_last_factor(self: ChainRule, tensor: str, places: Any) -> Formula | None:
    def change(node: Formula) -> Formula:
        match node:
            case Product(factors, Joint.BESIDE) if len(factors) > 1:
                return Product(factors[:-1])
        return node

    found = RIGHT_OF(self, tensor, places)
    return None if found is None else map_nodes(found, change)


def with_plus(self: SoftmaxSlope, of: Symbol, by: Symbol) -> Product:
    first, second = RIGHT_SLOPE(self, of, by).factors
    assert isinstance(second, Terms)
    return Product((first, Terms(tuple((1, each) for _, each in second.terms))))


def one_bracket_short(self: SoftmaxSlope, *arguments: Any) -> Iterator[Formula]:
    cancelled, _, *rest = RIGHT_CANCELLED(self, *arguments), None
    first, last = cancelled
    yield first
    match last:
        case Product((*numbers, Terms((only, *_)))):
            yield Product((*numbers, only[1]))
        case Terms((only, *_)):
            yield only[1]
    yield from rest[1:]


def turned_over(self: Fusion, adjoint: Adjoint) -> Iterator[Formula]:
    def change(node: Formula) -> Formula:
        match node:
            case Quotient(Terms() as above, Product() as below):
                return Quotient(below, above)
        return node

    return (map_nodes(each, change) for each in RIGHT_SIDES(self, adjoint))


def of_the_wrong_unit(self: SoftmaxSlope, relation: Relation, tensor: str) -> Any:
    symbol, total = RIGHT_TOTAL(self, relation, tensor)
    assert isinstance(total, Summation)
    return symbol, replace(total, lower=Number(Fraction(2)))


def slope_of_the_square(definition: Any, translator: Any) -> tuple[Formula, ...]:
    sides = RIGHT_BETWEEN(definition, translator)
    return tuple(Product((side, side)) for side in sides)


RIGHT_OF, RIGHT_SLOPE, RIGHT_SIDES = ChainRule.of, SoftmaxSlope.slope, Fusion.sides
RIGHT_CANCELLED, RIGHT_TOTAL = SoftmaxSlope._cancelled, SoftmaxSlope._total
RIGHT_BETWEEN = first_use.Definitions.slopes.__globals__["between"]


TOLD_IN = (None, "watermelon", "haykin", "ng", "fully-connected")
PLANTED: tuple[tuple[str, str, Any], ...] = (
    ("2-3-1", "bpsym.typeset.sections.chain_rule.ChainRule.of", without_last_factor),
    (
        "4-3:relu-2:softmax",
        "bpsym.typeset.sections.softmax_slope.SoftmaxSlope.slope",
        with_plus,
    ),
    (
        "4-3:relu-2:softmax",
        "bpsym.typeset.sections.softmax_slope.SoftmaxSlope._total",
        of_the_wrong_unit,
    ),
    (
        "4-3:relu-2:softmax",
        "bpsym.typeset.sections.softmax_slope.SoftmaxSlope._cancelled",
        one_bracket_short,
    ),
    ("4-3:tanh-2:sigmoid,loss=bce", "bpsym.typeset.sections.fusion.Fusion.sides", turned_over),
    ("2-3-1", "bpsym.typeset.sections.definitions.between", slope_of_the_square),
)


@pytest.mark.parametrize(
    ("spec", "target", "fault", "name"),
    [
        (*planted, name)
        for planted in PLANTED
        for name in TOLD_IN
        # The loss has its own derivative there, and joins with no slope.
        if not (planted[2] is turned_over and name == "fully-connected")
    ],
)
def test_a_planted_fault_is_an_error(
    spec: str, target: str, fault: Any, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed(built_of(spec), notation=name)
    monkeypatch.setattr(target, fault)
    with pytest.raises(ProofError, match="could not be proven"):
        printed(built_of(spec), notation=name)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_certificate_counts_the_lines(lang: str) -> None:
    words = LANGUAGES[lang]
    document = printed(built_of("3-4-2:softmax"), lang=lang).document
    story = replace(story_of("3-4-2:softmax", "", "index"), proof=NOTHING_YET)
    story.document()
    count = len(story.lines.equalities)
    assert count > 15
    (section,) = (each for each in document.sections if each.title == words.certificate)
    assert words.as_printed(count) in [p for b in section.blocks for p in getattr(b, "points", ())]


def test_layers_that_are_alike_are_proven_once() -> None:
    deep, deeper = (proving("3" + "-3" * layers, "") for layers in (6, 40))
    for story in (deep, deeper):
        story.document()
    assert len(deep.lines.equalities) == len(deeper.lines.equalities)


def test_what_is_no_expression_is_not_taken_for_one() -> None:
    with pytest.raises(UnreadableError):
        Expressions().of(equation(Number(Fraction(1)), Number(Fraction(1))))
    with pytest.raises(UnreadableError):
        Expressions().of(Symbol("...", Kind.CONSTANT, "..."))
