"""Every formula that is printed has the value of the equation that it was made from."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from bpsym.calculus.system import Role
from bpsym.calculus.terms.indexed import Iverson, element, index, size
from bpsym.typeset.formulas import from_sympy, order
from bpsym.typeset.formulas.evaluate import evaluate
from bpsym.typeset.formulas.from_sympy import Translator
from bpsym.typeset.formulas.tree import Apply, Chain, Formula, Product, Symbol, Terms, walk
from bpsym.typeset.terminal.formulas import Printer
from bpsym.typeset.terminal.glyphs import ASCII
from tests.typeset import oracle, values
from tests.typeset.networks import NAMES, derived

FORMULAS = ("Forward pass", "Cost", "Backward pass, from the output to the input", "Gradients")


def false_lines(name: str) -> list[str]:
    """The lines of a document that are not true: forward equations, adjoints, steps, gradients."""
    at = values.values(name)
    joined = {
        tensor
        for tensor, relations in derived(name, inputs=True)[0].system.definitions.items()
        if len(relations) > 1
    }
    return [
        f"{Printer().line(chain)}: {wrong[0]}"
        for chain in values.chains(values.story(name).document(), *FORMULAS)
        if getattr(chain.first, "name", None) not in joined  # each line defines one block
        if not any(isinstance(node, Apply) for node in walk(chain.first))  # test_definitions
        for wrong in [values.wrong_sides(chain, at)]
        if wrong
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_true(name: str) -> None:
    assert false_lines(name) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_forward_equation_is_the_relation(name: str) -> None:
    system = derived(name, inputs=True)[0].system
    translator = values.story(name).translator
    sympy_value = oracle.SympyValue(values.arrays(name), oracle.sizes_of(system))
    for relation in system.relations:
        each = oracle.relation_equation(relation, system)
        chain = translator.equation(each)
        for env in oracle.environments(each, sympy_value):
            here = values.values(name).at(**env)
            assert np.isclose(evaluate(chain, here), sympy_value.of(each.rhs, env))
            if relation.defines not in system.weights:
                assert np.isclose(evaluate(chain.first, here), sympy_value.of(each.lhs, env))


@pytest.mark.parametrize("name", NAMES)
def test_every_gradient_is_the_derivative_of_the_cost(name: str) -> None:
    system = derived(name, inputs=True)[0].system
    given = oracle.random_arrays(derived(name, inputs=True)[0])
    at = values.values(name)
    rounding = 4e-16 * abs(values.arrays(name)["C"]) / oracle.STEP
    found = set()
    for chain in values.chains(values.document(name), "Gradients"):
        tensor = chain.first.by
        last = chain.rest[-1][1]
        if tensor.name in found:
            continue
        found.add(tensor.name)
        everywhere = list(values.places(chain.first, at))
        for here in (everywhere[0], everywhere[-1]):
            place = tuple(here.indices[each.name] - 1 for each in tensor.subscripts)
            expected = oracle.difference(given, tensor.name, place, system)
            assert np.isclose(evaluate(last, here), expected, rtol=1e-5, atol=1e-7 + rounding)
    assert found == {each.name for each in system.of_role(Role.PARAMETER, Role.INPUT)}


def test_a_chain_by_hand() -> None:
    """The oracle agrees with numpy, so that not all can be wrong in the same way."""
    known = values.arrays("2-3-1")
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    a1 = sigmoid(known["X"] @ known["W1"].T + known["b1"])
    a2 = sigmoid(a1 @ known["W2"].T + known["b2"])
    delta2 = (a2 - known["Y"]) / 3 * a2 * (1 - a2)
    delta1 = delta2 @ known["W2"] * a1 * (1 - a1)
    assert np.isclose(known["C"], np.sum((a2 - known["Y"]) ** 2) / 6)
    assert np.allclose(known["delta1"], delta1)
    assert np.allclose(known["dW1"], delta1.T @ known["X"])


def planted_sign(self: order.Order, terms: object) -> tuple[tuple[int, Formula], ...]:
    """Loses the minus of a difference."""
    return tuple((1, term) for _, term in RIGHT_TERMS(self, terms))


def planted_subscripts(self: object, name: str, subscripts: tuple[Formula, ...] = ()) -> Symbol:
    """Writes W[i,k] for W[k,i]."""
    swapped = tuple(reversed(subscripts)) if name.startswith("W") else subscripts
    return RIGHT_TENSOR(self, name, swapped)


def planted_factor(self: order.Order, factors: object) -> tuple[Formula, ...]:
    """Drops the last factor."""
    kept = RIGHT_FACTORS(self, factors)
    return kept[:-1] if len(kept) > 1 else kept


RIGHT_TERMS = order.Order.terms
RIGHT_FACTORS = order.Order.factors
RIGHT_TENSOR = from_sympy.SymbolTable.tensor


@pytest.mark.parametrize(
    ("owner", "method", "fault"),
    [
        (order.Order, "terms", planted_sign),
        (order.Order, "factors", planted_factor),
        (from_sympy.SymbolTable, "tensor", planted_subscripts),
    ],
)
def test_a_planted_fault_is_seen(
    monkeypatch: pytest.MonkeyPatch, owner: type, method: str, fault: object
) -> None:
    values.arrays("2-3-1")
    values.functions("2-3-1")
    monkeypatch.setattr(owner, method, fault)
    built, derivation = derived("2-3-1", inputs=True)
    faulty = type(values.story("2-3-1"))(derivation, built)
    at = values.values("2-3-1")
    wrong = []
    for chain in values.chains(faulty.document(), *FORMULAS):
        if isinstance(chain.first, Apply):
            continue  # a function has no place in the network
        try:
            wrong += values.wrong_sides(chain, at)
        except IndexError as error:
            wrong.append(str(error))
    assert wrong


# How a mathematician writes it: sympy's expression, and the line.

n, i, j, k = (index(letter) for letter in "nijk")
a, y, delta = element("a2", n, i), element("Y", n, i), element("delta2", n, k)
m = size("m")
W = element("W2", k, i)
u = element("X", n, i)

HABITS = [
    (-y + a, "a2[n,i] - Y[n,i]"),
    (y - a, "Y[n,i] - a2[n,i]"),
    (-(y - a) / m, "(1/m) (a2[n,i] - Y[n,i])"),
    ((y - a) ** 2, "(a2[n,i] - Y[n,i])^2"),
    (sp.tanh(y - a), "-tanh(a2[n,i] - Y[n,i])"),
    (sp.Abs(y - a), "|a2[n,i] - Y[n,i]|"),
    (1 - a, "1 - a2[n,i]"),
    (a - 1, "a2[n,i] - 1"),
    (a * (1 - a) * (a - y), "(a2[n,i] - Y[n,i]) a2[n,i] (1 - a2[n,i])"),
    (delta * W, "W2[k,i] delta2[n,k]"),
    (sp.Sum(delta * W, (k, 1, m)) * a, "a2[n,i] sum_{k=1..m} W2[k,i] delta2[n,k]"),
    (u * element("delta2", n, i), "delta2[n,i] X[n,i]"),
    (element("b2", i) + sp.Sum(u, (i, 1, 3)), "sum_{i=1..3} X[n,i] + b2[i]"),
    (3 * a / 2, "(3/2) a2[n,i]"),
    (a / 100, "0.01 a2[n,i]"),
    (sp.Rational(3, 10) * a / m, "(0.3/m) a2[n,i]"),
    (2 * (a - u), "2 (a2[n,i] - X[n,i])"),
    ((2 * a - 2 * u) / 2, "a2[n,i] - X[n,i]"),
    (a / (m * u), "a2[n,i]/(m X[n,i])"),
    (sp.sqrt(a + 1), "sqrt(1 + a2[n,i])"),
    (1 / sp.sqrt(a), "1/sqrt(a2[n,i])"),
    (sp.Piecewise((a, a > 0), (0, True)), "max(0, a2[n,i])"),
    (sp.Piecewise((1, a > 0), (0, True)) * u, "[a2[n,i] > 0] X[n,i]"),
    (sp.Piecewise((u, a > 0), (0, True)), "[a2[n,i] > 0] X[n,i]"),
    (sp.Piecewise((0, a <= -3), (1, a <= 3), (0, True)), "[-3 < a2[n,i] <= 3]"),
    (sp.Piecewise((1, a > 0), (u, True)), "(1 if a2[n,i] > 0; else X[n,i])"),
    (sp.Piecewise((1, y - a >= 1), (u, True)), "(1 if a2[n,i] - Y[n,i] <= -1; else X[n,i])"),
    (Iverson(sp.Eq(i, k)), "[i = k]"),
    (sp.Sum(sp.KroneckerDelta(i, k) * a, (k, 1, m)), "sum_{k=1..m} a2[n,i] [k = i]"),
    (element("X", i + 2 * j - 1, size("n1") + i), "X[i+2j-1,n1+i]"),
    (-sp.Sum(y * sp.log(a), (i, 1, 3)) / m, "-(1/m) sum_{i=1..3} Y[n,i] log(a2[n,i])"),
]


@pytest.mark.parametrize(("expression", "line"), HABITS, ids=[line for _, line in HABITS])
def test_the_habits_of_mathematicians(expression: sp.Expr, line: str) -> None:
    translator = Translator(values.story("2-3-1").table)
    assert Printer(ASCII).line(translator.formula(expression)) == line


def test_the_order_does_not_depend_on_how_sympy_stores_it() -> None:
    translator = Translator(values.story("2-3-1").table)
    one = translator.formula(sp.Mul(a, 1 - a, W, evaluate=False))
    other = translator.formula(sp.Mul(W, 1 - a, a, evaluate=False))
    assert one == other
    assert isinstance(one, Product)
    assert isinstance(one.factors[-1], Terms)


def test_what_cannot_be_written_is_said() -> None:
    translator = Translator(values.story("2-3-1").table)
    with pytest.raises(TypeError, match="no way to write"):
        translator.formula(sp.Derivative(sp.Function("f")(a), a))


def test_a_chain_is_what_is_checked() -> None:
    assert all(isinstance(each, Chain) for each in values.chains(values.document("2-3-1")))
