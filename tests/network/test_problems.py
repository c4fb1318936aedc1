"""All problems of a declaration come in one report."""

import re

import pytest

from bpsym.errors import MOST_PRINTED, BpsymError, NetworkError, Problem
from bpsym.network import parse
from tests.network.problems import CHAIN, chain


def test_the_declaration_that_is_spoilt_is_sound():
    assert parse(CHAIN).width("o") == 2


def test_all_problems_at_once():
    declared = chain(reduction="avg", l2=-1)
    declared["layer"] = [
        {"name": "h", "units": 3, "activation": "tahn"},
        {"name": "g", "equation": "g[n,i] = sum(j, U[i,k]*h[n,j])"},
        {"kind": "add", "from": ["h", "q"]},
        {"units": 2, "share": "h", "bias": 1},
    ]
    declared["loss"] = [{"of": "4", "kind": "hinge", "margin": 2}, {"of": "h"}]
    with pytest.raises(NetworkError) as caught:
        parse(declared)
    text = str(caught.value)
    for sign in ("reduction", "l2", "'tahn'", "k in U[...]", "'q'", "same units", "'margin'"):
        assert sign in text
    assert text.startswith(f"{len(caught.value.problems)} problems\n")


def test_problems_come_in_the_order_of_the_declaration():
    declared = chain(l2="much")
    declared["layer"] = [
        {"name": "h", "units": 3, "from": ["q"]},
        {"name": "g", "equation": "g[n,i] = sum(j, U[i,k]*h[n,j])"},
        {"units": 0},
        {"units": 2, "activation": "tahn"},
    ]
    declared["loss"] = [{"of": "4", "kind": "hing"}]
    with pytest.raises(NetworkError) as caught:
        parse(declared)
    places = [each.where for each in caught.value.problems]
    seen = [re.search(r"layer \d|loss|network", each)[0] for each in places]
    assert seen == ["network", "layer 1", "layer 2", "layer 3", "layer 4", "loss"]


def test_a_report_does_not_fill_the_screen():
    with pytest.raises(NetworkError) as caught:
        parse(chain(layer=[{}] * 2000))
    lines = str(caught.value).splitlines()
    assert len(caught.value.problems) == 2000
    assert len(lines) == 2 * MOST_PRINTED + 2
    assert lines[-1] == f"and {2000 - MOST_PRINTED} more"


def test_how_a_problem_reads():
    problem = Problem("layer 2 'h2' of 'mlp'", "unknown activation", "tanh", "'tahn'", "write tanh")
    assert str(BpsymError(problem)) == (
        "layer 2 'h2' of 'mlp': unknown activation.\n  expected tanh, got 'tahn'.  Write tanh."
    )
    assert str(BpsymError(problem, problem)) == f"2 problems\n{problem}\n{problem}"
