"""Elements and symbols with settled assumptions behave as sympy's own."""

import pickle

import pytest
import sympy as sp

from bpsym.calculus.terms.indexed import base, element, index, scalar, size
from bpsym.calculus.terms.settled import settle

PLAIN = {
    scalar("w"): sp.Symbol("w", real=True),
    index("i"): sp.Symbol("i", integer=True),
    size("n"): sp.Symbol("n", integer=True, positive=True),
    element("W", index("i"), index("j")): sp.IndexedBase(sp.Symbol("W"), real=True)[
        sp.Symbol("i", integer=True), sp.Symbol("j", integer=True)
    ],
}


@pytest.mark.parametrize("settled", PLAIN, ids=str)
def test_every_question_has_sympys_answer(settled):
    plain = PLAIN[settled]
    for fact in plain._assumptions.rules.defined_facts:
        assert getattr(settled, f"is_{fact}") is getattr(plain, f"is_{fact}"), fact


@pytest.mark.parametrize("settled", PLAIN, ids=str)
def test_the_order_and_the_text_are_sympys(settled):
    plain = PLAIN[settled]
    assert str(settled) == str(plain)
    assert sp.latex(settled) == sp.latex(plain)
    assert sp.default_sort_key(settled)[0] == sp.default_sort_key(plain)[0]


def test_a_settled_symbol_is_the_plain_one():
    assert index("i") == sp.Symbol("i", integer=True)
    assert hash(index("i")) == hash(sp.Symbol("i", integer=True))
    assert settle(sp.Symbol("q", real=True)) == sp.Symbol("q", real=True)


def test_elements_are_equal_where_tensor_and_subscripts_are():
    i, j = index("i"), index("j")
    assert element("W", i, j) == element("W", i, j) != element("W", j, i)
    assert element("W", i, j) != element("V", i, j)
    assert len({element("W", i, j), element("W", i, j), element("W", i, 1)}) == 2


def test_replacing_makes_elements_of_the_same_kind():
    i, j = index("i"), index("j")
    moved = element("W", i, j).xreplace({i: j, base("W"): base("V")})
    assert moved == element("V", j, j)
    assert moved.is_real
    assert not moved.is_integer


def test_an_element_survives_a_pickle():
    node = element("W", index("i"), 2)
    assert pickle.loads(pickle.dumps(node)) == node
