"""Which names are let in, and that nothing an emitted module defines can be shadowed."""

from keyword import kwlist
from pathlib import Path

import pytest

from bpsym.errors import quoted
from bpsym.text.functions import FUNCTIONS
from bpsym.text.names import (
    EMITTED_WORDS,
    index_name_problem,
    is_name,
    parameter_name_problem,
    tensor_name_problem,
)

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.mark.parametrize("name", ["x", "h1", "loss1", "W1", "match", "np", "params", "A" * 32])
def test_harmless_names_work(name):
    assert is_name(name)
    assert tensor_name_problem(name, "here", "layer name") is None


@pytest.mark.parametrize(
    "name",
    ["", "1", "1a", "_a", "a-b", "a b", "a.b", "é", "\uff58", "x\n", "x" * 33, "x\0", "__x__"],
)
def test_what_is_no_name(name):
    assert not is_name(name)
    problem = tensor_name_problem(name, "here", "layer name")
    assert problem is not None
    assert problem.where == "here"
    assert str(problem).replace("\n", "").isprintable()


@pytest.mark.parametrize("name", [*kwlist, "n"])
def test_words_that_no_formula_can_hold(name):
    assert tensor_name_problem(name, "here", "layer name") is not None


@pytest.mark.parametrize("name", [*FUNCTIONS, "sum", "where", "atan", "n", "m", "pi"])
def test_words_of_formulas(name):
    assert index_name_problem(name, "here") is not None
    assert parameter_name_problem(name, "here") is not None


@pytest.mark.parametrize("name", ["z", "a", "delta", "adj", "X", "Y"])
def test_a_parameter_leaves_the_layer_its_own_names(name):
    assert parameter_name_problem(name, "here") is not None
    assert index_name_problem(name, "here") is None


def test_no_parameter_can_take_the_name_of_a_kernel():
    kernels = {path.stem for path in TEMPLATES.glob("*/kernels/*.py")}
    assert {name for name in kernels if "_" in name} <= EMITTED_WORDS


@pytest.mark.parametrize(
    ("text", "shown"),
    {
        "隐层": "'隐层'",
        "café": "'café'",
        "h": "'h'",
        "\u0430": r"'\u0430'",  # Cyrillic, looks like a
        "\uff48": r"'\uff48'",  # full width h
        "h\u200b": r"'h\u200b'",
        "h\n": r"'h\n'",
        "\u03bf": r"'\u03bf'",  # Greek, looks like o
    }.items(),
)
def test_a_name_is_quoted_so_that_it_is_not_mistaken(text, shown):
    assert quoted(text) == shown
