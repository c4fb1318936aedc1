"""The zero test: what is equal is proven, what is not is refuted, and how."""

from itertools import pairwise

import pytest
import sympy as sp

from bpsym.calculus.equations import Equation, Range
from bpsym.calculus.terms.functions import sigmoid, softplus
from bpsym.calculus.terms.indexed import Iverson, element, index, size
from bpsym.proof.equality import Setting, prove_chain, prove_equality

i, j = index("i"), index("j")
N = size("N")
U, V, W = (sp.Symbol(name, real=True) for name in "uvw")
exp, log, sqrt = sp.exp, sp.log, sp.sqrt

# Real identities, each with the kind of its proof.
EQUAL = {
    "square of a sum": ((U + V) ** 2, U**2 + 2 * U * V + V**2, "exact"),
    "sigmoid of the opposite": (sigmoid(-U), 1 - sigmoid(U), "exact"),
    "sigmoid and tanh": (2 * sigmoid(2 * U) - 1, sp.tanh(U), "exact"),
    "softplus of the opposite": (softplus(-U), softplus(U) - U, "exact"),
    "tanh of twice": (sp.tanh(2 * U), 2 * sp.tanh(U) / (1 + sp.tanh(U) ** 2), "exact"),
    "logarithm of a product": (log(exp(U) * (1 + V**2)), U + log(1 + V**2), "exact"),
    "sine of a sum": (sp.sin(U + V), sp.sin(U) * sp.cos(V) + sp.cos(U) * sp.sin(V), "exact"),
    "rationalised": (1 / (sqrt(1 + U**2) - 1), (sqrt(1 + U**2) + 1) / U**2, "exact"),
    "maximum": (
        sp.Piecewise((U, U > V), (V, True)),
        (U + V + sp.Abs(U - V)) / 2,
        "exact",
    ),
    "two distinctions": (
        sp.Piecewise((1, U > 0), (0, True)) * sp.Piecewise((1, V > 0), (0, True)),
        sp.Piecewise((sp.Piecewise((1, V > 0), (0, True)), U > 0), (0, True)),
        "exact",
    ),
    # What follows from order, or from relations that the field does not look for.
    "root of a square": (sqrt(U**4 + 2 * U**2 + 1), U**2 + 1, "digits"),
    "arctan of the reciprocal": (
        sp.atan(exp(U)) + sp.atan(exp(-U)),
        sp.pi / 2,
        "digits",
    ),
}

DIFFERENT = {
    "a sign": (U - V, U + V),
    "one in a thousand": (U, U + sp.Rational(1, 1000)),
    "sigmoid and its slope": (sigmoid(U), sigmoid(U) * (1 - sigmoid(U))),
    "a root of either sign": (sqrt(1 - sp.sin(U) ** 2), sp.cos(U)),
    "wrong in one of eight branches": (
        sp.Piecewise((U * V * W, sp.And(U > 0, V > 0, W > 0)), (0, True)),
        sp.S.Zero,
    ),
    "wrong in one of two branches": (sp.Abs(U), U),
    "nearly": (sp.tanh(U), U - U**3 / 3 + 2 * U**5 / 15),
    "an exponent": (exp(U) * exp(V), exp(U * V)),
    "arctan, wrong": (sp.atan(exp(U)), sp.pi / 4 + exp(-U)),
}


# True, but one case never occurs, and neither algebra nor numbers can tell.
TRUE_AND_NOT_PROVEN = (sp.Abs(exp(U) - U), exp(U) - U)


def proven(left, right, seed=0):
    return prove_equality("rule", "here", left, right, (), Setting([{}], seed=seed))


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_equal_is_proven(name):
    left, right, kind = EQUAL[name]
    found = proven(left, right)
    assert found.ok, found
    assert found.kind == kind
    assert (found.error_bound is None) == (kind == "digits")
    if found.error_bound is not None:
        assert found.error_bound < 2**-60


@pytest.mark.parametrize("name", DIFFERENT)
@pytest.mark.parametrize("seed", range(8))
def test_what_is_different_is_refuted(name, seed):
    left, right = DIFFERENT[name]
    found = proven(left, right, seed)
    assert not found.ok
    assert found.counterexample is not None
    assert found.counterexample.left != found.counterexample.right


def test_a_case_that_never_occurs_is_not_taken_for_proven():
    found = proven(*TRUE_AND_NOT_PROVEN)
    assert not found.ok


def test_a_formula_without_any_value_is_not_proven():
    found = proven(1 / (sigmoid(U) + sigmoid(-U) - 1), sp.S.One)
    assert not found.ok
    assert "no point" in found.note


