"""Every named step of a derivation, in every notation: each line is true as it is printed."""

from __future__ import annotations

import itertools
from functools import cache

import pytest

from bpsym.typeset.document import Document, Step
from bpsym.typeset.formulas.tree import Chain, Number, Product, Summation, Symbol, walk
from bpsym.typeset.notations import NOTATIONS
from bpsym.typeset.printed import printed
from bpsym.typeset.terminal.formulas import Printer
from tests.typeset.notation_values import Reader, built_of

SPECS = ("2-3-1", "2-3-4-2,l2=0.01", "3-2:relu-4:softmax")


@cache
def told(spec: str, name: str) -> Document:
    """The document with all steps."""
    return printed(built_of(spec), notation=name, steps=True, prove=False).document


def steps_of(spec: str, name: str) -> list[Chain]:
    blocks = [block for section in told(spec, name).sections for block in section.blocks]
    return [
        block.formula
        for block in blocks
        if isinstance(block, Step) and isinstance(block.formula, Chain)
    ]


@pytest.mark.parametrize(("spec", "name"), [*itertools.product(SPECS, NOTATIONS)])
def test_every_step_is_true(spec: str, name: str) -> None:
    reader, steps = Reader(spec, name), steps_of(spec, name)
    assert len(steps) > 8
    wrong = [
        f"{Printer().line(chain)}: {found[0]}"
        for chain in steps
        for found in [reader.wrong_sides(chain)]
        if found
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NOTATIONS)
def test_a_false_step_is_seen(name: str) -> None:
    chain = steps_of("2-3-1", name)[0]
    relation, side = chain.rest[-1]
    false = Chain(chain.first, ((relation, Product((Number(2), side))),))  # type: ignore[arg-type]
    assert Reader("2-3-1", name).wrong_sides(false)


@pytest.mark.parametrize(("spec", "name"), [*itertools.product(SPECS, NOTATIONS)])
def test_no_sum_takes_the_letter_of_another(spec: str, name: str) -> None:
    for chain in steps_of(spec, name):
        for node in walk(chain):
            if isinstance(node, Summation):
                inner = [each for each in walk(node.body) if isinstance(each, Summation)]
                assert node.index.name not in [each.index.name for each in inner]
        free = {each.name for each in walk(chain.first) if isinstance(each, Symbol)}
        sums = {each.index.name for each in walk(chain) if isinstance(each, Summation)}
        assert not free & sums


@pytest.mark.parametrize("name", NOTATIONS)
def test_formulas_of_one_sample_do_not_number_it(name: str) -> None:
    if NOTATIONS[name].samples.value == "one":
        for chain in steps_of("2-3-1", name):
            assert "[1 = n]" not in Printer().line(chain)
