"""Matrix equations are true as a reader computes them, and what has none says so."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from bpsym.errors import EmitError
from bpsym.typeset.document import Display, Paragraph
from bpsym.typeset.formulas.tree import (
    ONE,
    Apply,
    Chain,
    Formula,
    Joint,
    Kind,
    Matrix,
    Number,
    Product,
    Symbol,
    Terms,
    Transpose,
    negative,
    walk,
)
from bpsym.typeset.matrices.algebra import fewest_minus_signs, sizes_of_ones, transposed
from bpsym.typeset.matrices.view import Matrices
from bpsym.typeset.story import Story
from tests.typeset.networks import NAMES
from tests.typeset.notation_values import Reader, assert_has_no_word, story_of

NOTATIONS = ("", "watermelon", "haykin", "fully-connected", "nielsen", "ng", "cs224n")


def told(spec: str, notation: str) -> Story:
    """A story. Raises EmitError if the notation has no words for the network."""
    story = story_of(spec, notation)
    story.rewriter  # noqa: B018 - raises where a word is missing
    return story


def equations(story: Story) -> Iterator[tuple[str, Chain | None]]:
    """The matrix equation of each tensor and adjoint, by name."""
    matrices = Matrices(story)
    for relation in story.built.system.relations:
        yield relation.defines, matrices.forward(relation)
    for adjoint in story.derivation.adjoints:
        yield adjoint.name, matrices.adjoint(adjoint)


def noted(story: Story, chain: Chain) -> Chain:
    (block,) = story.noted(Display((chain,)))
    assert isinstance(block, Display)
    (found,) = block.formulas
    assert isinstance(found, Chain)
    return found


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("spec", NAMES)
def test_every_matrix_equation_is_true(spec: str, notation: str) -> None:
    try:
        story = told(spec, notation)
    except EmitError as reason:
        assert_has_no_word(reason)
        return
    reader, count = Reader(spec, notation), 0
    losses = {name for name, _ in story.built.system.objective}
    for name, chain in equations(story):
        if chain is not None and name not in losses:
            count += 1
            assert reader.wrong_sides(noted(story, chain)) == [], name
    assert count >= 2


def test_a_wrong_sum_is_seen() -> None:
    story = story_of("2-3-1", "")
    gradient = dict(equations(story))["db1"]
    assert gradient is not None
    ((_, side),) = gradient.rest
    assert isinstance(side, Product)
    of_rows = Product((side.factors[0].argument, side.factors[1]))  # type: ignore[union-attr]
    assert Reader("2-3-1", "").wrong_sides(Chain(gradient.first, (("=", of_rows),)))


@pytest.mark.parametrize("spec", NAMES)
def test_only_readers_of_a_concatenation_have_no_matrix_form(spec: str) -> None:
    story = story_of(spec, "")
    definitions = story.built.system.definitions
    left_out = [name for name, chain in equations(story) if chain is None]
    adjoint_of = story.table.adjoint_of
    for name in left_out:
        tensor = adjoint_of.get(name, name)
        readers = [each.defines for each in story.built.system.readers[tensor]]
        through = [each.defines for r in readers for each in story.built.system.readers[r]]
        assert any(len(definitions[each]) > 1 for each in (tensor, *readers, *through)), name


def test_a_line_without_matrix_form_says_why() -> None:
    story = Story(story_of("joined", "").derivation, story_of("joined", "").built, view="matrix")
    blocks = [block for section in story.document().sections for block in section.blocks]
    said = ["".join(map(str, each.text)) for each in blocks if isinstance(each, Paragraph)]
    assert sum("keeps its indices" in each and "block of the columns" in each for each in said) == 2
    joined = [
        side
        for block in blocks
        if isinstance(block, Display)
        for chain in block.formulas
        if isinstance(chain, Chain)
        for _, side in chain.rest
    ]
    assert sum(isinstance(side, Matrix) for side in joined) == 1


@pytest.mark.parametrize("notation", NOTATIONS)
def test_sums_are_code_only_where_the_text_has_code(notation: str) -> None:
    story = told(
        "4-3:prelu-2:softmax,loss=half_squared_error" if not notation else "2-3-1", notation
    )
    nodes = [node for _, chain in equations(story) if chain for node in walk(chain)]
    calls = [node for node in nodes if isinstance(node, Apply) and node.function == "np.sum"]
    ones = [n for n in nodes if isinstance(n, Symbol) and sizes_of_ones(n.name) is not None]
    assert bool(calls) == (notation == "ng")
    if not notation:
        assert ones


def test_code_has_sums_as_code() -> None:
    story = story_of("2-3-1", "")
    adjoint = story.derivation.by_tensor["b1"]
    chain = Matrices(story, in_code=True).adjoint(adjoint)
    assert chain is not None
    assert any(isinstance(each, Apply) and each.function == "np.sum" for each in walk(chain))


# The algebra

U, V = (Symbol(letter, Kind.TENSOR, letter) for letter in "uv")
HADAMARD = Product((U, V), Joint.HADAMARD)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (Product((U, V)), Product((Transpose(V), Transpose(U)))),
        (HADAMARD, Transpose(HADAMARD)),
        (
            Product((Transpose(U), Transpose(V)), Joint.HADAMARD),
            HADAMARD,
        ),
        (Transpose(U), U),
        (Product((Number(Fraction(2)), U)), Product((Number(Fraction(2)), Transpose(U)))),
        (Number(Fraction(2)), Number(Fraction(2))),
    ],
)
def test_as_few_letters_are_transposed_as_can_be(formula: Formula, expected: Formula) -> None:
    assert transposed(formula) == expected


def minus(left: Formula, right: Formula) -> Terms:
    return Terms(((1, left), (-1, right)))


def test_a_factor_takes_up_a_minus_sign() -> None:
    order = story_of("2-3-1", "").translator.order
    x = Apply("exp", (U,))
    product = Product((U, minus(x, ONE)), Joint.HADAMARD)
    turned = Product((U, minus(ONE, x)), Joint.HADAMARD)
    assert fewest_minus_signs(negative(product), order) == turned
    assert fewest_minus_signs(minus(V, product), order) == Terms(((1, V), (1, turned)))
    assert fewest_minus_signs(product, order) == product
    kept = negative(Product((U, minus(ONE, x)), Joint.HADAMARD))
    assert fewest_minus_signs(kept, order) == kept
