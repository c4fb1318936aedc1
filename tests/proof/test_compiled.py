"""Formulas as closures, against sympy's own ``doit`` with numbers put in."""

import pytest
import sympy as sp

from bpsym.calculus.terms.functions import PRIMITIVES, define
from bpsym.calculus.terms.indexed import Iverson, element, index, scalar, size
from bpsym.proof.evaluate.compiled import Compiler
from bpsym.proof.values.digits import Digits
from bpsym.proof.values.field import Field, P

i, j, k = map(index, "ijk")
N, M = size("N"), size("M")
x, y = (lambda *s: element("x", *s)), (lambda *s: element("y", *s))
SIZES = {N: 3, M: 2}

FORMULAS = {
    "sum": sp.Sum(x(j), (j, 1, N)),
    "sum from 2": sp.Sum(x(j) ** 2, (j, 2, N)),
    "empty sum": sp.Sum(x(j), (j, 2, 1)),
    "product with a sum": x(i) * sp.Sum(x(j) * y(j, i), (j, 1, N)),
    "nested, same letter inside and outside": sp.Sum(
        x(j) * sp.Sum(x(j) ** 2, (j, 1, M)) * x(j), (j, 1, N)
    ),
    "shifted subscript": sp.Sum(x(2 * j - 1), (j, 1, M)),
    "delta": sp.Sum(sp.KroneckerDelta(j, i) * x(j), (j, 1, N)),
    "power": 1 / (1 + x(i) ** 2) ** 3,
    "size": sp.Sum(x(j), (j, 1, N)) / N,
    "index as a value": i * x(i) - N,
    "bracket": Iverson(sp.Le(i + 1, N)) * x(i),
}


def value_by_sympy(expr, at):
    """The exact rational value with x[i] = i + 1/2, y[i,j] = i/(j + 3)."""
    written = expr.xreplace({**{s: sp.Integer(v) for s, v in SIZES.items()}, i: sp.Integer(at)})
    written = written.doit()
    written = written.replace(
        lambda node: isinstance(node, sp.KroneckerDelta | Iverson), lambda node: node.doit()
    )
    return written.replace(lambda node: isinstance(node, sp.Indexed), given)


def given(node):
    return number_at(node.indices)


def number_at(subscripts):
    if len(subscripts) == 1:
        return sp.Integer(subscripts[0]) + sp.S.Half
    return sp.Rational(int(subscripts[0]), int(subscripts[1]) + 3)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_formula_has_the_value_that_sympy_gives_it(name, at):
    field = Field()
    compiler = Compiler(field, lambda tensor, place: field.number(number_at(place)))
    compiler.slot(i)
    closure = compiler.value(FORMULAS[name])
    expected = sp.Rational(value_by_sympy(FORMULAS[name], at))
    assert closure(compiler.indices({**SIZES, i: at})) == field.number(expected)


def test_the_first_limit_of_a_sum_is_the_innermost():
    """sympy leaves this one as it stands, so it is added up here."""
    field = Field()
    compiler = Compiler(field, lambda tensor, place: field.number(number_at(place)))
    closure = compiler.value(sp.Sum(y(k, j), (j, 1, k), (k, 1, N)))
    expected = sum(number_at((a, b)) for a in range(1, 4) for b in range(1, a + 1))
    assert closure(compiler.indices(SIZES)) == field.number(sp.Rational(expected))


def test_a_guard_is_asked_before_the_element_is_read():
    field = Field()

    def read(name, place):
        assert place[0] <= 3, "reads outside"
        return 7

    compiler = Compiler(field, read)
    slot = compiler.slot(i)
    closure = compiler.value(x(i + 1) * Iverson(sp.Le(i + 1, N)))
    assert closure(compiler.indices({N: 3, i: 3})) == 0
    assert closure(compiler.indices({N: 3, i: 2})) == 7
    assert slot == compiler.slot(i)


def test_a_guard_in_all_branches_is_asked_before_any_sign():
    field = Field()
    compiler = Compiler(field, lambda name, place: field.unknown((name, place)))
    delta = sp.KroneckerDelta(i, j)
    closure = compiler.value(sp.Piecewise((delta * x(i), x(i) > 0), (2 * delta, True)))
    assert closure(compiler.indices({i: 1, j: 2})) == 0
    assert field.decisions == []
    assert closure(compiler.indices({i: 1, j: 1})) in (2, field.unknown(("x", (1,))))
    assert len(field.decisions) == 1


CONDITIONS = {
    "and": sp.And(sp.Ge(i, 2), sp.Le(i, 3)),
    "or": sp.Or(sp.Lt(i, 2), sp.Gt(i, 3)),
    "not": sp.Not(sp.And(sp.Eq(i, 2), sp.Ne(N, 4))),
    "equal": sp.Eq(2 * i, N + 1),
}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_conditions_on_indices(name, at):
    compiler = Compiler(Field(), lambda tensor, place: 0)
    closure = compiler.value(Iverson(CONDITIONS[name]))
    holds = CONDITIONS[name].xreplace({i: sp.Integer(at), N: sp.Integer(3)})
    assert closure(compiler.indices({i: at, N: 3})) == int(bool(holds))


@pytest.mark.parametrize("relation", [sp.Gt, sp.Ge, sp.Lt, sp.Le])
@pytest.mark.parametrize("difference", [-1, 0, 1])
def test_comparisons_of_values(relation, difference):
    digits = Digits()
    compiler = Compiler(digits, lambda name, place: digits.context.mpf(difference))
    u = scalar("u")
    closure = compiler.value(sp.Piecewise((1, relation(u, 0)), (0, True)))
    assert closure([]) == int(bool(relation(sp.Integer(difference), 0)))


@pytest.mark.parametrize("name", PRIMITIVES)
def test_named_functions_are_their_definitions(name):
    digits = Digits(seed=5)
    u, delta = scalar("u"), scalar("delta")
    values = {"u": digits.draw(), "delta": digits.draw()}
    arguments = (u, delta) if name == "huber" else (u,)
    compiler = Compiler(digits, lambda tensor, place: values[tensor])
    found = compiler.value(PRIMITIVES[name](*arguments))([])
    substituted = {symbol: sp.Float(values[symbol.name], 60) for symbol in arguments}
    expected = define(PRIMITIVES[name](*arguments)).subs(substituted).evalf(50)
    assert abs(found - digits.context.mpf(str(expected))) < 1e-40


def test_what_cannot_be_evaluated_says_so():
    compiler = Compiler(Field(), lambda name, place: 1)
    with pytest.raises(NotImplementedError, match="Integral"):
        compiler.value(sp.Integral(scalar("u"), (scalar("u"), 0, 1)))
    with pytest.raises(KeyError):
        compiler.value(sp.gamma(scalar("u")))


def test_constants():
    field = Field()
    compiler = Compiler(field, lambda name, place: 0)
    pi = compiler.value(sp.pi)([])
    assert compiler.value(sp.sqrt(sp.pi))([]) ** 2 % P == pi
    assert compiler.value(sp.E)([]) == compiler.value(sp.exp(1))([])
    assert compiler.value(sp.sqrt(2))([]) ** 2 % P == 2