def test_a_formula_that_cannot_be_evaluated_is_not_proven():
    found = proven(sp.gamma(U), sp.gamma(U))
    assert not found.ok
    assert "gamma" in found.note


def test_all_branches_are_run_through():
    left, right, _ = EQUAL["two distinctions"]
    assert "all 4 branches" in proven(left, right).note


def test_branches_that_are_too_many_raise_the_error_bound():
    x = [sp.Symbol(f"x{k}", real=True) for k in range(10)]
    left = sp.Add(*(sp.Abs(each) for each in x))
    right = sp.Add(*(each * sp.sign(each) for each in x))
    found = proven(left, right)
    assert found.ok
    assert "only 64 branches" in found.note
    assert 2**-60 < found.error_bound < 1


CHAIN = [(U + V) ** 2, U**2 + 2 * U * V + V**2, U * (U + 2 * V) + V**2, (-U - V) ** 2]


def chained(formulas, seed=0):
    rules = [f"step {number}" for number in range(len(formulas) - 1)]
    return prove_chain(rules, "here", formulas, (), Setting([{}], seed=seed))


def test_a_chain_is_proven_as_its_equalities_are():
    found = chained(CHAIN)
    assert [each.rule for each in found] == ["step 0", "step 1", "step 2"]
    for each, (left, right) in zip(found, pairwise(CHAIN), strict=True):
        alone = proven(left, right)
        assert each.ok
        assert alone.ok
        assert (each.kind, each.note) == (alone.kind, alone.note)
        assert each.error_bound < 2**-50


@pytest.mark.parametrize("link", range(len(CHAIN)))
@pytest.mark.parametrize("name", DIFFERENT)
def test_a_wrong_formula_in_a_chain_fails_both_of_its_equalities_and_no_other(link, name):
    left, right = DIFFERENT[name]
    formulas = [left] * len(CHAIN)
    formulas[link] = right
    failed = {number for number, each in enumerate(chained(formulas)) if not each.ok}
    assert failed == {link - 1, link} & set(range(len(CHAIN) - 1))


def test_one_link_by_digits_leaves_the_others_exact():
    left, right, kind = EQUAL["root of a square"]
    found = chained([left, right, U * U + 1 + V - V])
    assert [each.kind for each in found] == [kind, "exact"]
    assert all(each.ok for each in found)


x, y, mean = (lambda *s: element("x", *s)), (lambda *s: element("y", *s)), sp.Symbol


def over_indices(left, right, equations=(), counts=(2, 3, 5)):
    vectors = [{N: count} for count in counts]
    domain = ((i, Range.upto(N)),)
    domains = {"x": domain, "y": domain, "M": ()}
    return prove_equality("rule", "here", left, right, domain, Setting(vectors, equations, domains))


CONTRACTION = sp.Sum(x(j) * sp.KroneckerDelta(i, j), (j, 1, N))


def test_sums_are_equal_for_every_index():
    assert over_indices(CONTRACTION, x(i)).ok


def test_a_difference_at_one_index_is_found_and_named():
    found = over_indices(CONTRACTION, x(i) * Iverson(sp.Le(i, 4)))
    assert not found.ok
    assert found.counterexample.indices == (5,)
    assert found.counterexample.sizes == {"N": 5}


def test_a_difference_at_one_size_is_found():
    total = sp.Sum(x(j), (j, 1, N))
    wrong = total * (1 + (N - 2) * (N - 3))
    assert over_indices(total, wrong, counts=(2, 3)).ok  # which is why more sizes are tried
    assert not over_indices(total, wrong).ok


def test_reading_outside_of_a_tensor_is_a_failure():
    found = over_indices(x(i + 1), x(i + 1))
    assert not found.ok
    assert "outside" in found.counterexample.left


def test_equations_are_used():
    """The terms of a centred sum cancel if the mean is the mean, and not for any other value."""
    M = sp.Symbol("M", real=True)
    centred = sp.Sum(x(j) - M, (j, 1, N))
    definition = Equation(M, sp.Sum(x(j), (j, 1, N)) / N, {})
    assert over_indices(centred, sp.S.Zero, (definition,)).ok
    assert not over_indices(centred, sp.S.Zero).ok


def test_the_same_seed_gives_the_same_verdict():
    left, right = DIFFERENT["a sign"]
    assert proven(left, right, 3) == proven(left, right, 3)
    assert proven(left, right, 3) != proven(left, right, 4)
